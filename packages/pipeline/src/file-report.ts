import type { Dimension, FileRepair, Reason } from '@tidegate/core'

/**
 * What a run says of one file. For `loaded` and `held`: read = loaded + quarantined + dropped.
 *
 * - `loaded` · `held` (in quarantine) · `duplicate` (same bytes loaded under another name, skipped)
 * - `waiting` (settling, or no contract yet) · `unchanged` (known; only counted) · `failed` (could not be judged; tried again)
 */
export interface FileReport {
  readonly source: string
  readonly dataset: string
  readonly path: string
  /** Name of the target, where the source has several and the file was looked at for one of them. */
  readonly target?: string | undefined
  readonly status: 'loaded' | 'held' | 'duplicate' | 'waiting' | 'failed'
  /**
   * With `held`: rules of the contract (`checks`), bytes that cannot be read (`unreadable`), `duplicates: quarantine`
   * (`duplicate`). With `waiting` and `failed`: written to meanwhile (`changed`), no usable contract (`contract`).
   */
  readonly cause?: 'checks' | 'unreadable' | 'duplicate' | 'changed' | 'contract' | undefined
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsQuarantined: number
  readonly rowsDropped: number
  readonly bytes: number
  /** Of the parts that begin with its rows, so that over a batch each part counts once. Absent where there are none. */
  readonly bytesWritten?: number | undefined
  readonly score: number | null
  /** The score of each dimension that has a check, 0–100. Absent where nothing was checked. */
  readonly scores?: Readonly<Partial<Record<Dimension, number>>> | undefined
  readonly verdict: string | null
  readonly reasons: readonly Reason[]
  readonly durationMs: number
  readonly batch: string | null
  readonly quarantine: string | null
  /** Absent where the file was read as it came. */
  readonly repair?: FileRepair | undefined
}

/** Of a file of which no row was read. */
export function bareReport(
  source: string,
  dataset: string,
  path: string,
  bytes: number,
  status: FileReport['status'],
  reason: FileReport['reasons'][number],
  cause?: FileReport['cause'],
): FileReport {
  return {
    source,
    dataset,
    path,
    status,
    cause,
    bytes,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsQuarantined: 0,
    rowsDropped: 0,
    score: null,
    verdict: null,
    reasons: [reason],
    durationMs: 0,
    batch: null,
    quarantine: null,
  }
}
