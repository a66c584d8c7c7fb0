import type { Link } from './link.ts'

export interface FailuresView {
  readonly summary: string
  /** Times something failed in the window: once per check and file, per file that could not be judged, per failed run. */
  readonly total: number
  /** Causes, most frequent first (Pareto): at most 200 of `causesTotal`. */
  readonly causes: readonly FailureCause[]
  readonly causesTotal: number
  /** How many causes make up 80 % of the failures. */
  readonly vitalFew: number
  /** UTC days of the window, at most the last 90, with what failed on each. */
  readonly days: readonly { readonly day: string; readonly count: number; readonly link: Link }[]
}

export interface FailureCause {
  /** Stable across runs: kind, source, dataset and code, percent-encoded, joined by `/`. */
  readonly fingerprint: string
  readonly kind: 'check' | 'file' | 'run'
  /** Check id, finding code or error code. */
  readonly code: string
  readonly source: string
  readonly dataset: string | null
  readonly severity: string
  readonly count: number
  readonly sharePercent: number
  readonly cumulativePercent: number
  /** Different files; of checks the sum over the hours, so a file checked in two hours counts twice. */
  readonly files: number
  /** Up to 5 of `files` by id, newest first. */
  readonly examples: readonly string[]
  /** Rows that broke a check, summed. */
  readonly rows: number
  /** To the hour where the first failures are no longer listed one by one. */
  readonly firstSeenAt: string | null
  readonly lastSeenAt: string | null
  /** What was said the last time. */
  readonly message: string
  readonly suggestion: string
  /** Count per day of the view's `days`. */
  readonly byDay: readonly number[]
  readonly link: Link
}
