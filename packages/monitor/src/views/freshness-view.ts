import type { Link } from './link.ts'

export interface FreshnessView {
  readonly summary: string
  readonly items: readonly Freshness[]
  readonly late: number
  readonly unknown: number
  /** Sources that have an expectation and meet it, in percent of those that can be judged; null when none can. */
  readonly compliancePercent: number | null
  /** UTC days of the window, at most the last 90: the columns of `arrivals`. */
  readonly days: readonly string[]
}

export interface Freshness {
  readonly source: string
  readonly lastFile: string | null
  readonly lastLoadedAt: string | null
  readonly ageMs: number | null
  /** In words: `every 1h`, `24 files by 02:15 Europe/Berlin`. */
  readonly expected: string | null
  /** When the next file is due; for a late source, when it was due. */
  readonly dueAt: string | null
  readonly lateByMs: number | null
  /** Files loaded since the period that is judged began; null where none is. */
  readonly filesInPeriod: number | null
  /** Files that came in that period and are held. */
  readonly heldInPeriod: number | null
  readonly status: 'fresh' | 'late' | 'unknown'
  /** Why, in one sentence. */
  readonly because: string
  /** Files loaded per day of the view's `days`. */
  readonly arrivals: readonly number[]
  /** Periods of the window that passed without their files, oldest first: at most 50 of `missedTotal`. */
  readonly missed: readonly MissedPeriod[]
  readonly missedTotal: number
  /** Its loaded files. */
  readonly link: Link
}

/** Only what is certain: arrivals are known to the hour, and a doubtful file counts as come. */
export interface MissedPeriod {
  readonly from: string
  /** When the files were due. */
  readonly to: string
  /** Those that were loaded, and those that came and were held. */
  readonly files: number
  readonly held: number
  readonly expected: number
}
