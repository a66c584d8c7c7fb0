/**
 * The last whole day against what is usual. Usual is the median of the up to 28 days before, and a band around it made of
 * the median absolute deviation, which a few odd days do not widen. What lies outside the band, but is as on the same
 * weekdays before, is usual too: sources that rest on Sundays must not alarm every Sunday.
 */
import type { FileSums } from '@tidegate/core'
import { DAY_MS, dayOf, dayRange, dayText } from '../days.ts'
import type { Facts } from '../facts.ts'
import { addSums, filesOf, meanScore, rowsTurnedAway } from '../file-sums.ts'
import { groupBy, percentOf, quantile } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { oncePerFacts } from '../once-per-facts.ts'
import { hoursByDataset, runsBySource } from '../window-sums.ts'
import { amount, count, listing, percent, signedPercent } from '../wording.ts'
import type { ComparedMetric, Comparison, ComparisonView } from './comparison-view.ts'
import { linkTo } from './link.ts'
import { medianRate } from './performance.ts'

const BEFORE = 28
const ITEMS = 300

export function comparison(facts: Facts, _context: MonitorContext): ComparisonView {
  return known(facts)
}

const known = oncePerFacts((facts) => compareDays(facts))

function compareDays(facts: Facts): ComparisonView {
  const today = dayOf(facts.untilMs)
  const days = Array.from({ length: BEFORE + 1 }, (_, index) => today + (index - BEFORE - 1) * DAY_MS)
  const items = [...datasetSeries(facts, [...days, today]), ...runSeries(facts, [...days, today])]
    .map((series) => compareSeries(series, days))
    .toSorted((a, b) => RANK[a.status] - RANK[b.status] || Number(b.bad) - Number(a.bad) || awayFrom(b) - awayFrom(a))
  const outside = items.filter(({ status }) => status === 'above' || status === 'below')
  const day = dayText(today - DAY_MS)
  return {
    summary: summarise(day, items, outside),
    day,
    days: days.map((dayMs) => dayText(dayMs)),
    items: items.slice(0, ITEMS),
    total: items.length,
    outside: outside.length,
    unknown: items.filter(({ status }) => status === 'unknown').length,
  }
}

const RANK: Readonly<Record<Comparison['status'], number>> = { above: 0, below: 0, inside: 1, unknown: 2 }

function awayFrom({ medianPercent }: Comparison): number {
  return Math.abs(medianPercent ?? 0)
}

function summarise(day: string, items: readonly Comparison[], outside: readonly Comparison[]): string {
  const judged = items.filter(({ status }) => status !== 'unknown').length
  if (items.length === 0) return `Nothing is known of the days up to ${day}.`
  if (judged === 0) return `The history is too short to say what is usual: 7 days are needed.`
  if (outside.length === 0) return `On ${day} all of ${amount(judged, 'figure')} were as usual.`
  const names = outside.map((item) => `${item.metric} of ${item.dataset ?? item.source} ${item.status}`)
  return `On ${day} ${count(outside.length)} of ${amount(judged, 'figure')} lay outside what is usual: ${listing(names)}.`
}

/** The day's values, the unfinished day last. */
interface Series {
  readonly source: string
  readonly dataset: string | null
  readonly metric: ComparedMetric
  readonly values: readonly (number | null)[]
}

function datasetSeries(facts: Facts, days: readonly number[]): readonly Series[] {
  return hoursByDataset(facts).flatMap(({ source, dataset, items }) => {
    const byDay = groupBy(items, ({ hourMs }) => dayOf(hourMs))
    const firstDay = items.reduce((least, { hourMs }) => Math.min(least, dayOf(hourMs)), Number.POSITIVE_INFINITY)
    const sums = days.map((dayMs) => (dayMs < firstDay ? undefined : addSums(byDay.get(dayMs) ?? [])))
    return METRICS.map(([metric, of]) => ({
      source,
      dataset,
      metric,
      values: sums.map((sum) => (sum === undefined ? null : of(sum))),
    }))
  })
}

const METRICS: readonly (readonly [ComparedMetric, (sum: FileSums) => number | null])[] = [
  ['files', (sum) => filesOf(sum)],
  ['rows', ({ rowsLoaded }) => rowsLoaded],
  ['bytes', ({ bytes }) => bytes],
  ['score', (sum) => meanScore(sum)],
  ['rejected-percent', (sum) => percentOf(rowsTurnedAway(sum), sum.rowsRead)],
]

function runSeries(facts: Facts, days: readonly number[]): readonly Series[] {
  return Array.from(runsBySource(facts), ([source, runs]) => {
    const byDay = groupBy(runs, ({ startedAtMs }) => dayOf(startedAtMs))
    return {
      source,
      dataset: null,
      metric: 'rows-per-second' as const,
      values: days.map((dayMs) => medianRate(byDay.get(dayMs) ?? [])),
    }
  }).filter(({ values }) => values.some((value) => value !== null))
}

function compareSeries({ source, dataset, metric, values: all }: Series, days: readonly number[]): Comparison {
  const values = all.slice(0, days.length)
  const value = values.at(-1) ?? null
  const before = values.slice(0, -1)
  const dayBefore = before.at(-1) ?? null
  const weekBefore = before.at(-7) ?? null
  const known = before.flatMap((item) => item ?? [])
  const median = quantile(known, 0.5)
  const band = bandOf(known, metric)
  const judgement = judge(value, before, band, metric, median)
  const day = days.at(-1) ?? 0
  return {
    source,
    dataset,
    metric,
    value,
    soFar: all.at(-1) ?? null,
    dayBefore,
    weekBefore,
    median,
    band,
    dayBeforePercent: changePercent(value, dayBefore),
    weekBeforePercent: changePercent(value, weekBefore),
    medianPercent: changePercent(value, median),
    values,
    ...judgement,
    bad: judgement.status === BAD_SIDE[metric],
    link:
      dataset === null
        ? linkTo('runs', { source, ...dayRange(day) })
        : linkTo('files', { source, dataset, ...dayRange(day) }),
  }
}

const BAD_SIDE: Readonly<Record<ComparedMetric, Comparison['status']>> = {
  files: 'below',
  rows: 'below',
  bytes: 'below',
  score: 'below',
  'rejected-percent': 'above',
  'rows-per-second': 'below',
}

const LEAST_DAYS = 7
/** Makes the median absolute deviation of normally spread values their standard deviation. */
const MAD_TO_SIGMA = 1.4826
const SIGMAS = 3
const LEAST_SHARE = 0.1

/** Undefined bounds do not exist: shares end at 100, and nothing is less than 0. */
export function bandOf(known: readonly number[], metric: ComparedMetric): Comparison['band'] {
  const median = quantile(known, 0.5)
  if (median === null || known.length < LEAST_DAYS) return null
  // Shares of 0 are usual and good; counts of 0 say that files come too rarely to be judged by the day.
  if (median === 0 && metric !== 'rejected-percent') return null
  const deviation = quantile(
    known.map((item) => Math.abs(item - median)),
    0.5,
  )
  const least = metric === 'rejected-percent' ? Math.max(median * LEAST_SHARE, 1) : median * LEAST_SHARE
  const half = Math.max(SIGMAS * MAD_TO_SIGMA * (deviation ?? 0), least)
  const most = metric === 'score' || metric === 'rejected-percent' ? 100 : Number.POSITIVE_INFINITY
  return { low: Math.max(0, median - half), high: Math.min(most, median + half) }
}

function judge(
  value: number | null,
  before: readonly (number | null)[],
  band: Comparison['band'],
  metric: ComparedMetric,
  median: number | null,
): Pick<Comparison, 'status' | 'because'> {
  const known = before.filter((item) => item !== null).length
  if (known < LEAST_DAYS)
    return { status: 'unknown', because: `of ${amount(known, 'day')} before it something is known, 7 are needed` }
  if (band === null) return { status: 'unknown', because: 'on most days there is nothing' }
  if (value === null) return { status: 'unknown', because: 'nothing was measured on that day' }
  const change = changePercent(value, median)
  const against = `${text(value, metric)} against ${text(median ?? 0, metric)} in the median`
  const told = change === null ? against : `${against} (${signedPercent(change)})`
  if (value >= band.low && value <= band.high) return { status: 'inside', because: told }
  if (isUsualWeekday(value, before)) return { status: 'inside', because: `${told}, as on the same weekday before` }
  return { status: value < band.low ? 'below' : 'above', because: told }
}

/** Within the reach of at least three same weekdays, give or take 10 %. */
function isUsualWeekday(value: number, before: readonly (number | null)[]): boolean {
  const same = [7, 14, 21, 28].flatMap((back) => before.at(-back) ?? [])
  if (same.length < 3) return false
  return value >= Math.min(...same) * (1 - LEAST_SHARE) && value <= Math.max(...same) * (1 + LEAST_SHARE)
}

function text(value: number, metric: ComparedMetric): string {
  return metric === 'score' || metric === 'rejected-percent' ? percent(value) : count(value)
}

function changePercent(value: number | null, reference: number | null): number | null {
  return value === null || reference === null || reference === 0 ? null : ((value - reference) / reference) * 100
}
