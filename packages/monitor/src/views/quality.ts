import type { CheckDay } from '@tidegate/core'
import { dayRange, dayText, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, groupByDataset, isoTime, keyOf, percentOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { oncePerFacts } from '../once-per-facts.ts'
import { checksByDay, failedOfCheck, windowChecks, windowHours } from '../window-sums.ts'
import { amount, count, percent } from '../wording.ts'
import { linkTo } from './link.ts'
import type {
  CheckCounts,
  DatasetQuality,
  DayQuality,
  QualityView,
  TrendDirection,
  WorstCheck,
} from './quality-view.ts'

const WORST = 20
const STEADY_POINTS = 0.5

/** How good the data was: by dataset, by source, by day, and which checks fail. */
export function quality(facts: Facts, _context: MonitorContext): QualityView {
  return known(facts)
}

const known = oncePerFacts((facts) => summariseQuality(facts))

function summariseQuality(facts: Facts): QualityView {
  const checks = windowChecks(facts)
  const range = windowRange(facts)
  const days = measuredDays(facts, checks)
  const trend = trendOf(days, checksByDay(facts))
  const counts = countChecks(checks)
  const direction = directionOf(trend.map(({ score }) => score))
  const worst = worstChecks(checks, facts, days)
  return {
    ...counts,
    summary: summarise(counts, direction, worst),
    link: linkTo('quality', range),
    sources: Array.from(
      groupBy(checks, ({ source }) => source),
      ([source, group]) => ({ source, ...countChecks(group), link: linkTo('quality', { source, ...range }) }),
    ),
    datasets: datasetsOf(checks, facts, days),
    dimensions: Array.from(
      groupBy(checks, ({ dimension }) => dimension),
      ([dimension, group]) => ({ dimension, ...countChecks(group), link: linkTo('quality', range) }),
    ).toSorted((a, b) => (a.score ?? 101) - (b.score ?? 101)),
    trend,
    direction,
    worst: worst.slice(0, WORST),
    worstTotal: worst.length,
  }
}

function summarise(counts: CheckCounts, direction: TrendDirection, worst: readonly WorstCheck[]): string {
  if (counts.evaluated === 0) return 'No check was evaluated in the window: quality is unknown.'
  const bad = [
    ...(counts.failed > 0 ? [`${count(counts.failed)} failed`] : []),
    ...(counts.errors > 0 ? [`${count(counts.errors)} could not run`] : []),
  ]
  const course = direction.kind === 'unknown' ? '' : `, ${direction.kind}`
  const first = worst[0]
  const most = first === undefined ? '' : `; most often ${first.check} of ${first.dataset}`
  return `Score ${percent(counts.score)}${course}: of ${amount(counts.evaluated, 'check')} ${bad.length === 0 ? 'all passed' : bad.join(' and ')}${most}.`
}

/** Adds up outcomes and forms the score. */
export function countChecks(checks: readonly Pick<CheckDay, 'passed' | 'failed' | 'errors'>[]): CheckCounts {
  let passed = 0
  let failed = 0
  let errors = 0
  for (const check of checks) {
    passed += check.passed
    failed += check.failed
    errors += check.errors
  }
  const evaluated = passed + failed + errors
  return { score: percentOf(passed, evaluated), evaluated, passed, failed, errors }
}

/** The later half of the known scores against the earlier one. */
export function directionOf(scores: readonly (number | null)[]): TrendDirection {
  const known = scores.flatMap((score) => score ?? [])
  if (known.length < 2) return { kind: 'unknown', points: null }
  const half = Math.floor(known.length / 2)
  const points = mean(known.slice(-half)) - mean(known.slice(0, half))
  if (Math.abs(points) < STEADY_POINTS) return { kind: 'steady', points }
  return { kind: points > 0 ? 'rising' : 'falling', points }
}

function mean(values: readonly number[]): number {
  return sumOf(values, (value) => value) / values.length
}

/** The window's days from the first measured one on; none without a check. */
function measuredDays(facts: Facts, checks: readonly CheckDay[]): readonly number[] {
  const first = checks.reduce((least, { dayMs }) => Math.min(least, dayMs), Number.POSITIVE_INFINITY)
  return windowDays(facts).filter((dayMs) => dayMs >= first)
}

function trendOf(days: readonly number[], byDay: ReadonlyMap<number, readonly CheckDay[]>): readonly DayQuality[] {
  return days.map((dayMs) => ({
    day: dayText(dayMs),
    ...countChecks(byDay.get(dayMs) ?? []),
    link: linkTo('quality', dayRange(dayMs)),
  }))
}

function datasetsOf(checks: readonly CheckDay[], facts: Facts, days: readonly number[]): readonly DatasetQuality[] {
  const files = new Map(
    groupByDataset(windowHours(facts)).map(({ source, dataset, items }) => [keyOf(source, dataset), items]),
  )
  return groupByDataset(checks)
    .map(({ source, dataset, items: group }): DatasetQuality => {
      const byDay = groupBy(group, ({ dayMs }) => dayMs)
      const lastDay = group.reduce((latest, { dayMs }) => Math.max(latest, dayMs), Number.NEGATIVE_INFINITY)
      return {
        source,
        dataset,
        ...countChecks(group),
        files: sumOf(files.get(keyOf(source, dataset)) ?? [], ({ scored }) => scored),
        lastCheckedAt: isoTime(
          group.reduce((latest, { lastMs }) => Math.max(latest, lastMs), Number.NEGATIVE_INFINITY),
        ),
        lastScore: countChecks(byDay.get(lastDay) ?? []).score,
        scores: days.map((dayMs) => countChecks(byDay.get(dayMs) ?? []).score),
        link: linkTo('quality', { source, dataset, ...windowRange(facts) }),
      }
    })
    .toSorted((a, b) => (a.score ?? 101) - (b.score ?? 101))
}

function worstChecks(checks: readonly CheckDay[], facts: Facts, days: readonly number[]): readonly WorstCheck[] {
  return groupByDataset(checks)
    .flatMap(({ items }) => [...groupBy(items, ({ check }) => check).values()])
    .filter((group) => group.some(({ failed, errors }) => failed + errors > 0))
    .map((group): WorstCheck => {
      const newest = group.reduce((latest, item) => (item.lastMs > latest.lastMs ? item : latest))
      const { source, dataset, check, type, columns, severity, dimension } = newest
      const last = failedOfCheck(facts, source, dataset, check)[0]
      const badDays = new Map<number, number>()
      let lastBadMs: number | null = null
      for (const { dayMs, lastMs, failed, errors } of group) {
        if (failed + errors === 0) continue
        badDays.set(dayMs, (badDays.get(dayMs) ?? 0) + failed + errors)
        lastBadMs = Math.max(lastBadMs ?? lastMs, lastMs)
      }
      return {
        source,
        dataset,
        check,
        type,
        columns,
        severity,
        dimension,
        ...countChecks(group),
        unexpectedRows: sumOf(group, ({ unexpectedRows }) => unexpectedRows),
        lastFailedAt: isoTime(last?.checkedAtMs ?? lastBadMs),
        lastMessage: last?.result.error?.message ?? last?.result.message ?? '',
        failures: days.map((dayMs) => badDays.get(dayMs) ?? 0),
        link: linkTo('files', { source, dataset, check, ...windowRange(facts) }),
      }
    })
    .toSorted((a, b) => b.failed + b.errors - (a.failed + a.errors) || b.unexpectedRows - a.unexpectedRows)
}
