/** Sums over everything there ever was; none of them goes down while the ledgers stand. Times are Unix milliseconds, UTC. */
export interface MetricSums {
  /** By source and dataset. */
  readonly files: readonly {
    readonly source: string
    readonly dataset: string
    readonly loaded: number
    readonly held: number
    readonly skipped: number
    readonly rowsRead: number
    readonly rowsLoaded: number
    /** Also those that were replayed or given up since. */
    readonly rowsRejected: number
    readonly lastLoadedAtMs: number | null
    /** Mean score of the files of the newest batch that has one, 0–100. */
    readonly score: number | null
  }[]
  /** Runs that ended. */
  readonly runs: readonly {
    readonly source: string
    readonly command: string
    readonly status: string
    readonly runs: number
  }[]
  readonly durations: readonly {
    readonly source: string
    readonly command: string
    readonly totalMs: number
    readonly boundsSeconds: readonly number[]
    /** Runs that took at most that long and longer than the bound before; the last one has those beyond all bounds. */
    readonly bins: readonly number[]
  }[]
  /** Instants of schedules that were decided. */
  readonly ticks: readonly { readonly state: string; readonly reason: string | null; readonly ticks: number }[]
  /** Attempts to deliver. */
  readonly deliveries: readonly { readonly channel: string; readonly outcome: string; readonly deliveries: number }[]
}

export interface MetricStore {
  metricSums(): Promise<MetricSums>
}
