import type { Severity } from './contract.ts'
import type { JsonValue } from './json.ts'
import type { Cell } from './session.ts'

export type Dimension = 'completeness' | 'uniqueness' | 'validity' | 'consistency' | 'freshness' | 'volume' | 'schema'

/**
 * The result of one check on one file.
 *
 * `error` means it could not be evaluated: never a pass (invariant 9). The counts follow Great Expectations:
 * `elementCount` all rows, `missingCount` rows not considered (nulls), `unexpectedCount` rows that break the rule.
 */
export interface CheckResult {
  /** Unique in its contract. */
  readonly id: string
  /** GX name, or `schema` for what the contract's schema asks. */
  readonly type: string
  /** Columns it looks at; empty for table checks. */
  readonly columns: readonly string[]
  readonly severity: Severity
  readonly dimension: Dimension
  readonly outcome: 'passed' | 'failed' | 'error'
  /** True if failing rows can be told from good ones (then a split is possible). */
  readonly rowLevel: boolean
  /** One sentence for people, without sensitive values, e.g. `delay between -120 and 1800: 12 of 115,384 rows outside`. */
  readonly message: string
  readonly elementCount?: number | undefined
  readonly missingCount?: number | undefined
  readonly unexpectedCount?: number | undefined
  /** Percent of the considered rows, 0–100; null when none was considered. */
  readonly unexpectedPercent?: number | null | undefined
  readonly observedValue?: Cell | undefined
  /** Further facts under Great Expectations' names, e.g. `{ value_counts: [{ value: 'a', count: 3 }] }`. */
  readonly details?: Readonly<Record<string, JsonValue>> | undefined
  /** The first unexpected values (20 unless more were asked for), in the file's order; masked where the column is sensitive. */
  readonly partialUnexpected?: readonly Cell[] | undefined
  /** The rows of `partialUnexpected`, one for one. */
  readonly partialUnexpectedRows?: readonly UnexpectedRow[] | undefined
  /** All unexpected values and their rows, without a cap. Only where the whole list was asked for. */
  readonly unexpected?: readonly Cell[] | undefined
  readonly unexpectedRows?: readonly UnexpectedRow[] | undefined
  /** What proved it: a scan of the rows, the Parquet footer, or the schema alone. */
  readonly provedBy: 'scan' | 'metadata' | 'schema'
  /** With `metadata`: how many footers and row groups said so. */
  readonly proof?: { readonly files: number; readonly rowGroups: number } | undefined
  /** Among which rows a unique check looked for repetitions: those of the file, of the batch, or also of the target. */
  readonly scope?: UniqueScope | undefined
  /** With outcome `error`. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

export type UniqueScope = 'file' | 'batch' | 'target'

/** Where an unexpected value was found. */
export interface UnexpectedRow {
  /** Key of the file in its relation. */
  readonly file: string
  /** 0-based ordinal of the record in its file. */
  readonly row: number
  /** Values of the index columns, where some were asked for. */
  readonly index?: Readonly<Record<string, Cell>> | undefined
}

export interface Reason {
  /** Check id, or a finding code such as `PQ105`. */
  readonly check: string
  readonly severity: Severity
  readonly message: string
  readonly failedRows?: number | undefined
}

/**
 * What the gate decided of one file. `score` is GX's success_percent over the checks, 0–100; null when none was
 * evaluated (then: hold).
 */
export type Verdict =
  | { readonly kind: 'admit'; readonly score: number | null; readonly threshold: number; readonly reasons: readonly [] }
  | {
      readonly kind: 'admit-with-warnings' | 'split' | 'hold'
      readonly score: number | null
      readonly threshold: number
      readonly reasons: readonly Reason[]
    }
