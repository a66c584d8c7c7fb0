import type { Severity } from './contract.ts'
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
  /** Up to 20 unexpected values; masked where the column is sensitive. */
  readonly partialUnexpected?: readonly Cell[] | undefined
  /** What proved it: a scan of the rows, the Parquet footer, or the schema alone. */
  readonly provedBy: 'scan' | 'metadata' | 'schema'
  /** With outcome `error`. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
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
