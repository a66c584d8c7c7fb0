import { open, readFile, stat, unlink } from 'node:fs/promises'

import { localStore } from '@tidegate/storage'

import { giveName } from './give-name.ts'
import { ignoreMissing, outExists } from './refuse-out.ts'
import type { LossManifest, RepairReport } from './report.ts'
import { writeError } from './write-error.ts'

export function lossPath(out: string): string {
  return `${out}.loss.json`
}

/** `sizes`: of the source and of the result. */
export function lossManifest(
  report: RepairReport & { readonly out: string; readonly outSha256: string },
  sizes: { readonly source: number; readonly out: number },
): LossManifest {
  const { totals, loss, findings } = report.summary
  return {
    format: 1,
    source: { path: report.source, sha256: report.sourceSha256, bytes: sizes.source },
    out: { path: report.out, sha256: report.outSha256, bytes: sizes.out },
    totals,
    loss,
    findings,
  }
}

/**
 * Writes the manifest under its name, before the file that it is about gets one. Of a repair that was killed in between, its
 * manifest may be there already: the same one stays. @throws REPAIR_OUT_EXISTS for any other
 */
export async function writeManifest(path: string, manifest: LossManifest, temp: string): Promise<'created' | 'there'> {
  const handle = await open(temp, 'wx')
  try {
    await handle.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`)
    await handle.sync()
  } catch (error) {
    throw writeError(path, error)
  } finally {
    await handle.close()
  }
  try {
    await giveName(temp, path)
    return 'created'
  } catch (error) {
    if (await isAbout(path, manifest.out)) return 'there'
    throw error
  }
}

/** Takes back a manifest, unless the file it is about is there after all, by somebody who was faster. */
export async function withdrawManifest(path: string, { out }: LossManifest): Promise<void> {
  const isThere = (await stat(out.path).catch(ignoreMissing)) !== undefined
  if (isThere && (await localStore().hash(out.path)) === out.sha256) return
  await unlink(path).catch(ignoreMissing)
}

/** A manifest of another file is in the way; one that a killed repair to the same name left is not, if nothing is lost. */
export async function refuseForeignManifest(out: string): Promise<void> {
  const path = lossPath(out)
  const about = await readManifest(path)
  if (about === 'none') return
  if (about === 'foreign' || about.out.path !== out) throw outExists(path)
}

async function isAbout(path: string, out: LossManifest['out']): Promise<boolean> {
  const there = await readManifest(path)
  return typeof there === 'object' && there.out.sha256 === out.sha256 && there.out.path === out.path
}

async function readManifest(path: string): Promise<LossManifest | 'none' | 'foreign'> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return ignoreMissing(error) ?? 'none'
  }
  try {
    const value = JSON.parse(text) as Partial<LossManifest> | null
    return value?.format === 1 && typeof value.out?.sha256 === 'string' ? (value as LossManifest) : 'foreign'
  } catch {
    return 'foreign'
  }
}
