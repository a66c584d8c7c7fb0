import { unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

import { TidegateError, type ByteSource, type Finding, type Session } from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'

import { finding } from '../finding-codes.ts'
import { giveName } from './give-name.ts'
import { lossManifest, lossPath, withdrawManifest, writeManifest } from './loss-manifest.ts'
import type { RepairPlan } from './plan.ts'
import type { RepairReport } from './report.ts'
import { rewriteFile } from './rewrite/rewrite-file.ts'
import type { TempFiles } from './temp-files.ts'
import { verifyRepair } from './verify-repair.ts'
import { writePieces } from './write-pieces.ts'
import { verifyFailed, type WriteOptions, type WrittenRepair } from './written-repair.ts'

export type WriteRepairOptions = Omit<WriteOptions, 'session'> & {
  /** Asked for once the bytes are written: an engine that only waits takes its memory, too. */
  readonly openSession: () => Promise<Session | undefined>
}

/** Writes what a plan says to a temp file and verifies it. `base`: what the plan's pieces refer to. */
export async function writeRepair(
  base: ByteSource,
  plan: RepairPlan,
  options: WriteRepairOptions,
): Promise<WrittenRepair> {
  const { temps, openSession, limits, signal, onProgress } = options
  if (plan.kind !== 'repair')
    throw new TidegateError('REPAIR_REFUSED', 'the plan has nothing to write', {
      hint: 'Read its findings; a better schema source (a sibling of the same table) may help.',
      dataNow: 'Nothing was written.',
    })
  const temp = temps.next()
  const patched = await writePieces(base, plan.pieces, temp, {
    signal,
    onBytes: (bytes, totalBytes) => onProgress?.({ stage: 'write', bytes, totalBytes }),
  })
  onProgress?.({ stage: 'verify', bytes: 0, totalBytes: patched.sizeBytes })
  const session = await openSession()
  if (plan.rewrite !== undefined)
    return session === undefined
      ? { kind: 'refused', finding: noEngine(), verification: undefined }
      : await rewriteFile(temp, plan, plan.rewrite, { ...options, session })
  // Also the bytes that were kept: their pages were read when this was planned, but from another file, at other offsets.
  const verification = await verifyRepair(temp, plan.rowGroups, { session, limits, signal })
  onProgress?.({ stage: 'verify', bytes: patched.sizeBytes, totalBytes: patched.sizeBytes })
  if (!verification.ok) return { kind: 'refused', finding: verifyFailed(verification), verification }
  return { kind: 'written', temp, ...patched, plan, verification }
}

function noEngine(): Finding {
  return finding('PQ606', 'Rows can be encoded anew only by DuckDB; install @tidegate/duckdb.', { severity: 'fatal' })
}

export interface NameOptions {
  readonly temps: TempFiles
  /** Bytes of the source. */
  readonly sourceBytes: number
  readonly outBytes: number
  readonly onPhase?: ((phase: RepairPhase) => void | Promise<void>) | undefined
}

/** Moments at which a repair may be killed. */
export type RepairPhase = 'planned' | 'written' | 'manifest' | 'named'

/** Gives a verified file its name; where anything is lost, its manifest comes first. @throws REPAIR_OUT_EXISTS */
export async function nameRepair(
  temp: string,
  report: RepairReport & { readonly out: string; readonly outSha256: string },
  { temps, sourceBytes, outBytes, onPhase }: NameOptions,
): Promise<void> {
  const folder = dirname(report.out)
  const path = lossPath(report.out)
  const manifest = lossManifest(report, { source: sourceBytes, out: outBytes })
  const written = report.lossFile === undefined ? 'none' : await writeManifest(path, manifest, temps.next())
  if (written !== 'none') await fsyncFolder(folder)
  await onPhase?.('manifest')
  try {
    await giveName(temp, report.out)
  } catch (error) {
    if (written === 'created') await withdrawManifest(path, manifest)
    throw error
  }
  await unlink(temp).catch(() => undefined)
  await fsyncFolder(folder)
  await onPhase?.('named')
}
