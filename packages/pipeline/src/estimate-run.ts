/** How long a load will take and how much memory, by what loads of the same source took. Pure. */
import type { RunRecord } from '@tidegate/core'

/** From the least to the most that the past makes likely. */
export interface Band {
  readonly low: number
  readonly high: number
}

export interface RunEstimate {
  /** How many past runs it is based on; with 0 all else is null. */
  readonly runs: number
  readonly durationMs: Band | null
  readonly rows: Band | null
  /** Of the past runs, per second of their whole time. */
  readonly bytesPerSecond: Band | null
  readonly rowsPerSecond: Band | null
  /** Of this process and its engine together; null where no run measured it. */
  readonly peakMemoryBytes: Band | null
}

const NEAREST = 5
/** The overhead of a run is measured by those that found nothing; without one, a run may be all work. */
const LEAST_WORK = 0.05
const ENDED: ReadonlySet<string> = new Set(['ok', 'partial', 'gate-failed'])

/**
 * Looks at the five runs whose size was nearest to this one. Time grows with bytes or with files, whichever a run shows; the
 * band is as wide as those runs disagree, and as wide again as the two measures do.
 *
 * @param history runs of one source, in any order; others than finished ingestions that read something are passed over
 */
export function estimateRun(
  history: readonly RunRecord[],
  plan: { readonly files: number; readonly bytes: number },
): RunEstimate {
  const runs = nearest(history.flatMap(measured), plan.bytes)
  if (runs.length === 0 || plan.files === 0) {
    const none = { durationMs: null, rows: null, bytesPerSecond: null, rowsPerSecond: null, peakMemoryBytes: null }
    return { runs: 0, ...none }
  }
  const overheadMs = median(history.filter((run) => run.status === 'nothing-new').flatMap(durationOf)) ?? 0
  const durations = runs.map((run): Band => {
    const idleMs = Math.min(overheadMs, run.durationMs * (1 - LEAST_WORK))
    const scales = [plan.bytes / run.bytes, plan.files / run.files]
    const workMs = run.durationMs - idleMs
    return { low: idleMs + workMs * Math.min(...scales), high: idleMs + workMs * Math.max(...scales) }
  })
  const peaks = runs.flatMap(({ peakMemoryBytes, bytes }) =>
    peakMemoryBytes === null ? [] : [{ peak: peakMemoryBytes, grown: peakMemoryBytes * growth(plan.bytes / bytes) }],
  )
  return {
    runs: runs.length,
    durationMs: rounded({
      low: Math.min(...durations.map(({ low }) => low)),
      high: Math.max(...durations.map(({ high }) => high)),
    }),
    rows: bandOf(runs.map(({ rows, bytes }) => (rows / bytes) * plan.bytes)),
    bytesPerSecond: bandOf(runs.map(({ bytes, durationMs }) => (bytes / durationMs) * 1000)),
    rowsPerSecond: bandOf(runs.map(({ rows, durationMs }) => (rows / durationMs) * 1000)),
    peakMemoryBytes:
      peaks.length === 0
        ? null
        : rounded({
            low: Math.min(...peaks.map(({ peak }) => peak)),
            high: Math.max(...peaks.map(({ grown }) => grown)),
          }),
  }
}

interface MeasuredRun {
  readonly durationMs: number
  readonly bytes: number
  readonly files: number
  readonly rows: number
  readonly peakMemoryBytes: number | null
}

function measured(run: RunRecord): readonly MeasuredRun[] {
  const files = run.filesLoaded + run.filesHeld
  const [durationMs] = durationOf(run)
  if (run.command !== 'ingest' || !ENDED.has(run.status) || run.bytesRead <= 0 || files === 0) return []
  if (durationMs === undefined) return []
  return [{ durationMs, bytes: run.bytesRead, files, rows: run.rowsRead, peakMemoryBytes: run.peakMemoryBytes ?? null }]
}

function durationOf({ startedAtMs, endedAtMs }: RunRecord): readonly number[] {
  // A clock may have been set back meanwhile.
  return endedAtMs === null || endedAtMs < startedAtMs ? [] : [Math.max(1, endedAtMs - startedAtMs)]
}

function nearest(runs: readonly MeasuredRun[], bytes: number): readonly MeasuredRun[] {
  const distance = (run: MeasuredRun): number => Math.abs(Math.log(run.bytes) - Math.log(Math.max(1, bytes)))
  return runs.toSorted((a, b) => distance(a) - distance(b)).slice(0, NEAREST)
}

/** Batches are bounded, so memory grows slower than what is loaded: at most twofold, or a spill begins. */
function growth(ratio: number): number {
  return Math.min(2, Math.max(1, ratio))
}

function bandOf(values: readonly number[]): Band {
  return rounded({ low: Math.min(...values), high: Math.max(...values) })
}

function rounded({ low, high }: Band): Band {
  return { low: Math.floor(low), high: Math.ceil(high) }
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
