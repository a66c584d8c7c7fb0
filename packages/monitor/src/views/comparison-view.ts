import type { Link } from './link.ts'

export type ComparedMetric = 'files' | 'rows' | 'bytes' | 'score' | 'rejected-percent' | 'rows-per-second'

export interface ComparisonView {
  readonly summary: string
  /** The last whole UTC day before the window's end: it is compared with what came before it. */
  readonly day: string
  /** The 29 days of each `values`: oldest first, the last one is `day`. */
  readonly days: readonly string[]
  /** Outside before inside before unknown; at most 300 of `total`. */
  readonly items: readonly Comparison[]
  readonly total: number
  readonly outside: number
  readonly unknown: number
}

/**
 * One metric of one dataset. Days before the first known one are null; days without files are 0 for counts and null for
 * score and shares. `rows` are those loaded by files judged on that day; what was replayed on other days is not moved.
 * `rows-per-second` is the median of the source's runs of that day (dataset null).
 */
export interface Comparison {
  readonly source: string
  readonly dataset: string | null
  readonly metric: ComparedMetric
  readonly value: number | null
  /** The current, unfinished day so far; it is not judged. */
  readonly soFar: number | null
  readonly dayBefore: number | null
  readonly weekBefore: number | null
  /** Of the up to 28 days before. */
  readonly median: number | null
  /** Median ± 3 × 1.4826 × MAD, at least ± 10 % of the median; null with fewer than 7 known days or a median of 0. */
  readonly band: { readonly low: number; readonly high: number } | null
  /** Against the day before, the week before, the median; null where that is 0 or not known. */
  readonly dayBeforePercent: number | null
  readonly weekBeforePercent: number | null
  readonly medianPercent: number | null
  readonly values: readonly (number | null)[]
  readonly status: 'inside' | 'above' | 'below' | 'unknown'
  /** Outside, and on the bad side: less of what should come, more of what should not. */
  readonly bad: boolean
  readonly because: string
  readonly link: Link
}
