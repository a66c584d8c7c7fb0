import type { Reason } from './check-result.ts'
import type { FindingCode } from './diagnosis.ts'
import type { FileVersionId, Stamp } from './file-version.ts'
import type { ColumnSchema } from './session.ts'

/**
 * One entry of a destination's commit log: `<target>/_tidegate/log/<seq, 20 digits>.json`.
 *
 * It suffices for recovery on its own (no entry refers to another for facts): which file versions were judged and how,
 * which parts became visible, which left, where the rejected rows and held files are. Unknown fields are ignored by
 * readers; `format` changes only when an old reader would go wrong.
 */
export interface LedgerEntry {
  readonly format: 1
  readonly seq: number
  readonly batch: string
  readonly run: string
  readonly attempt: number
  readonly fence: number
  readonly source: string
  readonly dataset: string
  /** UTC ISO 8601. */
  readonly committedAt: string
  readonly files: readonly LedgerFile[]
  readonly add: readonly LedgerPart[]
  /** Parts that this entry takes away (visible paths). Each must be live before it. */
  readonly remove: readonly string[]
  readonly rejected: readonly RejectedPart[]
  /** Quarantine records that this entry closes, each once for ever: replayed, released or discarded. */
  readonly consumes: readonly string[]
  /** What became of the rows of the consumed records; none for a held file that is judged again as a whole. */
  readonly replays?: readonly Replay[] | undefined
  /**
   * How its rows met those that were there. Absent: append. With `replace` and `upsert`, `superseded` says whose rows left.
   */
  readonly mode?: 'append' | 'replace' | 'upsert' | undefined
  /** Rows of earlier file versions, not those named in `replaces`, that this entry took away. */
  readonly superseded?: readonly FileRows[] | undefined
  readonly schema: { readonly id: string; readonly columns: readonly ColumnSchema[] }
  readonly watermark?: Watermark | undefined
}

export type FileOutcome = 'loaded' | 'held' | 'skipped'

/** What became of one file version. read = loaded + rejected + dropped (invariant 3). */
export interface LedgerFile {
  readonly id: FileVersionId
  readonly path: string
  readonly ordinal: number
  readonly uri: string
  readonly stamp: Stamp
  readonly bytes: number
  readonly modifiedAtMs: number
  readonly hash: string
  readonly outcome: FileOutcome
  /** Rows in the file, unparsable lines included. 0 where the file could not be read at all. */
  readonly rowsRead: number
  readonly rowsLoaded: number
  /** Rows in quarantine: the whole file's if it is held, the split-off rows if it was loaded in part. */
  readonly rowsRejected: number
  readonly rowsDropped: number
  readonly score: number | null
  readonly verdict: string
  readonly reasons: readonly Reason[]
  /** With outcome `skipped`: the file version with the same bytes. */
  readonly duplicateOf?: FileVersionId | undefined
  /** With outcome `held`: where its copy is, relative to the quarantine folder; null when nothing was copied. */
  readonly quarantinePath?: string | null | undefined
  /** The older version of the same path (or the same one under --force) whose rows this entry takes away. */
  readonly replaces?: FileVersionId | undefined
  /** Older versions of the same path that were held: what is left of them in quarantine is outdated by this one. */
  readonly overtakes?: readonly FileVersionId[] | undefined
  /** Where the rows were read from a repaired copy of the file. */
  readonly repair?: FileRepair | undefined
}

/** How a damaged file was brought back before its rows were read. Rows that were lost count as read and rejected. */
export interface FileRepair {
  /** `repaired`: nothing is missing. `partial`: `rowsLost` and `cellsNulled` say what is. */
  readonly status: 'repaired' | 'partial'
  /** SHA-256, lower-case hex: of the file as it came (the version's own hash), and of the one that was read. */
  readonly sourceSha256: string
  readonly repairedSha256: string
  /** The file that was read, below the project's folder of repaired files; `<path>.loss.json` lists what is missing. */
  readonly path: string
  /** What was wrong, each code once. */
  readonly codes: readonly FindingCode[]
  readonly confidence: 'proven' | 'strong' | 'weak'
  /** `unknown`: nothing says how many rows there were. */
  readonly rowsLost: number | 'unknown'
  readonly cellsNulled: number
}

/** A number of rows of one file version. */
export interface FileRows {
  readonly file: FileVersionId
  readonly rows: number
}

/**
 * Rows that lay in quarantine and were looked at again, by record. rowsRead = loaded + rejected + dropped + discarded, and
 * rowsRead is what the record held (invariant 3). Rows that are rejected again are in a new record of the same entry.
 */
export interface Replay {
  /** Id of the quarantine record; also in `consumes`. */
  readonly record: string
  /** The file version that the rows came from. */
  readonly file: FileVersionId
  /** `replay`: by the contract as it is now. `release`: whatever the rules say. `discard`: given up. */
  readonly action: 'replay' | 'release' | 'discard'
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly rowsDropped: number
  readonly rowsDiscarded: number
  /** Why rows of it were rejected again. */
  readonly reasons?: readonly Reason[] | undefined
  /** What the person who decided wrote. */
  readonly note?: string | undefined
}

export interface LedgerPart {
  /** Relative to the target, under `_tidegate/staging/`; does not end in a data extension. */
  readonly staged: string
  /** Relative to the target: where readers see it. */
  readonly visible: string
  readonly bytes: number
  readonly rows: number
  /** SHA-256, lower-case hex. */
  readonly hash: string
  readonly files: readonly FileVersionId[]
  /**
   * Where a part holds rows of several file versions: how many of each, in the order in which they lie in it. Absent: all
   * are of `files[0]`.
   */
  readonly ranges?: readonly FileRows[] | undefined
  /** Value of each partition column as text; null for NULL. Absent without partitions. */
  readonly partition?: Readonly<Record<string, string | null>> | undefined
}

/** Rows that broke a rule, or the held file itself, on their way to the quarantine folder. */
export interface RejectedPart {
  readonly kind: 'rows' | 'original' | 'reasons'
  readonly staged: string
  /** Relative to the quarantine folder of the destination. */
  readonly visible: string
  readonly bytes: number
  readonly rows: number
  readonly hash: string
  readonly file: FileVersionId
}

export interface Watermark {
  readonly column: string
  readonly type: string
  /** Text form in the engine's spelling. */
  readonly value: string
}
