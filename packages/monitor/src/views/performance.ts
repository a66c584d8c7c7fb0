import type { RunRecord } from '@tidegate/core'
import { dayRange, daysIn, dayText, runsIn, runsTotal, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { meanScore } from '../file-sums.ts'
import { groupBy, isoTime, perSecond, quantile, quantileOfSorted, sortNumbers, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { sourceNames } from '../source-names.ts'
import { windowRunsByDay, windowRunsBySource, windowSums } from '../window-sums.ts'
import { amount, bytes, count, duration, percent } from '../wording.ts'
import { linkTo } from './link.ts'
import type {
  DayPerformance,
  PerformanceView,
  Rates,
  RunPerformance,
  ScoreDistribution,
  SourcePerformance,
} from './performance-view.ts'

const LAST_RUNS = 20
const TREND_RUNS = 200
const BINS = 21
const BIN_WIDTH = 5

/** How fast runs were, and how good the files' scores. */
export function performance(facts: Facts, context: MonitorContext): PerformanceView {
  const runs = runsIn(facts)
  const ofSource = windowRunsBySource(facts)
  const overall = ratesOf(runs)
  const total = runsTotal(facts)
  const scores = scoreDistribution(facts)
  return {
    summary: summarise(overall, total, scores),
    overall,
    sources: sourceNames(facts, context).map((source) => sourcePerformance(source, ofSource.get(source) ?? [], facts)),
    days: byDay(facts),
    lastRuns: runs.slice(0, LAST_RUNS).map((run) => runPerformance(run)),
    runsTotal: total,
    scores,
  }
}

function summarise(rates: Rates, total: number, scores: ScoreDistribution): string {
  const { rowsPerSecondP50, bytesPerSecondP50, durationMsP50, durationMsP95 } = rates
  const files = scores.files === 0 ? '' : ` ${amount(scores.files, 'file')} scored ${percent(scores.mean)} in the mean.`
  if (rowsPerSecondP50 === null) return `${amount(total, 'run')}, none of which read rows: nothing to measure.${files}`
  return (
    `Half of ${amount(rates.runs, 'run')} that read rows were faster than ${count(rowsPerSecondP50)} rows/s ` +
    `(${bytes(bytesPerSecondP50 ?? 0)}/s); a run took ${duration(durationMsP50)} in the median, ${duration(durationMsP95)} at the 95th percentile.${files}`
  )
}

export function ratesOf(runs: readonly RunRecord[]): Rates {
  const rows: number[] = []
  const sizes: number[] = []
  const durations: number[] = []
  for (const run of runs) {
    if (!isMeasured(run)) continue
    const durationMs = durationOf(run) ?? 0
    rows.push(perSecond(run.rowsRead, durationMs) ?? 0)
    sizes.push(perSecond(run.bytesRead, durationMs) ?? 0)
    durations.push(durationMs)
  }
  const [rowRates, sizeRates, times] = [sortNumbers(rows), sortNumbers(sizes), sortNumbers(durations)]
  return {
    runs: rows.length,
    rowsPerSecondP50: quantileOfSorted(rowRates, 0.5),
    rowsPerSecondP95: quantileOfSorted(rowRates, 0.95),
    bytesPerSecondP50: quantileOfSorted(sizeRates, 0.5),
    bytesPerSecondP95: quantileOfSorted(sizeRates, 0.95),
    durationMsP50: quantileOfSorted(times, 0.5),
    durationMsP95: quantileOfSorted(times, 0.95),
  }
}

/** Rows per second of the median run that read rows. */
export function medianRate(runs: readonly RunRecord[]): number | null {
  const rates = runs.flatMap((run) => (isMeasured(run) ? (perSecond(run.rowsRead, durationOf(run) ?? 0) ?? []) : []))
  return quantile(rates, 0.5)
}

function isMeasured(run: RunRecord): boolean {
  return run.rowsRead > 0 && (durationOf(run) ?? 0) > 0
}

/** A clock that was set back must not give a negative time. */
export function durationOf(run: RunRecord): number | null {
  return run.endedAtMs === null ? null : Math.max(0, run.endedAtMs - run.startedAtMs)
}

function runRates(run: RunRecord): Pick<RunPerformance, 'durationMs' | 'rowsPerSecond' | 'bytesPerSecond'> {
  const durationMs = durationOf(run)
  return {
    durationMs,
    rowsPerSecond: durationMs === null ? null : perSecond(run.rowsRead, durationMs),
    bytesPerSecond: durationMs === null ? null : perSecond(run.bytesRead, durationMs),
  }
}

function sourcePerformance(source: string, newestFirst: readonly RunRecord[], facts: Facts): SourcePerformance {
  const peaks = newestFirst.flatMap(({ peakMemoryBytes }) => peakMemoryBytes ?? [])
  return {
    source,
    ...ratesOf(newestFirst),
    rows: sumOf(newestFirst, ({ rowsRead }) => rowsRead),
    bytes: sumOf(newestFirst, ({ bytesRead }) => bytesRead),
    peakMemoryBytes: peaks.length === 0 ? null : peaks.reduce((most, peak) => Math.max(most, peak)),
    trend: newestFirst
      .filter((run) => isMeasured(run))
      .slice(0, TREND_RUNS)
      .toReversed()
      .map((run) => runRates(run).rowsPerSecond),
    link: linkTo('runs', { source, ...windowRange(facts) }),
  }
}

function byDay(facts: Facts): readonly DayPerformance[] {
  const groups = windowRunsByDay(facts)
  return windowDays(facts).map((dayMs) => {
    const group = groups.get(dayMs) ?? []
    return {
      day: dayText(dayMs),
      ...ratesOf(group),
      rows: sumOf(group, ({ rowsRead }) => rowsRead),
      bytes: sumOf(group, ({ bytesRead }) => bytesRead),
      link: linkTo('runs', dayRange(dayMs)),
    }
  })
}

function runPerformance(run: RunRecord): RunPerformance {
  return {
    run: run.id,
    source: run.source,
    command: run.command,
    status: run.status,
    startedAt: isoTime(run.startedAtMs),
    ...runRates(run),
    filesLoaded: run.filesLoaded,
    filesHeld: run.filesHeld,
    filesFailed: run.filesFailed,
    rowsRead: run.rowsRead,
    bytesRead: run.bytesRead,
    link: linkTo('runs', { run: run.id }),
  }
}

function scoreDistribution(facts: Facts): ScoreDistribution {
  const scores = daysIn(facts.scores, facts)
  const range = windowRange(facts)
  const sums = windowSums(facts)
  const bins = addBins(scores.map((item) => item.bins))
  return {
    files: sumOf(bins, (files) => files),
    mean: meanScore(sums),
    lowest: sums.scoreMin,
    bins: bins.map((files, index) => {
      const from = index * BIN_WIDTH
      const to = from + BIN_WIDTH
      return { from, to, files, link: linkTo('files', { ...range, scoreFrom: from, scoreTo: to }) }
    }),
    days: Array.from(groupBy(scores, ({ dayMs }) => dayMs).values(), (group) => {
      const dayBins = addBins(group.map((item) => item.bins))
      return { dayMs: group[0]?.dayMs ?? 0, files: sumOf(dayBins, (files) => files), bins: dayBins }
    })
      .toSorted((a, b) => a.dayMs - b.dayMs)
      .map(({ dayMs, files, bins: dayBins }) => ({ day: dayText(dayMs), files, bins: dayBins })),
  }
}

function addBins(all: readonly (readonly number[])[]): readonly number[] {
  const sums = Array.from({ length: BINS }, () => 0)
  for (const bins of all) for (let bin = 0; bin < BINS; bin += 1) sums[bin] = (sums[bin] ?? 0) + (bins[bin] ?? 0)
  return sums
}
