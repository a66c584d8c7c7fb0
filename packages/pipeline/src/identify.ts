/**
 * Which files are new. Pure: the listing, the known versions and the hashes come in as values.
 *
 * Identity (design §1): the same stamp is not opened; a moved stamp is hashed; bytes equal to this path's newest known or
 * newest loaded version are a touch; anything else is the next ordinal, so A→B→A is three versions.
 */
import { fileVersionId, type FileRecord, type FileVersion, type SourceFile } from '@tidegate/core'

export interface ClassifiedListing {
  /** Known by stamp; nothing to do. */
  readonly unchanged: readonly { readonly file: SourceFile; readonly record: FileRecord }[]
  /** Written to just now: waits for a later run. */
  readonly settling: readonly SourceFile[]
  /** New path or moved stamp: must be hashed. */
  readonly toHash: readonly SourceFile[]
}

export interface ClassifyOptions {
  readonly nowMs: number
  readonly settleMs: number
  /** Treat every file as to be looked at, known or not. */
  readonly force: boolean
}

export function classifyListing(
  files: readonly SourceFile[],
  known: ReadonlyMap<string, readonly FileRecord[]>,
  options: ClassifyOptions,
): ClassifiedListing {
  const unchanged: { file: SourceFile; record: FileRecord }[] = []
  const settling: SourceFile[] = []
  const toHash: SourceFile[] = []
  for (const file of files) {
    const record = known.get(file.path)?.findLast((version) => version.stamp === file.stamp)
    const newest = known.get(file.path)?.at(-1)
    // An older version's stamp may come back (a restored inode): only the newest one settles the matter unopened.
    if (!options.force && record !== undefined && record === newest) unchanged.push({ file, record })
    // A clock that ran backwards must not make a file wait for ever: the future counts as settled.
    else if (isSettling(file, options)) settling.push(file)
    else toHash.push(file)
  }
  return { unchanged, settling, toHash }
}

function isSettling(file: SourceFile, { nowMs, settleMs }: ClassifyOptions): boolean {
  const ageMs = nowMs - file.modifiedAtMs
  return ageMs >= 0 && ageMs < settleMs
}

export type Identity =
  | { readonly kind: 'touched'; readonly record: FileRecord; readonly file: SourceFile }
  | {
      readonly kind: 'version'
      readonly version: FileVersion
      /** The live version of the same path, whose rows `overwrites: replace` takes away (under --force also itself). */
      readonly replaces: FileRecord | undefined
      /** True when this very version has an entry already (--force, retry). */
      readonly again: boolean
    }

export function identifyVersion(
  file: SourceFile,
  hash: string,
  versions: readonly FileRecord[],
  options: { readonly source: string; readonly dataset: string; readonly force: boolean },
): Identity {
  const newest = versions.at(-1)
  const newestLoaded = versions.findLast((version) => version.outcome === 'loaded')
  const live = versions.findLast((version) => version.live)
  const same = [newest, newestLoaded].find((version) => version !== undefined && version.hash === hash)
  if (same !== undefined && !options.force) return { kind: 'touched', record: same, file }
  const ordinal = same?.ordinal ?? (newest?.ordinal ?? 0) + 1
  return {
    kind: 'version',
    again: same !== undefined,
    replaces: live,
    version: {
      ...file,
      id: fileVersionId(options.source, file.path, ordinal),
      source: options.source,
      dataset: options.dataset,
      ordinal,
      contentHash: hash,
    },
  }
}
