import type { ColumnSchema } from './session.ts'

/**
 * Rows of one or more files as one table expression, with three columns of ours beside the data.
 * Whoever reads it (checks, row split, load) needs no knowledge of the files' format.
 */
export interface Relation {
  /** Usable after FROM, e.g. `read_parquet([...])` or `(SELECT …)`. */
  readonly sql: string
  /** Columns of the data, in order, without ours. */
  readonly columns: readonly ColumnSchema[]
  /** Name of the VARCHAR column that holds the file's key; one of `files[].key`. */
  readonly fileColumn: string
  /** Name of the BIGINT column with the 0-based ordinal of the record in its file. */
  readonly rowColumn: string
  /**
   * Name of a VARCHAR[] column naming the columns of this row whose text did not fit their type (text formats only).
   * Such a cell is NULL in its own column. Undefined where values arrive typed.
   */
  readonly misfitColumn?: string | undefined
  readonly files: readonly RelationFile[]
}

export interface RelationFile {
  /** What `fileColumn` holds for rows of this file. */
  readonly key: string
  /** What people call the file. */
  readonly path: string
  /** Rows the container says the file has, where that is known without a scan. */
  readonly rows?: number | undefined
  /**
   * The Parquet file whose rows these are, one for one and with the relation's names and types, so that what its footer
   * says is true of the relation. Undefined where rows are converted, filtered or cast on the way.
   */
  readonly parquet?: string | undefined
}

/** Names of our own columns. A data column of the same name is a configuration error. */
export const FILE_COLUMN = '__tg_file'
export const ROW_COLUMN = '__tg_row'
export const MISFIT_COLUMN = '__tg_misfit'
export const RULES_COLUMN = '__tg_rules'
