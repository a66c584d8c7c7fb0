/** What a repair will do, as data. Made by reading alone; nothing of it has happened yet. */
import type { Finding, FindingCode } from '@tidegate/core'

import type { Confidence } from '../assemble/judge-confidence.ts'
import type { SchemaSource } from '../assemble/schema-sources.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import type { Piece } from '../source/pieces.ts'

/** Where a schema may be taken from when the file's own is lost; tried in order. Paths of local files and folders. */
export type SchemaFrom =
  | { readonly sibling: string }
  /** `_metadata` or `_common_metadata`. */
  | { readonly metadataFile: string }
  /** Folder that holds `_delta_log`. */
  | { readonly deltaTable: string }

/**
 * Faults of values and of the footer that do not keep a file from being read by someone, repaired only on request.
 * - `names`: two columns of one name (or names that differ only in case): the later one gets a suffix `_1`.
 * - `statistics`: statistics that contradict the data, or themselves, are left out.
 * - `nulls-in-required`: a column that is declared required and holds NULLs becomes optional.
 * - `utf8-as-binary`: a text column with bytes that are not UTF-8 becomes binary; no byte changes.
 * - `utf8-replace`: each such byte becomes U+FFFD (re-encodes).
 * - `int96`: INT96 timestamps become TIMESTAMP in microseconds; what does not fit becomes NULL (re-encodes).
 * - `timestamps`: timestamps outside of the years 1 to 9999 become NULL (re-encodes).
 */
export type Fix =
  | 'names'
  | 'statistics'
  | 'nulls-in-required'
  | 'utf8-as-binary'
  | 'utf8-replace'
  | 'int96'
  | 'timestamps'

export interface RepairOptions {
  /**
   * `patch`: keeps every intact byte as it is, and appends. `rewrite`: encodes the rows anew through DuckDB.
   * @defaultValue 'patch'; where a fix or `drop-rows` cannot be had by a patch, the plan says `rewrite`
   */
  readonly mode?: 'patch' | 'rewrite' | undefined
  readonly schema?: readonly SchemaFrom[] | undefined
  /**
   * A page that cannot be decoded: its cells become NULL; or its rows are left out; or its row group is; or the plan refuses.
   * @defaultValue 'null'
   */
  readonly onDamagedPage?: 'null' | 'drop-rows' | 'drop-row-group' | 'fail' | undefined
  /** A row group whose last columns are missing. @defaultValue 'drop' */
  readonly partialRowGroup?: 'drop' | 'null-fill' | undefined
  /** @defaultValue 'strong' */
  readonly minConfidence?: Confidence | undefined
  /** Takes row groups whose limits can be seen in two ways. @defaultValue false */
  readonly allowAmbiguous?: boolean | undefined
  /** @defaultValue none */
  readonly fix?: readonly Fix[] | undefined
  /** Of joined files that cannot become one: which, from 1. */
  readonly part?: number | undefined
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
}

/** One thing that is done, for people: `2 damaged pages of column email become NULL (1,204 cells)`. */
export interface RepairStep {
  /** The finding that it answers. */
  readonly code: FindingCode
  /** One sentence without full stop. */
  readonly what: string
  /** Whether anything that was in the file is not in the result. */
  readonly lossless: boolean
}

/** Cells or rows that are not in the result. Every NULL that a repair writes is in one of these. */
export interface LossEntry {
  readonly code: FindingCode
  readonly message: string
  /** In the result; undefined for a row group that is not there. */
  readonly rowGroup: number | undefined
  /** In the damaged file, where that is known. */
  readonly sourceRowGroup: number | undefined
  /** Undefined: all columns (rows that are left out). */
  readonly column: string | undefined
  /** Bytes of the source that could not be used, where they are known. */
  readonly bytes: { readonly offset: number; readonly length: number } | undefined
  /** [first, end) in `rowGroup`; of rows that are left out: in `sourceRowGroup`. Undefined: not known. */
  readonly rows: readonly [number, number] | undefined
  /** `null`: cells are NULL. `empty-list`: a required list is empty. `left-out`: the rows are not there. */
  readonly wrote: 'null' | 'empty-list' | 'left-out'
  /** Cells that became NULL or empty; 0 for rows that are left out. */
  readonly cells: number
}

export interface RepairedColumn {
  readonly column: string
  /** `verified-crc`: intact, and the checksums of all its pages are right. */
  readonly status: 'intact' | 'verified-crc' | 'nulled' | 'partly-nulled'
  /** [first, end) in the row group, ascending. */
  readonly nulledRows: readonly (readonly [number, number])[]
}

export interface RepairedRowGroup {
  readonly rows: number
  /** Its number in the damaged file; undefined where the file does not say. */
  readonly sourceRowGroup: number | undefined
  /** Empty: all columns are as they were (a group taken over unread). */
  readonly columns: readonly RepairedColumn[]
}

/** Re-encoding through the engine, after the pieces are written. */
export interface RewritePlan {
  readonly fixes: readonly Extract<Fix, 'utf8-replace' | 'int96' | 'timestamps'>[]
  /** Rows of the patched file, [first, end), that are left out. Ascending, apart from each other. */
  readonly dropRows: readonly (readonly [number, number])[]
}

export interface RepairTotals {
  readonly rowsRecovered: number
  /** `unknown`: nothing says how many rows there were. */
  readonly rowsLost: number | 'unknown'
  readonly cellsNulled: number
}

export interface RepairPlan {
  /** `unchanged`: nothing to repair. `refused`: nothing should be written; `findings` and `doubts` say why. */
  readonly kind: 'unchanged' | 'repair' | 'refused'
  readonly lossless: boolean
  readonly steps: readonly RepairStep[]
  /** The new file in terms of the source (of what was unpacked from it, if `unpack` is given). Empty if refused. */
  readonly pieces: readonly Piece[]
  readonly unpack?: 'gzip' | 'zstd' | 'zip' | undefined
  readonly rewrite?: RewritePlan | undefined
  readonly schemaFrom: SchemaSource['from']
  readonly confidence: Confidence | 'rejected'
  readonly evidence: readonly string[]
  readonly doubts: readonly string[]
  readonly rowGroups: readonly RepairedRowGroup[]
  readonly loss: readonly LossEntry[]
  readonly totals: RepairTotals
  /** What was found, what cannot be told (PQ6xx), why it is refused. */
  readonly findings: readonly Finding[]
}
