import type { JsonValue } from './json.ts'

export type Severity = 'critical' | 'warning' | 'info'

/**
 * A data contract: schema, file rules, expectations and gate of one dataset. The fields are those of the YAML file, in
 * its spelling (snake_case, Great Expectations' shape), so that a contract is written and read without a mapping.
 */
export interface Contract {
  /** The dataset's name. */
  readonly contract: string
  readonly version: number
  readonly description?: string | undefined
  readonly file?: FileRules | undefined
  /** How the files are read, pinned when the contract was learned (text formats). */
  readonly read?: ReadOptions | undefined
  readonly schema: { readonly columns: Readonly<Record<string, ContractColumn>> }
  readonly expectations: readonly Expectation[]
  readonly gate?: GateSettings | undefined
  /** Values of `{"$PARAMETER": …}` in arguments, by name. What a caller gives wins over them. */
  readonly parameters?: Readonly<Record<string, JsonValue>> | undefined
  /** Carried along without effect: what another format says of the dataset and a contract has no word for. */
  readonly meta?: Readonly<Record<string, JsonValue | undefined>> | undefined
}

export interface FileRules {
  /** Glob on the file's name (not its folders). */
  readonly name?: string | undefined
  readonly min_bytes?: number | undefined
  readonly max_bytes?: number | undefined
}

export interface ContractColumn {
  /** DuckDB type name. Values of a narrower type are accepted (types only widen). */
  readonly type: string
  /** @defaultValue true. False: a NULL breaks the contract (rule `schema:<column>:nullable`). */
  readonly nullable?: boolean | undefined
  /** @defaultValue true. False: a file without this column is read with NULLs in it. */
  readonly required?: boolean | undefined
  /** Values never reach samples, value sets, state, notices, reports or logs. */
  readonly sensitive?: 'mask' | 'hash' | 'drop' | undefined
}

/** One check, under its Great Expectations name and with its arguments. */
export interface Expectation {
  /** E.g. `expect_column_values_to_be_between`. */
  readonly type: string
  readonly kwargs: Readonly<Record<string, JsonValue | undefined>>
  /** @defaultValue 'critical' */
  readonly severity?: Severity | undefined
  /**
   * How much may be unexpected before the check fails (with its own severity), and before it fails as a warning. Only for
   * checks of single rows; with `fail`, `mostly` must not be given.
   */
  readonly fail?: UnexpectedLimit | undefined
  readonly warn?: UnexpectedLimit | undefined
  /** Unique in its contract. @defaultValue derived from type and columns, see dq `checkIds` */
  readonly id?: string | undefined
  readonly meta?: Readonly<Record<string, JsonValue | undefined>> | undefined
}

/** More unexpected rows than this break the limit: a number of rows, or a fraction (0–1) of the considered rows, or both. */
export interface UnexpectedLimit {
  readonly count?: number | undefined
  readonly fraction?: number | undefined
}

export type OnFail = 'quarantine' | 'split' | 'warn' | 'fail'

export interface GateSettings {
  /** Score (0–100) below which `on_fail` is triggered. @defaultValue 100 */
  readonly threshold?: number | undefined
  /** @defaultValue 'quarantine' (the whole file); `split`: rows; `warn`: load all the same; `fail`: stop the run */
  readonly on_fail?: OnFail | undefined
}

/** How a file is read. For Parquet only `timezone` matters. All optional; what is missing is sniffed. */
export interface ReadOptions {
  readonly format?: FileFormat | undefined
  // csv
  readonly delimiter?: string | undefined
  readonly quote?: string | undefined
  readonly escape?: string | undefined
  readonly header?: boolean | undefined
  /** Decimal separator. @defaultValue '.' */
  readonly decimal?: '.' | ',' | undefined
  /** WHATWG label, e.g. `utf-8`, `windows-1252`, `utf-16le`. */
  readonly encoding?: string | undefined
  readonly skip_rows?: number | undefined
  /** Texts that mean NULL. @defaultValue [''] */
  readonly null_values?: readonly string[] | undefined
  /** strptime formats. */
  readonly date_format?: string | undefined
  readonly timestamp_format?: string | undefined
  // json
  /** Dotted path of the array that holds the rows, e.g. `features`. Empty: the document itself. */
  readonly records?: string | undefined
  /** Zone of timestamps that carry none. @defaultValue 'UTC' */
  readonly timezone?: string | undefined
}

export type FileFormat = 'parquet' | 'csv' | 'json' | 'ndjson'
