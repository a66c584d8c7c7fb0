import type { RunStatus, Watermark } from '@tidegate/core'
import type { FileReport } from './file-report.ts'

/** What a run says of one source. */
export interface SourceReport {
  readonly source: string
  readonly run: string
  readonly status: RunStatus
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly filesSeen: number
  /** Known and unchanged in every target; they have no entry in `files`. */
  readonly filesUnchanged: number
  /** New, and passed over because of `max_file_age`; they have no entry in `files`. */
  readonly filesTooOld: number
  /** Folders that were not listed, since they are as they were (`backfill_interval`); their files count nowhere. */
  readonly foldersPassed: number
  /** Files of the source that `clean_source` archived or deleted at the end of the run. */
  readonly filesCleaned: number
  /** Held files that `quarantine.original: move` took out of the source. */
  readonly filesMoved: number
  /** Batches of an earlier run that were found unfinished and brought to their end. */
  readonly recovered: { readonly indexed: number; readonly published: number; readonly interruptedRuns: number }
  /** Where the source has several targets, a file has one report for each that it was new to, with its `target`. */
  readonly files: readonly FileReport[]
  readonly watermark: Watermark | null
  /** Sums over `files`: a file that goes to two targets counts twice. */
  readonly totals: SourceTotals
  /** Where there are several. */
  readonly targets?: readonly TargetReport[] | undefined
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string | undefined } | undefined
}

/** What became of one of several targets. */
export interface TargetReport {
  readonly target: string
  readonly totals: SourceTotals
  /** The target could not be served; the others were. */
  readonly error?: SourceReport['error']
}

export interface SourceTotals {
  readonly loaded: number
  readonly held: number
  readonly duplicate: number
  readonly waiting: number
  readonly failed: number
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsQuarantined: number
  readonly rowsDropped: number
  readonly bytes: number
}

export function totalsOf(files: readonly FileReport[]): SourceTotals {
  const totals = {
    loaded: 0,
    held: 0,
    duplicate: 0,
    waiting: 0,
    failed: 0,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsQuarantined: 0,
    rowsDropped: 0,
    bytes: 0,
  }
  for (const file of files) {
    totals[file.status] += 1
    totals.rowsRead += file.rowsRead
    totals.rowsLoaded += file.rowsLoaded
    totals.rowsQuarantined += file.rowsQuarantined
    totals.rowsDropped += file.rowsDropped
    totals.bytes += file.bytes
  }
  return totals
}

/** The status of a run from its files. A file that only waits does not spoil it. */
export function statusOf(files: readonly FileReport[]): RunStatus {
  const troubled = files.filter(
    (file) => file.status === 'failed' || (file.status === 'held' && file.cause === 'unreadable'),
  )
  if (troubled.length > 0) return 'partial'
  // Files without a contract wait at the gate: nobody can say whether they may pass.
  if (files.some((file) => file.status === 'held' || file.cause === 'contract')) return 'gate-failed'
  return files.some((file) => file.status === 'loaded') ? 'ok' : 'nothing-new'
}

/**
 * The exit code of a command over several sources (design §5): 1 when a source could not be run, 5 when another run holds
 * a lease, 4 when a file could not be read or judged, 3 when only gates failed, else 0 (or `noDataCode` when nothing was new).
 */
export function exitCodeOf(reports: readonly SourceReport[], noDataCode = 0): number {
  const errors = reports.filter((report) => report.error !== undefined)
  if (errors.some((report) => report.error?.code === 'CANCELLED')) return 130
  if (errors.length > 0) {
    if (errors.every((report) => report.error?.code === 'LEASE_HELD')) return 5
    if (errors.some((report) => report.error?.code.startsWith('CONFIG_'))) return 2
    return errors.length === reports.length ? 1 : 4
  }
  if (reports.some((report) => report.status === 'partial' || report.status === 'failed')) return 4
  if (reports.some((report) => report.status === 'gate-failed')) return 3
  return reports.every((report) => report.totals.loaded === 0) ? noDataCode : 0
}
