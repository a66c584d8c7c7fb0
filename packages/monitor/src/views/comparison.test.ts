import { expect, test } from 'vitest'
import { aFile, aRun, aSource, DAY, factsOf, HOUR, NOW } from '../testing/facts-builder.ts'
import type { ComparedMetric, Comparison, ComparisonView } from './comparison-view.ts'
import { bandOf, comparison } from './comparison.ts'

const context = { nowMs: NOW, config: [aSource()] }

/** One file per day with so many rows; the last number is yesterday's, null is a day without a file. */
async function compare(rows: readonly (number | null)[], today?: number): Promise<ComparisonView> {
  const files = [...rows, today ?? null].flatMap((rowsLoaded, index) => {
    const back = rows.length - index
    if (rowsLoaded === null) return []
    const decidedAtMs = NOW - 2 * HOUR - back * DAY
    return [aFile({ path: `f${index}`, rowsRead: rowsLoaded, rowsLoaded, decidedAtMs })]
  })
  return comparison(await factsOf({ files }), context)
}

function of(view: ComparisonView, metric: ComparedMetric): Comparison {
  return view.items.find((item) => item.metric === metric)!
}

test('the last whole day is compared with the day and the week before and with the median of 28 days', async () => {
  // 28 days with 100, 101, …, 127 rows, then 160; today 5 so far.
  const view = await compare([...Array.from({ length: 28 }, (_, day) => 100 + day), 160], 5)
  // Median of 100..127 is 113.5; the deviations from it are 0.5, 0.5, 1.5, … 13.5 with the median 7.
  const half = 3 * 1.4826 * 7
  expect(view.day).toBe('2026-11-20')
  expect(of(view, 'rows')).toMatchObject({
    value: 160,
    soFar: 5,
    dayBefore: 127,
    weekBefore: 121,
    median: 113.5,
    status: 'above',
    bad: false,
  })
  expect(of(view, 'rows').band?.low).toBeCloseTo(113.5 - half, 9)
  expect(of(view, 'rows').band?.high).toBeCloseTo(113.5 + half, 9)
  expect(of(view, 'rows').dayBeforePercent).toBeCloseTo((33 / 127) * 100, 9)
  expect(view.days).toHaveLength(29)
  expect(view.summary).toContain('On 2026-11-20 1 of 5 figures lay outside what is usual: rows of flights above')
})

test('a band is never narrower than ten percent', () => {
  expect(bandOf([100, 100, 100, 100, 100, 100, 100], 'rows')).toEqual({ low: 90, high: 110 })
  expect(bandOf([100, 100, 100, 100, 100, 100], 'rows')).toBeNull()
})

test('with fewer than seven days before it nothing is said', async () => {
  const view = await compare([100, 100, 100, 100, 100, 100, 5])
  expect(of(view, 'rows')).toMatchObject({
    status: 'unknown',
    because: 'of 6 days before it something is known, 7 are needed',
  })
  expect(of(await compare([100, 100, 100, 100, 100, 100, 100, 5]), 'rows')).toMatchObject({
    status: 'below',
    bad: true,
  })
})

test('a day without files counts as none, once the dataset is known', async () => {
  const view = await compare([...Array.from({ length: 10 }, () => 100), null])
  expect(of(view, 'rows')).toMatchObject({ value: 0, status: 'below', bad: true })
  expect(of(view, 'rows').values.slice(0, 18)).toEqual(Array.from({ length: 18 }, () => null))
  expect(of(view, 'score')).toMatchObject({ value: null, status: 'unknown' })
})

test('what comes on few days only cannot be judged by the day', async () => {
  const view = await compare([100, null, null, 100, null, null, 100, null, null, 100])
  expect(of(view, 'rows')).toMatchObject({ status: 'unknown', median: 0, because: 'on most days there is nothing' })
})

test('a quiet weekday is usual where it was quiet for weeks', async () => {
  // Yesterday was a Friday; on Fridays nothing comes.
  const days = Array.from({ length: 29 }, (_, index) => ((28 - index) % 7 === 0 ? null : 100))
  expect(of(await compare([100, ...days.slice(1)]), 'rows')).toMatchObject({ value: 0, status: 'inside' })
  const busy = days.map((_, index) => (index === 28 ? null : 100))
  expect(of(await compare(busy), 'rows').status).toBe('below')
})

test('rejected rows are bad above, a score below', async () => {
  const files = Array.from({ length: 12 }, (_, back) =>
    aFile({
      path: `f${back}`,
      decidedAtMs: NOW - 2 * HOUR - back * DAY,
      score: back === 1 ? 80 : 100,
      rowsRejected: back === 1 ? 500 : 0,
    }),
  )
  const view = comparison(await factsOf({ files }), context)
  expect(of(view, 'rejected-percent')).toMatchObject({ value: 50, status: 'above', bad: true })
  expect(of(view, 'score')).toMatchObject({ value: 80, status: 'below', bad: true, band: { low: 90, high: 100 } })
})

test('the speed of a source is compared by the median run of each day', async () => {
  const runs = Array.from({ length: 12 }, (_, back) =>
    aRun({ id: `r${back}`, startedAtMs: NOW - 2 * HOUR - back * DAY, rowsRead: back === 1 ? 100 : 1000 }),
  )
  const view = comparison(await factsOf({ runs }), context)
  expect(of(view, 'rows-per-second')).toMatchObject({ value: 10, median: 100, status: 'below', dataset: null })
})
