import { DAY_MS, dayOf, HOUR_MS, hourOf, runsIn, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { rowsBrought } from '../file-sums.ts'
import { groupBy, isoTime, sortNumbers, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { windowHours } from '../window-sums.ts'
import { amount, bytes, count } from '../wording.ts'
import type { CumulativePanel, CumulativeSeries, CumulativeView } from './cumulative-view.ts'
import { linkTo } from './link.ts'
import { ratesOf } from './performance.ts'
import { waitingFailures } from './waiting-failures.ts'

const HOURS_UP_TO_MS = 15 * DAY_MS
const SOURCES = 7

/** How much came in all, how fast, and what waits, over one time axis. */
export function cumulative(facts: Facts, _context: MonitorContext): CumulativeView {
  const step = facts.untilMs - facts.sinceMs <= HOURS_UP_TO_MS ? 'hour' : 'day'
  const axis = axisOf(facts, step)
  const rows = sumsPanel(facts, axis, (item) => rowsBrought(item))
  const size = sumsPanel(facts, axis, (item) => item.bytes)
  const brought = rows[0]?.values.at(-1) ?? 0
  const read = size[0]?.values.at(-1) ?? 0
  const waiting = waitingPanel(facts, axis)
  return {
    summary: `${amount(brought, 'row')} and ${bytes(read)} came in the window. ${waiting.summary}`,
    step,
    at: axis.buckets.map((ms) => isoTime(ms) ?? ''),
    panels: [
      {
        id: 'rows',
        title: 'Rows loaded, cumulative',
        unit: 'rows',
        summary: `${amount(brought, 'row')} loaded, those replayed since included${largestOf(rows)}.`,
        series: rows,
        link: linkTo('files', { outcome: 'loaded', ...windowRange(facts) }),
      },
      {
        id: 'bytes',
        title: 'Bytes judged, cumulative',
        unit: 'bytes',
        summary: `${bytes(read)} in the files that were judged${largestOf(size)}.`,
        series: size,
        link: linkTo('files', windowRange(facts)),
      },
      ratePanel(facts, axis),
      waiting,
    ],
  }
}

interface Axis {
  /** Begins, oldest first. */
  readonly buckets: readonly number[]
  readonly bucketOf: (ms: number) => number
  readonly sizeMs: number
}

function axisOf(facts: Facts, step: CumulativeView['step']): Axis {
  if (step === 'day') return { buckets: windowDays(facts), bucketOf: dayOf, sizeMs: DAY_MS }
  const first = hourOf(facts.sinceMs)
  const hours = Math.ceil((facts.untilMs - first) / HOUR_MS)
  return {
    buckets: Array.from({ length: Math.max(0, hours) }, (_, index) => first + index * HOUR_MS),
    bucketOf: hourOf,
    sizeMs: HOUR_MS,
  }
}

type Hour = Facts['fileHours'][number]

function sumsPanel(facts: Facts, axis: Axis, of: (hour: Hour) => number): readonly CumulativeSeries[] {
  const hours = windowHours(facts)
  const bySource = Array.from(
    groupBy(hours, ({ source }) => source),
    ([source, group]) => ({
      source,
      group,
      sum: sumOf(group, of),
    }),
  ).toSorted((a, b) => b.sum - a.sum)
  const range = windowRange(facts)
  const total = seriesOf('all sources', null, hours, axis, of, range)
  if (bySource.length < 2) return [total]
  const rest = bySource.slice(SOURCES).flatMap(({ group }) => group)
  return [
    total,
    ...bySource.slice(0, SOURCES).map(({ source, group }) => seriesOf(source, source, group, axis, of, range)),
    ...(bySource.length > SOURCES ? [seriesOf('others', null, rest, axis, of, range)] : []),
  ]
}

function seriesOf(
  name: string,
  source: string | null,
  hours: readonly Hour[],
  axis: Axis,
  of: (hour: Hour) => number,
  range: ReturnType<typeof windowRange>,
): CumulativeSeries {
  const first = axis.buckets[0] ?? 0
  const amounts = new Map<number, number>()
  for (const hour of hours) {
    // What is older than the first day shown is in its sum.
    const bucket = Math.max(first, axis.bucketOf(hour.hourMs))
    amounts.set(bucket, (amounts.get(bucket) ?? 0) + of(hour))
  }
  let sum = 0
  const values = axis.buckets.map((bucket) => (sum += amounts.get(bucket) ?? 0))
  return { name, source, values, link: linkTo('files', { source, ...range }) }
}

function largestOf([, first, second]: readonly CumulativeSeries[]): string {
  return first === undefined || second === undefined ? '' : `, most by ${first.name}`
}

function ratePanel(facts: Facts, axis: Axis): CumulativePanel {
  const runs = runsIn(facts)
  const groups = groupBy(runs, ({ startedAtMs }) => axis.bucketOf(startedAtMs))
  const rates = axis.buckets.map((bucket) => ratesOf(groups.get(bucket) ?? []))
  const { rowsPerSecondP50, rowsPerSecondP95 } = ratesOf(runs)
  const link = linkTo('runs', windowRange(facts))
  return {
    id: 'rate',
    title: 'Rows per second of the runs',
    unit: 'rows-per-second',
    summary:
      rowsPerSecondP50 === null
        ? 'No run read rows.'
        : `${count(rowsPerSecondP50)} rows/s in the median, ${count(rowsPerSecondP95 ?? 0)} at the 95th percentile.`,
    series: [
      { name: 'p50', source: null, values: rates.map((rate) => rate.rowsPerSecondP50), link },
      { name: 'p95', source: null, values: rates.map((rate) => rate.rowsPerSecondP95), link },
    ],
    link,
  }
}

/** Of what waits now, how much waited at the end of each bucket: what left the queue since is not known by time. */
function waitingPanel(facts: Facts, axis: Axis): CumulativePanel {
  const held = facts.held.items.map(({ decidedAtMs }) => decidedAtMs)
  const waiting = waitingFailures(facts)
  const heldNow = facts.held.total
  const notListed = Math.max(0, heldNow - held.length)
  const link = linkTo('files', { outcome: 'held' })
  return {
    id: 'waiting',
    title: 'Files that wait now, by when they came',
    unit: 'files',
    summary:
      `${amount(heldNow, 'file waits', 'files wait')} in quarantine, ` +
      `${count(waiting.total)} could not be judged and ${waiting.total === 1 ? 'is' : 'are'} tried again.`,
    series: [
      // Those that are not listed are the oldest.
      { name: 'held', source: null, values: reachedBy(held, axis).map((reached) => notListed + reached), link },
      {
        name: 'failed',
        source: null,
        values: reachedBy(
          waiting.items.map(({ failedAtMs }) => failedAtMs),
          axis,
        ),
        link: linkTo('failures', windowRange(facts)),
      },
    ],
    link,
  }
}

/** How many of the times lie before the end of each bucket. */
function reachedBy(times: readonly number[], { buckets, sizeMs }: Axis): readonly number[] {
  const sorted = sortNumbers(times)
  let reached = 0
  return buckets.map((bucket) => {
    while ((sorted[reached] ?? Number.POSITIVE_INFINITY) < bucket + sizeMs) reached += 1
    return reached
  })
}
