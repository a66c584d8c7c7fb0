import type { Link } from './link.ts'

export interface PerformanceView {
  readonly summary: string
  /** Over the runs of all sources. */
  readonly overall: Rates
  readonly sources: readonly SourcePerformance[]
  /** UTC days of the window, at most the last 90; rates are null on days without a measured run. */
  readonly days: readonly DayPerformance[]
  /** The newest runs of the window, at most 20 of `runsTotal`. */
  readonly lastRuns: readonly RunPerformance[]
  readonly runsTotal: number
  readonly scores: ScoreDistribution
}

/** Rates are those of runs that ended, took time and read rows; quantiles are interpolated and null without such a run. */
export interface Rates {
  /** Runs that the rates are made of. */
  readonly runs: number
  readonly rowsPerSecondP50: number | null
  /** 95 % of the runs were slower than this or equal. */
  readonly rowsPerSecondP95: number | null
  readonly bytesPerSecondP50: number | null
  readonly bytesPerSecondP95: number | null
  readonly durationMsP50: number | null
  readonly durationMsP95: number | null
}

export interface SourcePerformance extends Rates {
  readonly source: string
  /** Read by all its runs of the window. */
  readonly rows: number
  readonly bytes: number
  /** Highest memory of a run, where measured. */
  readonly peakMemoryBytes: number | null
  /** Rows per second of each measured run, oldest first: the newest 200. */
  readonly trend: readonly (number | null)[]
  readonly link: Link
}

export interface DayPerformance extends Rates {
  readonly day: string
  /** Read by the runs that began on this day. */
  readonly rows: number
  readonly bytes: number
  readonly link: Link
}

export interface RunPerformance {
  readonly run: string
  readonly source: string
  readonly command: string
  readonly status: string
  readonly startedAt: string | null
  /** Null while it runs. */
  readonly durationMs: number | null
  readonly filesLoaded: number
  readonly filesHeld: number
  readonly filesFailed: number
  readonly rowsRead: number
  readonly bytesRead: number
  readonly rowsPerSecond: number | null
  readonly bytesPerSecond: number | null
  readonly link: Link
}

/** Files of the window's days by score. */
export interface ScoreDistribution {
  readonly files: number
  readonly mean: number | null
  readonly lowest: number | null
  /** 21 bins: from inclusive, to exclusive; the last one is exactly 100. */
  readonly bins: readonly { readonly from: number; readonly to: number; readonly files: number; readonly link: Link }[]
  /** The same by day: 21 counts each. Days without a file are left out. */
  readonly days: readonly { readonly day: string; readonly files: number; readonly bins: readonly number[] }[]
}
