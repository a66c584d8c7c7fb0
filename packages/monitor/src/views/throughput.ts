import type { RunRecord } from '@tidegate/core'
import { bySource, isoTime, perSecond, quantile, sumOf } from '../figures.ts'
import type { History } from '../history.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { sourceNames } from '../source-names.ts'

export interface ThroughputView {
  readonly sources: readonly SourceThroughput[]
  /** The newest runs of the window, at most 20 of `runsTotal`. */
  readonly lastRuns: readonly RunThroughput[]
  readonly runsTotal: number
}

/** Rates are those of runs that ended, took time and read rows; quantiles are interpolated and null without such a run. */
export interface SourceThroughput {
  readonly source: string
  /** Runs that the rates are made of. */
  readonly runs: number
  readonly rows: number
  readonly bytes: number
  readonly rowsPerSecondP50: number | null
  /** 95 % of the runs were slower than this or equal. */
  readonly rowsPerSecondP95: number | null
  readonly bytesPerSecondP50: number | null
  readonly bytesPerSecondP95: number | null
  readonly durationMsP50: number | null
  readonly durationMsP95: number | null
  /** Rows per second of each such run, oldest first. */
  readonly trend: readonly (number | null)[]
}

export interface RunThroughput {
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
}

const LAST_RUNS = 20

/** How fast runs were. */
export function throughput(history: History, context: MonitorContext): ThroughputView {
  const runs = history.runs.filter(({ startedAtMs }) => startedAtMs >= history.sinceMs)
  const ofSource = bySource(runs)
  return {
    sources: sourceNames(history, context).map((source) => sourceThroughput(source, ofSource(source))),
    lastRuns: runs.slice(0, LAST_RUNS).map((run) => runThroughput(run)),
    runsTotal: runs.length,
  }
}

function sourceThroughput(source: string, newestFirst: readonly RunRecord[]): SourceThroughput {
  const measured = newestFirst.filter((run) => (durationOf(run) ?? 0) > 0 && run.rowsRead > 0)
  const rates = measured.map((run) => runThroughput(run))
  const rowRates = rates.flatMap(({ rowsPerSecond }) => rowsPerSecond ?? [])
  const byteRates = rates.flatMap(({ bytesPerSecond }) => bytesPerSecond ?? [])
  const durations = rates.flatMap(({ durationMs }) => durationMs ?? [])
  return {
    source,
    runs: measured.length,
    rows: sumOf(newestFirst, ({ rowsRead }) => rowsRead),
    bytes: sumOf(newestFirst, ({ bytesRead }) => bytesRead),
    rowsPerSecondP50: quantile(rowRates, 0.5),
    rowsPerSecondP95: quantile(rowRates, 0.95),
    bytesPerSecondP50: quantile(byteRates, 0.5),
    bytesPerSecondP95: quantile(byteRates, 0.95),
    durationMsP50: quantile(durations, 0.5),
    durationMsP95: quantile(durations, 0.95),
    trend: rates.toReversed().map(({ rowsPerSecond }) => rowsPerSecond),
  }
}

function runThroughput(run: RunRecord): RunThroughput {
  const durationMs = durationOf(run)
  return {
    run: run.id,
    source: run.source,
    command: run.command,
    status: run.status,
    startedAt: isoTime(run.startedAtMs),
    durationMs,
    filesLoaded: run.filesLoaded,
    filesHeld: run.filesHeld,
    filesFailed: run.filesFailed,
    rowsRead: run.rowsRead,
    bytesRead: run.bytesRead,
    rowsPerSecond: durationMs === null ? null : perSecond(run.rowsRead, durationMs),
    bytesPerSecond: durationMs === null ? null : perSecond(run.bytesRead, durationMs),
  }
}

/** A clock that was set back must not give a negative time. */
function durationOf(run: RunRecord): number | null {
  return run.endedAtMs === null ? null : Math.max(0, run.endedAtMs - run.startedAtMs)
}
