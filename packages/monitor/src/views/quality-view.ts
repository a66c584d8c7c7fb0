import type { Link } from './link.ts'

/**
 * Checks counted over the window's days. `score` is Great Expectations' success percent: passed of evaluated, where a check
 * that could not run counts as evaluated and not passed; null when none was evaluated.
 */
export interface CheckCounts {
  readonly score: number | null
  readonly evaluated: number
  readonly passed: number
  readonly failed: number
  readonly errors: number
}

export interface QualityView extends CheckCounts {
  readonly summary: string
  /** The checks that failed. */
  readonly link: Link
  readonly sources: readonly SourceQuality[]
  /** Worst score first. */
  readonly datasets: readonly DatasetQuality[]
  readonly dimensions: readonly DimensionQuality[]
  /** One entry per UTC day of the window, from the first measured one on, at most the last 90; days without checks have null. */
  readonly trend: readonly DayQuality[]
  readonly direction: TrendDirection
  /** Checks that failed or could not run, most often first: at most 20 of `worstTotal`. */
  readonly worst: readonly WorstCheck[]
  readonly worstTotal: number
}

/** The later half of the window's measured days against the earlier one; less than half a point is steady. */
export interface TrendDirection {
  readonly kind: 'rising' | 'falling' | 'steady' | 'unknown'
  /** Points of score; null where unknown. */
  readonly points: number | null
}

export interface SourceQuality extends CheckCounts {
  readonly source: string
  readonly link: Link
}

export interface DatasetQuality extends CheckCounts {
  readonly source: string
  readonly dataset: string
  /** Files decided in the window that have a score. */
  readonly files: number
  readonly lastCheckedAt: string | null
  /** The score of the last day on which it was checked. */
  readonly lastScore: number | null
  /** Score per day of `trend`, for a sparkline. */
  readonly scores: readonly (number | null)[]
  readonly link: Link
}

export interface DimensionQuality extends CheckCounts {
  readonly dimension: string
  readonly link: Link
}

export interface DayQuality extends CheckCounts {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string
  readonly link: Link
}

export interface WorstCheck extends CheckCounts {
  readonly source: string
  readonly dataset: string
  readonly check: string
  readonly type: string
  readonly columns: readonly string[]
  readonly severity: string
  readonly dimension: string
  /** Rows that broke it, summed. */
  readonly unexpectedRows: number
  readonly lastFailedAt: string | null
  readonly lastMessage: string
  /** Failures per day of `trend`. */
  readonly failures: readonly number[]
  /** The files that failed it. */
  readonly link: Link
}
