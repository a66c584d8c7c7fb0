import { expect, test } from 'vitest'
import { aRun, aSource, DAY, factsOf, HOUR, NOW } from '../testing/facts-builder.ts'
import { watermarks } from './watermarks.ts'

const context = { nowMs: NOW, config: [aSource()] }

test('a watermark that three loading runs left where it was is stuck', async () => {
  const values = ['2026-11-18', '2026-11-19', '2026-11-19', '2026-11-19', '2026-11-19']
  const runs = values.map((watermarkValue, index) =>
    aRun({ id: `r${index}`, startedAtMs: NOW - (10 - index) * HOUR, watermarkValue }),
  )
  const marks = [
    {
      source: 'flights',
      value: '2026-11-19',
      type: 'DATE',
      updatedAtMs: NOW - 6 * HOUR,
      recordsProcessed: 5,
      metadata: {},
    },
  ]
  const view = watermarks(await factsOf({ runs, watermarks: marks }), context)
  expect(view.items[0]).toMatchObject({
    status: 'stuck',
    runsWithoutAdvance: 3,
    lastAdvanceAt: new Date(NOW - 9 * HOUR + 10_000).toISOString(),
    lagMs: 2 * DAY + 12 * HOUR,
    updatedAgeMs: 6 * HOUR,
    stepsTotal: 5,
  })
  expect(view.items[0]?.steps[0]).toMatchObject({ value: '2026-11-18', valueMs: Date.UTC(2026, 10, 18) })
  expect(view.summary).toBe('1 watermark, 1 stuck (flights).')
  const moving = watermarks(await factsOf({ runs: runs.slice(0, -1), watermarks: marks }), context)
  expect(moving.items[0]).toMatchObject({ status: 'moving', runsWithoutAdvance: 2 })
})

test('only values that are times have a lag', async () => {
  const lag = async (value: string): Promise<number | null | undefined> => {
    const mark = { source: 'flights', value, type: '', updatedAtMs: NOW, recordsProcessed: 0, metadata: {} }
    return watermarks(await factsOf({ watermarks: [mark] }), context).items[0]?.lagMs
  }
  expect(await lag('2026-11-21 11:00:00.5')).toBe(HOUR - 500)
  expect(await lag('2026-11-21 13:00:00+02')).toBe(HOUR)
  expect(await lag('2026-11-21T11:00:00Z')).toBe(HOUR)
  expect(await lag('2026-11-21 16:30:00+05:30')).toBe(HOUR)
  for (const value of ['4711', '', '2026', '2026-13-45', 'infinity', "x'; DROP"]) {
    expect(await lag(value), value).toBeNull()
  }
})

test('data that were more than a year old when they came have no lag', async () => {
  const mark = {
    source: 'flights',
    value: '2015-11-21',
    type: 'DATE',
    updatedAtMs: NOW,
    recordsProcessed: 0,
    metadata: {},
  }
  const [item] = watermarks(await factsOf({ watermarks: [mark] }), context).items
  expect(item).toMatchObject({ value: '2015-11-21', lagMs: null })
  // It was fresh when it came, and nothing came since.
  const stale = { ...mark, value: '2024-11-20', updatedAtMs: Date.UTC(2024, 10, 21) }
  expect(watermarks(await factsOf({ watermarks: [stale] }), context).items[0]?.lagMs).toBe(731 * DAY + 12 * HOUR)
})

test('a configured watermark without a value is unknown, a source without one has none', async () => {
  const config = [aSource({ watermark: { column: 'date', type: null, lagMs: 0 } }), aSource({ name: 'other' })]
  const view = watermarks(await factsOf(), { nowMs: NOW, config })
  expect(view.items.map(({ status }) => status)).toEqual(['unknown', 'none'])
})

test('the configuration in force is beside it, with the sources that are not configured any more', async () => {
  const { configuration } = watermarks(await factsOf({ runs: [aRun({ source: 'gone' })] }), context)
  expect(configuration).toEqual({ items: context.config, orphans: ['gone'] })
})
