import type { Health } from './health.ts'
import type { Link } from './link.ts'

export interface OverviewView {
  /** Whether anything needs a person. */
  readonly summary: string
  /** The worst of the sources; unknown without any. */
  readonly health: Health
  readonly sources: readonly SourceOverview[]
  /** Bad before warn. */
  readonly attention: readonly Attention[]
  readonly totals: OverviewTotals
  /** Four: score, success, freshness, throughput. */
  readonly gauges: readonly Gauge[]
  /** Runs of the window by how they ended, most frequent first. */
  readonly statusShare: readonly StatusShare[]
  /** UTC days of the window, at most the last 90: volumes, score and runs of each. */
  readonly days: readonly DayVolume[]
  /** The last whole day against the one before it, most important first; at most 12. */
  readonly changes: readonly Change[]
}

export interface Facet {
  readonly health: Health | 'not-watched'
  readonly because: string
}

export interface SourceOverview {
  readonly source: string
  readonly health: Health
  readonly run: Facet
  readonly checks: Facet
  readonly freshness: Facet
  readonly schema: Facet
  readonly lastRunAt: string | null
  readonly lastRunStatus: string | null
  /** Who works on it now, if anybody. */
  readonly workingNow: string | null
  readonly score: number | null
  readonly filesLoaded: number
  readonly filesHeld: number
  /** Rows that files of the window brought, replayed ones included: as the target has them. */
  readonly rowsLoaded: number
  readonly openQuarantine: number
  /** Score per day of `days`. */
  readonly scores: readonly (number | null)[]
  readonly link: Link
}

export interface Attention {
  readonly source: string
  readonly health: 'warn' | 'bad'
  readonly text: string
  /** What to run first. */
  readonly command: string
  readonly link: Link
}

export interface OverviewTotals {
  readonly sources: number
  readonly runs: number
  /** Runs that ended `ok` or `nothing-new` in percent of those that ended; null when none did. */
  readonly successPercent: number | null
  readonly score: number | null
  readonly filesLoaded: number
  readonly filesHeld: number
  /** Files that could not be judged and are tried again by the next run. */
  readonly filesFailed: number
  /** As in the sources: replayed ones included. */
  readonly rowsLoaded: number
  /** As the files were judged; some may have been replayed since. */
  readonly rowsRejected: number
  /** By runs begun in the window. */
  readonly bytesRead: number
  readonly openQuarantine: number
  readonly links: {
    readonly runs: Link
    readonly filesLoaded: Link
    readonly filesHeld: Link
    readonly filesFailed: Link
    readonly rowsRejected: Link
    readonly openQuarantine: Link
  }
}

export interface Gauge {
  readonly id: 'score' | 'success' | 'freshness' | 'throughput'
  readonly label: string
  readonly unit: 'percent' | 'rows-per-second'
  /** Over the window; null without evidence. */
  readonly value: number | null
  /** End of the scale: 100 for percent; for throughput twice the reference, or the value if that is more. */
  readonly max: number
  /** What the value is measured against: a gate's threshold, 100, the median of the 7 days before; null for none. */
  readonly reference: number | null
  readonly referenceLabel: string
  /** Last whole day minus the day before; null where one of them is not known. */
  readonly delta: number | null
  readonly health: Health
  /** One sentence with the number. */
  readonly summary: string
  /** Value per day of `days`. */
  readonly trend: readonly (number | null)[]
  readonly link: Link
}

export interface StatusShare {
  readonly status: string
  readonly count: number
  readonly percent: number
  readonly link: Link
}

export interface DayVolume {
  readonly day: string
  readonly runs: number
  readonly runsFailed: number
  readonly filesLoaded: number
  readonly filesHeld: number
  readonly filesSkipped: number
  /** By files judged on this day: read, loaded (with what was replayed since), rejected when judged. */
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly bytes: number
  readonly score: number | null
  readonly link: Link
}

export interface Change {
  readonly health: Health
  readonly text: string
  readonly link: Link
}
