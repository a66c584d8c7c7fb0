/**
 * Which files are new. Pure: the listing, the known versions and the hashes come in as values.
 *
 * Identity (design §1): the same stamp is not opened; a moved stamp is hashed; bytes equal to this path's newest known or
 * newest loaded version are a touch; anything else is the next ordinal, so A→B→A is three versions. Bytes that are to be
 * judged again keep their ordinal, unless rows of another version of the path are live: then they are a version that
 * replaces it.
 */
import { fileVersionId, type FileRecord, type FileVersion, type FileVersionId, type SourceFile } from '@tidegate/core'

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
  /** Versions to be looked at although nothing changed about them: see {@link lostDuplicates}. */
  readonly lost?: ReadonlySet<FileVersionId> | undefined
}

/**
 * Versions that were skipped as duplicates, and whose original is gone since: it was replaced, or it was never recorded
 * because it changed while it was read, or it was held for its name. Their rows are nowhere, so they have to be judged
 * after all. `leaving` are live versions that the run in hand takes out of the target; they count as gone.
 */
export function lostDuplicates(
  known: ReadonlyMap<string, readonly FileRecord[]>,
  leaving: ReadonlySet<FileVersionId> = new Set(),
): ReadonlySet<FileVersionId> {
  const skipped: FileRecord[] = []
  for (const versions of known.values()) {
    for (const record of versions) if (record.outcome === 'skipped' && record.duplicateOf !== null) skipped.push(record)
  }
  if (skipped.length === 0) return new Set()
  const all = [...known.values()].flat()
  const staying = all.filter((record) => record.live && !leaving.has(record.id))
  const kept = new Set([...staying, ...all.filter((record) => speaksForCopies(record))].map((record) => record.id))
  const liveBytes = new Set(staying.map((record) => bytesKey(record)))
  return new Set(
    skipped
      .filter((record) => !kept.has(record.duplicateOf ?? '') && !liveBytes.has(bytesKey(record)))
      .map((record) => record.id),
  )
}

/**
 * A held original's copies would be held for the same reasons, unless one was its name: that is all they do not share. Those
 * of an original whose rows were all superseded are as old as it is.
 */
function speaksForCopies(record: FileRecord): boolean {
  const isSuperseded = (record.rowsSuperseded ?? 0) > 0 && !record.live
  if (isSuperseded && (record.rowsSuperseded ?? 0) >= record.rowsLoaded + (record.rowsReplayed ?? 0)) return true
  return record.outcome === 'held' && !record.reasons.some((reason) => reason.check === 'file:name')
}

function bytesKey(record: FileRecord): string {
  return `${record.dataset}\0${record.hash}`
}

export function classifyListing(
  files: readonly SourceFile[],
  known: ReadonlyMap<string, readonly FileRecord[]>,
  options: ClassifyOptions,
): ClassifiedListing {
  const unchanged: { file: SourceFile; record: FileRecord }[] = []
  const settling: SourceFile[] = []
  const toHash: SourceFile[] = []
  const lost = options.lost ?? new Set()
  for (const file of files) {
    const record = recordByStamp(known.get(file.path), file.stamp)
    if (!options.force && record !== undefined && !lost.has(record.id)) unchanged.push({ file, record })
    // A clock that ran backwards must not make a file wait for ever: the future counts as settled.
    else if (isSettling(file, options)) settling.push(file)
    else toHash.push(file)
  }
  return { unchanged, settling, toHash }
}

/** An older version's stamp may come back (a restored inode): only those that a touch is told by settle the matter unopened. */
function recordByStamp(versions: readonly FileRecord[] | undefined, stamp: string): FileRecord | undefined {
  const newest = versions?.at(-1)
  if (versions === undefined || newest === undefined || newest.stamp === stamp) return newest
  const loaded = newestLoadedOf(versions)
  return loaded?.stamp === stamp ? loaded : undefined
}

/** Whether what was changed then may still be written to. */
export function isSettling(
  { modifiedAtMs }: Pick<SourceFile, 'modifiedAtMs'>,
  { nowMs, settleMs }: Pick<ClassifyOptions, 'nowMs' | 'settleMs'>,
): boolean {
  const ageMs = nowMs - modifiedAtMs
  return ageMs >= 0 && ageMs < settleMs
}

export type Identity =
  | { readonly kind: 'touched'; readonly record: FileRecord; readonly file: SourceFile }
  | {
      readonly kind: 'version'
      readonly version: FileVersion
      /** The live version of the same path, whose rows `overwrites: replace` takes away; with `again` only ever itself. */
      readonly replaces: FileRecord | undefined
      /** Older versions of the same path that were held: `overwrites` says whether they are outdated by this one. */
      readonly overtakes: readonly FileVersionId[]
      /** True when this very version has an entry already (--force, retry). */
      readonly again: boolean
    }

export function identifyVersion(
  file: SourceFile,
  hash: string,
  versions: readonly FileRecord[],
  options: {
    readonly source: string
    readonly dataset: string
    readonly force: boolean
    /** Versions of this path that other targets of the source know: the same bytes have the same ordinal everywhere. */
    readonly elsewhere?: readonly Pick<FileVersion, 'ordinal' | 'contentHash'>[] | undefined
  },
): Identity {
  const newest = versions.at(-1)
  const live = versions.findLast((version) => version.live)
  const same = [newest, newestLoadedOf(versions)].find((version) => version !== undefined && version.hash === hash)
  if (same !== undefined && !options.force) return { kind: 'touched', record: same, file }
  // A version that was held or skipped beside a live older one enters as a new one, which replaces that in the log's sense;
  // and one that another dataset's log knows is new to this one.
  const again = same !== undefined && same.dataset === options.dataset && (live === undefined || live === same)
  const ordinal = again ? same.ordinal : nextOrdinal(hash, newest?.ordinal ?? 0, options.elsewhere ?? [])
  return {
    kind: 'version',
    again,
    replaces: live,
    overtakes: versions.flatMap((older) =>
      older.outcome === 'held' && older.dataset === options.dataset && older.ordinal < ordinal ? [older.id] : [],
    ),
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

function nextOrdinal(
  hash: string,
  newest: number,
  elsewhere: readonly Pick<FileVersion, 'ordinal' | 'contentHash'>[],
): number {
  const same = elsewhere.filter((version) => version.contentHash === hash && version.ordinal > newest)
  if (same.length > 0) return Math.max(...same.map((version) => version.ordinal))
  return Math.max(newest, ...elsewhere.map((version) => version.ordinal)) + 1
}

function newestLoadedOf(versions: readonly FileRecord[]): FileRecord | undefined {
  return versions.findLast((version) => version.outcome === 'loaded')
}
