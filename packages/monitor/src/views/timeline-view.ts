import type { Link } from './link.ts'

export interface TimelineView {
  readonly summary: string
  /** Oldest first: the newest 2,000 of `runsTotal`. */
  readonly runs: readonly TimelineRun[]
  readonly runsTotal: number
  /** All runs of the window by step and status, oldest first: an hour each in windows of up to 15 days, else a day. */
  readonly binStep: 'hour' | 'day'
  readonly bins: readonly TimelineBin[]
  readonly byStatus: readonly { readonly status: string; readonly count: number; readonly link: Link }[]
  /** Oldest first: the newest 500 of `annotationsTotal`. */
  readonly annotations: readonly Annotation[]
  readonly annotationsTotal: number
}

export interface TimelineRun {
  readonly run: string
  readonly source: string
  readonly command: string
  readonly status: string
  readonly startedAt: string
  /** Null while it runs, or where its process died. */
  readonly endedAt: string | null
  readonly durationMs: number | null
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly bytesRead: number
  readonly filesLoaded: number
  readonly filesHeld: number
  readonly filesSkipped: number
  readonly filesFailed: number
  readonly errorCode: string | null
  readonly link: Link
}

/** Runs of one status that began within one step. */
export interface TimelineBin {
  /** Begin of the step. */
  readonly at: string
  readonly status: string
  readonly runs: number
  /** Of those that ended. */
  readonly durationMsP50: number | null
  readonly durationMsMax: number | null
  readonly rowsRead: number
  readonly link: Link
}

export interface Annotation {
  /** Of a day's repairs the first one: when its file was decided, or where that is not listed, its run ended. */
  readonly at: string
  readonly kind: 'schema-change' | 'contract-change' | 'repair' | 'replay'
  readonly source: string
  readonly dataset: string | null
  readonly text: string
  readonly link: Link
}
