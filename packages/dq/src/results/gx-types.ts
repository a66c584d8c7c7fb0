import type { CheckResult, Dimension, JsonValue, Severity, UniqueScope } from '@tidegate/core'
import type { Score } from '../scores/score-checks.ts'

/** Which generation of Great Expectations a suite was written for: `expectation_type` (0.18) or `type` (1.x). */
export type SuiteGeneration = '0.18' | '1.x'

export type JsonObject = Readonly<Record<string, JsonValue | undefined>>

/** One expectation's result, in the shape and with the keys of Great Expectations. */
export interface GxExpectationResult {
  readonly success: boolean
  readonly expectation_config: JsonObject
  readonly result: JsonObject
  readonly meta: { readonly tidegate: CheckNote }
  readonly exception_info: GxExceptionInfo
}

export interface GxExceptionInfo {
  readonly raised_exception: boolean
  /** Ours is a code and a hint: a stack says nothing to whoever wrote the suite. */
  readonly exception_traceback: string | null
  readonly exception_message: string | null
}

/** What Tidegate knows of a check beyond Great Expectations. */
export interface CheckNote {
  readonly id: string
  readonly severity: Severity
  readonly dimension: Dimension
  readonly outcome: CheckResult['outcome']
  /** One sentence for people. */
  readonly message: string
  readonly proved_by: CheckResult['provedBy']
  /** With `metadata`: row groups whose statistics proved it. */
  readonly row_groups?: number | undefined
  /** Unique checks: among which rows repetitions were looked for. */
  readonly scope?: UniqueScope | undefined
  /** With outcome `error`: `CHECK_…` */
  readonly code?: string | undefined
}

/** The results of a suite, in the shape and with the keys of Great Expectations. */
export interface ValidationResult {
  readonly success: boolean
  /** In the suite's order. (Great Expectations itself sorts them by column.) */
  readonly results: readonly GxExpectationResult[]
  readonly suite_name: string
  readonly suite_parameters: JsonObject
  readonly statistics: ValidationStatistics
  readonly meta: ValidationMeta
}

export interface ValidationStatistics {
  readonly evaluated_expectations: number
  readonly successful_expectations: number
  readonly unsuccessful_expectations: number
  /** 0–100; null when nothing was evaluated. */
  readonly success_percent: number | null
}

export interface ValidationScores {
  readonly overall: Score
  /** Only dimensions that have a check. */
  readonly by_dimension: Readonly<Partial<Record<Dimension, Score>>>
}

export interface ValidationMeta {
  readonly tidegate: {
    readonly version: string
    /** How many checks each kind of evidence answered; those that could not be evaluated are in `failed.error`. */
    readonly proved_by: Readonly<Record<CheckResult['provedBy'], number>>
    /** How many checks did not pass, by severity; `error` are those that could not be evaluated. */
    readonly failed: Readonly<Record<Severity | 'error', number>>
    /** Overall and by dimension: passed of all, in percent, and of how many checks. */
    readonly scores: ValidationScores
    /** Queries that were planned. */
    readonly queries: number
    /** What was validated: a table, files, rows. */
    readonly data: string
    /** With `explain`: one entry per check, and every statement. */
    readonly plan?: JsonValue | undefined
  }
}
