import { constants, realpathSync } from 'node:fs'
import { access, mkdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { codeOf, messageOf, TidegateError } from '@tidegate/core'
import type { CommandContext } from '../../context.ts'
import type { Named, TargetPlace } from '../../doctor-targets.ts'

export interface Results {
  /** Where the repaired copy of a file goes; makes the folders above it. */
  pathFor(target: TargetPlace): Promise<string>
  /** True for what lies in the folder of the results. */
  holds(absolute: string): boolean
  /** Folders that were made, the deepest first. */
  made(): readonly string[]
}

/**
 * Looks at `--out` before anything is read. A name that ends in .parquet is a file where one file is repaired, else a
 * folder.
 *
 * @throws TidegateError REPAIR_OUT_IS_SOURCE, REPAIR_OUT_EXISTS, USAGE_OUT
 */
export async function placeResults(given: string, named: readonly Named[], context: CommandContext): Promise<Results> {
  const out = path.resolve(context.options.directory, given)
  const info = await stat(out).catch(() => undefined)
  const [only] = named
  const isFile = named.length === 1 && only?.kind === 'file' && DATA_NAME.test(out) && info?.isDirectory() !== true
  // A file that exists is refused by the repair itself, which knows whether it is the source.
  if (!isFile && info !== undefined && !info.isDirectory())
    throw new TidegateError('USAGE_OUT', `--out ${given} is a file`, {
      hint: 'Name a folder; for one file also a name that does not exist and ends in .parquet.',
      dataNow: 'Nothing was read or changed.',
    })
  if (!isFile) await refuseSourceFolder(out, named)
  if (await isBelowSource(out, named))
    context.progress.message(
      'warn',
      `--out ${given} lies in a folder that is repaired: what reads all of that folder reads these rows twice`,
    )
  const made = new Set<string>()
  const makeFolder = async (folder: string): Promise<void> => {
    const first = await mkdir(folder, { recursive: true }).catch(
      async (error: unknown) => await refuseFolder(folder, error),
    )
    if (first === undefined) return
    for (let at = folder; ; at = path.dirname(at)) {
      made.add(at)
      if (at === first || at === path.dirname(at)) return
    }
  }
  const realOut = await realpath(out).catch(() => out)
  return {
    async pathFor({ below }) {
      const file = isFile ? out : path.join(out, unpackedName(below))
      await makeFolder(path.dirname(file))
      return file
    },
    holds: (absolute) => !isFile && (isWithin(absolute, out) || isWithin(realOf(absolute), realOut)),
    made: () => [...made].toSorted((a, b) => b.length - a.length),
  }
}

const DATA_NAME = /\.(parquet|parq|pq)$/iu

/** What comes out of `x.parquet.gz` is bare. */
function unpackedName(below: string): string {
  return below.replace(/(\.(?:parquet|parq|pq))\.(?:gz|gzip|zst|zstd|zip)$/iu, '$1')
}

/** On a file system that is read-only, Node says of a deep folder that it does not exist. */
async function refuseFolder(folder: string, error: unknown): Promise<never> {
  let above = path.dirname(folder)
  while (!(await exists(above)) && above !== path.dirname(above)) above = path.dirname(above)
  if ((await stat(above).catch(() => undefined))?.isDirectory() === false)
    throw new TidegateError('REPAIR_OUT_FOLDER', `the folder ${folder} cannot be made: ${above} is a file`, {
      hint: 'Name another folder.',
      dataNow: 'Nothing was written.',
      cause: error,
    })
  const denied = await access(above, constants.W_OK | constants.X_OK).then(
    () => (DENIED.has(codeOf(error) ?? '') ? error : undefined),
    (reason: unknown) => reason,
  )
  if (denied !== undefined)
    throw new TidegateError('WRITE_DENIED', `the folder ${folder} cannot be made: ${messageOf(denied)}`, {
      hint: 'Give this user the right to write there, or choose another folder.',
      dataNow: 'Nothing was written.',
      cause: error,
    })
  if (FULL.has(codeOf(error) ?? ''))
    throw new TidegateError('DISK_FULL', `no space left for the folder ${folder}`, {
      hint: 'Free space on this disk (or raise the quota) and run again.',
      retryable: true,
      dataNow: 'Nothing was written.',
      cause: error,
    })
  throw error
}

const DENIED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS'])
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

async function exists(absolute: string): Promise<boolean> {
  return await stat(absolute).then(
    () => true,
    () => false,
  )
}

/** Later results are left alone by later runs of the same words; other readers know nothing of them. */
async function isBelowSource(out: string, named: readonly Named[]): Promise<boolean> {
  const real = await realOrAbove(out)
  for (const each of named) {
    const folder = folderOf(each)
    if (folder !== undefined && isWithin(real, await realpath(folder).catch(() => folder))) return true
  }
  return false
}

/** The real path of what may not exist yet. */
async function realOrAbove(absolute: string): Promise<string> {
  const above = path.dirname(absolute)
  if (above === absolute) return absolute
  const real = await realpath(absolute).catch(() => undefined)
  return real ?? path.join(await realOrAbove(above), path.basename(absolute))
}

/** What is gone through; undefined for a single file. */
function folderOf(named: Named): string | undefined {
  if (named.kind === 'folder') return named.absolute
  if (named.kind === 'glob') return named.root
  return named.kind === 'source' ? named.source.root : undefined
}

/** Copies beside their sources would be read together with them. */
async function refuseSourceFolder(out: string, named: readonly Named[]): Promise<void> {
  const real = await realpath(out).catch(() => out)
  for (const each of named) {
    const folder = folderOf(each)
    if (folder === undefined || (await realpath(folder).catch(() => folder)) !== real) continue
    throw new TidegateError('REPAIR_OUT_IS_SOURCE', `--out ${out} is the folder of the files that are to be repaired`, {
      hint: 'Name another folder: sources are never changed, and a copy beside its source would be read twice.',
      dataNow: 'Nothing was read or changed.',
    })
  }
}

function realOf(absolute: string): string {
  try {
    return realpathSync(absolute)
  } catch {
    return absolute
  }
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)
}
