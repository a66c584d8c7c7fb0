import { DAY_MS, dayOf, dayText, runsIn, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, quantile } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { knownChecks, runsByDay, windowChecks } from '../window-sums.ts'
import { amount, count, percent } from '../wording.ts'
import { successOf } from './facets.ts'
import type { FreshnessView } from './freshness-view.ts'
import type { Health } from './health.ts'
import { linkTo } from './link.ts'
import type { Gauge } from './overview-view.ts'
import { medianRate } from './performance.ts'
import { countChecks } from './quality.ts'

interface Known {
  readonly fresh: FreshnessView
  readonly days: readonly number[]
}

/** Score, success rate, freshness compliance, throughput. */
export function overviewGauges(facts: Facts, context: MonitorContext, known: Known): readonly Gauge[] {
  return [
    scoreGauge(facts, context, known),
    successGauge(facts, known),
    freshnessGauge(facts, known),
    throughputGauge(facts, known),
  ]
}

/** Against the strictest gate: files below it are held. */
function scoreGauge(facts: Facts, context: MonitorContext, { days }: Known): Gauge {
  const value = countChecks(windowChecks(facts)).score
  const byDay = groupBy(knownChecks(facts), ({ dayMs }) => dayMs)
  const of = (dayMs: number): number | null => countChecks(byDay.get(dayMs) ?? []).score
  const thresholds = context.config.map(({ gate }) => gate.threshold)
  const reference = thresholds.length === 0 ? null : thresholds.reduce((most, item) => Math.max(most, item))
  return {
    id: 'score',
    label: 'Quality score',
    unit: 'percent',
    value,
    max: 100,
    reference,
    referenceLabel: reference === null ? '' : 'strictest gate',
    delta: deltaOf(of, facts),
    health: againstPercent(value, reference ?? 100, 5),
    summary: value === null ? 'No check was evaluated.' : `${percent(value)} of the checks passed.`,
    trend: days.map((dayMs) => of(dayMs)),
    link: linkTo('quality', windowRange(facts)),
  }
}

function successGauge(facts: Facts, { days }: Known): Gauge {
  const value = successOf(runsIn(facts))
  const byDay = runsByDay(facts)
  const of = (dayMs: number): number | null => successOf(byDay.get(dayMs) ?? [])
  return {
    id: 'success',
    label: 'Runs that ended well',
    unit: 'percent',
    value,
    max: 100,
    reference: 100,
    referenceLabel: 'all runs',
    delta: deltaOf(of, facts),
    health: againstPercent(value, 100, 10),
    summary: value === null ? 'No run has ended.' : `${percent(value)} of the runs ended well.`,
    trend: days.map((dayMs) => of(dayMs)),
    link: linkTo('runs', windowRange(facts)),
  }
}

/** Past days: the share of the judged sources that missed no deadline on that day. */
function freshnessGauge(facts: Facts, { fresh, days }: Known): Gauge {
  const value = fresh.compliancePercent
  const judged = fresh.items.filter(({ status }) => status !== 'unknown')
  const today = dayOf(Math.max(facts.sinceMs, facts.untilMs - 1))
  const of = (dayMs: number): number | null => {
    if (judged.length === 0) return null
    if (dayMs >= today) return value
    const late = judged.filter(({ missed }) => missed.some(({ to }) => to.slice(0, 10) === dayText(dayMs))).length
    return ((judged.length - late) / judged.length) * 100
  }
  return {
    id: 'freshness',
    label: 'Sources in time',
    unit: 'percent',
    value,
    max: 100,
    reference: 100,
    referenceLabel: 'all that are expected',
    delta: days.length < 3 ? null : deltaOf(of, facts),
    health: againstPercent(value, 100, 0),
    summary:
      value === null
        ? 'Of no source can be told whether it is in time.'
        : `${percent(value)} of ${amount(judged.length, 'source')} in time.`,
    trend: days.map((dayMs) => of(dayMs)),
    link: linkTo('datasets'),
  }
}

const MEASURED_DAYS = 7
const SLOW_SHARE = 0.5

/** The newest measured day's median run against the median of the up to 7 measured days before. */
function throughputGauge(facts: Facts, { days }: Known): Gauge {
  const rates = new Map<number, number>()
  for (const [dayMs, runs] of runsByDay(facts)) {
    const rate = dayMs < facts.untilMs ? medianRate(runs) : null
    if (rate !== null) rates.set(dayMs, rate)
  }
  const of = (dayMs: number): number | null => rates.get(dayMs) ?? null
  const measured = Array.from(rates)
    .toSorted(([a], [b]) => a - b)
    .map(([, rate]) => rate)
  const isInWindow = days.some((dayMs) => of(dayMs) !== null)
  const value = isInWindow ? (measured.at(-1) ?? null) : null
  const reference = quantile(measured.slice(-MEASURED_DAYS - 1, -1), 0.5)
  return {
    id: 'throughput',
    label: 'Rows per second',
    unit: 'rows-per-second',
    value,
    max: Math.max(2 * (reference ?? 0), value ?? 0, 1),
    reference,
    referenceLabel: reference === null ? '' : 'median of 7 days',
    delta: deltaOf(of, facts),
    health: speedHealth(value, reference),
    summary: throughputSummary(value, reference),
    trend: days.map((dayMs) => of(dayMs)),
    link: linkTo('performance', windowRange(facts)),
  }
}

function speedHealth(value: number | null, reference: number | null): Health {
  if (value === null) return 'unknown'
  return reference !== null && value < reference * SLOW_SHARE ? 'warn' : 'ok'
}

function throughputSummary(value: number | null, reference: number | null): string {
  if (value === null) return 'No run read rows.'
  const usual = reference === null ? '' : `, ${count(reference)} are usual`
  return `${count(value)} rows/s in the median run${usual}.`
}

/** Of the last whole day against the day before. */
function deltaOf(of: (dayMs: number) => number | null, facts: Facts): number | null {
  const today = dayOf(facts.untilMs)
  const last = of(today - DAY_MS)
  const before = of(today - 2 * DAY_MS)
  return last === null || before === null ? null : last - before
}

function againstPercent(value: number | null, reference: number, tolerated: number): Health {
  if (value === null) return 'unknown'
  if (value >= reference) return 'ok'
  return value >= reference - tolerated ? 'warn' : 'bad'
}
