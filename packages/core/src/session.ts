/**
 * A value that an engine hands out.
 *
 * - integers: number when safe (±2^53−1), bigint beyond · DOUBLE: number, NaN and infinities included
 * - DECIMAL: string with all digits · DATE `2001-01-31`, TIME `13:05:00.5`, TIMESTAMP `2001-01-31 13:05:00.5`,
 *   TIMESTAMPTZ the same in UTC with `+00` · UUID, INTERVAL, ENUM, JSON: string · BLOB: string of `\xNN`
 * - LIST: array · STRUCT: object · MAP: array of `{key, value}`
 */
export type Cell = null | boolean | number | bigint | string | readonly Cell[] | { readonly [field: string]: Cell }

export interface ColumnSchema {
  readonly name: string
  /** The engine's own type name in upper case, e.g. `BIGINT`, `DECIMAL(18,2)`, `STRUCT(a INTEGER)`. */
  readonly type: string
}

export interface QueryResult {
  readonly columns: readonly ColumnSchema[]
  /** One array per row, in the order of `columns`. */
  readonly rows: readonly (readonly Cell[])[]
}

export interface QueryOptions {
  /** Stops the query (in milliseconds for DuckDB) and rejects with code `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A place where SQL runs. Sessions run in UTC. Statements of one session run one after another.
 *
 * Failures are TidegateErrors: `ENGINE_SQL` (the statement is wrong or the data does not fit it),
 * `ENGINE_OUT_OF_MEMORY`, `ENGINE_DISK_FULL`, `ENGINE_CRASHED` (retryable; this session is dead, open another),
 * `ENGINE_FORBIDDEN_PATH`, `CANCELLED`.
 */
export interface Session {
  readonly dialect: Dialect
  /** Runs one statement and returns all of its rows: for aggregates and samples, not for data. */
  query(sql: string, options?: QueryOptions): Promise<QueryResult>
  /** What the Parquet footers of these files say. Reads no data page. One entry per file, in the order given. */
  fileStatistics(files: readonly string[], options?: QueryOptions): Promise<readonly FileStatistics[]>
  close(): Promise<void>
}

/** How an engine's SQL says things. Pure: text in, text out. */
export interface Dialect {
  readonly name: 'duckdb' | 'spark'
  /** Quotes a column, table or alias name. Any name is allowed, also with quotes and newlines. */
  identifier(name: string): string
  /** A literal of this value. Strings are escaped; numbers that are not finite and bigints keep their value. */
  literal(value: Cell): string
  /** True where the pattern is found anywhere in the text (search, unanchored). */
  regexSearch(textSql: string, pattern: string): string
  /** Casts, or NULL where the value does not fit. */
  tryCast(valueSql: string, type: string): string
  /** The text form of any value. */
  toText(valueSql: string): string
  /** Number of characters of a text. */
  textLength(textSql: string): string
  /** Rows for which the condition is true. */
  countIf(conditionSql: string): string
  /** Exact median, interpolated between the two middle values; sample standard deviation. */
  median(valueSql: string): string
  stddevSample(valueSql: string): string
  /** Exact quantile, interpolated between the two nearest values. */
  quantileLinear(valueSql: string, fraction: number): string
  /** A list: for each fraction the smallest value with at least that share of the values at or below it. */
  quantilesDiscrete(valueSql: string, fractions: readonly number[]): string
  /** An aggregate: the list of `{value, count}` where the condition holds, largest count first, then by value. */
  countList(valueSql: string, countSql: string, conditionSql: string, limit: number | undefined): string
  /** A list of these values. */
  list(itemsSql: readonly string[]): string
  /** True where the text is one of many; NULL where it is NULL. `texts` is not empty. */
  isOneOf(textSql: string, texts: readonly string[]): string
  /** Spreads values over this many buckets: a number from 0. */
  bucket(valueSql: string, buckets: number): string
  /**
   * An aggregate: the values of the first `limit` rows by this order where the condition holds, as a list in that order.
   * `alone`: it is the only one of its statement, which may be said in a way that is cheaper for one and not for many.
   */
  firstValues(valueSql: string, orderSql: string, conditionSql: string, limit: number, alone?: boolean): string
  /** A list literal of the texts whose condition holds: `[CASE WHEN c1 THEN 'a' END, …]` without the nulls. */
  labelsWhere(items: readonly { readonly label: string; readonly conditionSql: string }[]): string
}

/** What a Parquet footer says of a file. Whether a number may be trusted is decided by dq, not here. */
export interface FileStatistics {
  readonly file: string
  readonly rows: number
  readonly rowGroups: number
  /** Rows of each row group, in order. In a sound file they add up to `rows`. */
  readonly rowGroupRows: readonly number[]
  readonly createdBy: string | null
  /**
   * Top-level columns that are not nested, in the file's order. Empty where two top-level names differ in case only or not
   * at all: the engine then renames columns, and nobody can tell which is which.
   */
  readonly columns: readonly ColumnStatistics[]
}

export interface ColumnStatistics {
  /** As the file spells it. */
  readonly name: string
  /** The engine's own type name, as in {@link ColumnSchema}. */
  readonly type: string
  /** `BOOLEAN`, `INT32`, `INT64`, `INT96`, `FLOAT`, `DOUBLE`, `BYTE_ARRAY` or `FIXED_LEN_BYTE_ARRAY`. */
  readonly physicalType: string
  /** What the schema says of the meaning, in the engine's words, e.g. `UTF8`. Null: nothing. */
  readonly logicalType: string | null
  /** One per row group, in order. */
  readonly rowGroups: readonly ChunkStatistics[]
}

/** Statistics of one column in one row group. Null: the footer does not say. */
export interface ChunkStatistics {
  /** Values of the chunk, nulls included. */
  readonly values: number
  readonly nulls: number | null
  /** Smallest and largest value, as text that casts back to the column's type. */
  readonly min: string | null
  readonly max: string | null
  /** False: min or max was cut and is only a bound. Null: not said of both. */
  readonly exact: boolean | null
  /** Min or max come from the deprecated fields `min` and `max`, whose order was never defined. */
  readonly deprecated: boolean
  readonly distinct: number | null
  /** Size in the file of the dictionary; null without one. */
  readonly dictionaryBytes: number | null
}
