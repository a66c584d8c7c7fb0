import type { FileStatistics, JsonValue, Relation, UnexpectedRow } from '@tidegate/core'

/** What is validated. */
export type Data = TableData | FilesData | RowsData | ArrowData

/** A table or view of the session, by its name: `orders`, `sales.orders`, `lake.sales.orders`. */
export interface TableData {
  readonly table: string
}

export interface FilesData {
  /**
   * Paths, URLs or globs, as the engine opens them. Several files are one batch, unless {@link validateEach} is asked.
   * CSV and JSON are read by the engine's own readers. (The command line and the pipeline read text by Tidegate's, which
   * keep what does not fit its type and say so.)
   */
  readonly files: string | readonly string[]
  /** Folder that relative paths count from; results still name the files as they were given. @defaultValue the working directory */
  readonly folder?: string | undefined
  /** @defaultValue by the name: `.parquet`, `.pq`; `.csv`, `.tsv`; `.json`, `.ndjson`, `.jsonl`; also with `.gz` or `.zst` */
  readonly format?: 'parquet' | 'csv' | 'json' | undefined
}

/**
 * Rows of JavaScript. Types are those of the values: booleans BOOLEAN; whole numbers and bigints BIGINT (HUGEINT beyond 64
 * bits); other numbers DOUBLE; Dates TIMESTAMP in UTC; texts VARCHAR; byte arrays BLOB; lists, maps and objects JSON,
 * compared whole. A column of several kinds is VARCHAR and holds their texts. `undefined`, a missing key and an invalid
 * Date are NULL; a column without any value is INTEGER, as for the engine. The rows are copied into a temporary table.
 */
export interface RowsData {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** A table of `apache-arrow`, or anything of its shape. Types are kept; the values are copied into a temporary table. */
export interface ArrowData {
  readonly arrow: ArrowTable
}

/** The part of an Arrow table that is read. */
export interface ArrowTable {
  readonly schema: { readonly fields: readonly ArrowField[] }
  readonly numRows: number
  getChildAt(index: number): ArrowVector | null
}

export interface ArrowField {
  readonly name: string
  readonly type: { readonly typeId: number }
}

export interface ArrowVector {
  readonly length: number
  get(index: number): unknown
}

/** Data as checks read it. */
export interface PreparedData {
  readonly relation: Relation
  /** Footers of the relation's files; empty where there are none to ask. */
  readonly statistics: readonly FileStatistics[]
  /** For people and for `meta`: the table, the files, the number of rows. */
  readonly description: string
  /** What an unexpected row is called in `unexpected_index_list` where no index columns were asked for. */
  locate(row: UnexpectedRow): JsonValue
  /** Whether the relation can be asked afterwards, so that a query on it is worth handing out. */
  readonly lasts: boolean
  /** Removes what was made for it. */
  dispose(): Promise<void>
}
