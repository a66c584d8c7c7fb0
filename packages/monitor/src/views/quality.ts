import type { CheckDay } from '@tidegate/core'
import { dayRange, daysIn, dayText, hoursIn, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, isoTime, keyOf, percentOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
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
import { remembered, type ViewCache } from './remembered.ts'

const WORST = 20
const STEADY_POINTS = 0.5

/** How good the data was: by dataset, by source, by day, and which checks fail. */
export function quality(facts: Facts, context: MonitorContext): QualityView {
  return remembered(cache, facts, context, summariseQuality)
}

const cache: ViewCache<QualityView> = new WeakMap()

function summariseQuality(facts: Facts): QualityView {
  const checks = daysIn(facts.checkDays, facts)
  const range = windowRange(facts)
  const days = measuredDays(facts, checks)
  const trend = trendOf(days, checks)
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

function trendOf(days: readonly number[], checks: readonly CheckDay[]): readonly DayQuality[] {
  const byDay = groupBy(checks, ({ dayMs }) => String(dayMs))
  return days.map((dayMs) => ({
    day: dayText(dayMs),
    ...countChecks(byDay.get(String(dayMs)) ?? []),
    link: linkTo('quality', dayRange(dayMs)),
  }))
}

function datasetsOf(checks: readonly CheckDay[], facts: Facts, days: readonly number[]): readonly DatasetQuality[] {
  const files = groupBy(hoursIn(facts.fileHours, facts), ({ source, dataset }) => keyOf(source, dataset))
  return Array.from(
    groupBy(checks, ({ source, dataset }) => keyOf(source, dataset)),
    ([key, group]): DatasetQuality => {
      const byDay = groupBy(group, ({ dayMs }) => String(dayMs))
      const lastDay = group.reduce((latest, { dayMs }) => Math.max(latest, dayMs), Number.NEGATIVE_INFINITY)
      const { source = '', dataset = '' } = group[0] ?? {}
      return {
        source,
        dataset,
        ...countChecks(group),
        files: sumOf(files.get(key) ?? [], ({ scored }) => scored),
        lastCheckedAt: isoTime(
          group.reduce((latest, { lastMs }) => Math.max(latest, lastMs), Number.NEGATIVE_INFINITY),
        ),
        lastScore: countChecks(byDay.get(String(lastDay)) ?? []).score,
        scores: days.map((dayMs) => countChecks(byDay.get(String(dayMs)) ?? []).score),
        link: linkTo('quality', { source, dataset, ...windowRange(facts) }),
      }
    },
  ).toSorted((a, b) => (a.score ?? 101) - (b.score ?? 101))
}

function worstChecks(checks: readonly CheckDay[], facts: Facts, days: readonly number[]): readonly WorstCheck[] {
  const lastFailed = new Map<string, Facts['failedChecks']['items'][number]>()
  for (const record of facts.failedChecks.items) {
    const key = keyOf(record.source, record.dataset, record.result.id)
    if (!lastFailed.has(key)) lastFailed.set(key, record)
  }
  return Array.from(groupBy(checks, ({ source, dataset, check }) => keyOf(source, dataset, check)))
    .map(([key, group]): WorstCheck => {
      const newest = group.reduce((latest, item) => (item.lastMs > latest.lastMs ? item : latest))
      const last = lastFailed.get(key)
      const lastBadDay = group.filter((item) => item.failed + item.errors > 0).map(({ lastMs }) => lastMs)
      const byDay = groupBy(group, ({ dayMs }) => String(dayMs))
      const { source, dataset, check, type, columns, severity, dimension } = newest
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
        lastFailedAt: isoTime(last?.checkedAtMs ?? (lastBadDay.length === 0 ? null : Math.max(...lastBadDay))),
        lastMessage: last?.result.error?.message ?? last?.result.message ?? '',
        failures: days.map((dayMs) => sumOf(byDay.get(String(dayMs)) ?? [], (item) => item.failed + item.errors)),
        link: linkTo('files', { source, dataset, check, ...windowRange(facts) }),
      }
    })
    .filter(({ failed, errors }) => failed + errors > 0)
    .toSorted((a, b) => b.failed + b.errors - (a.failed + a.errors) || b.unexpectedRows - a.unexpectedRows)
}
