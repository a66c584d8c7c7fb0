import { expect, test } from 'vitest'
import { aFile, aRun, aSource, DAY, factsOf, HOUR, NOW } from '../testing/facts-builder.ts'
import { performance } from './performance.ts'

const context = { nowMs: NOW, config: [aSource()] }

test('rates are interpolated medians of the runs that read rows', async () => {
  const runs = [
    aRun({ id: '1', startedAtMs: NOW - HOUR, endedAtMs: NOW - HOUR + 1000, rowsRead: 100, bytesRead: 10 }),
    aRun({ id: '2', startedAtMs: NOW - 2 * HOUR, endedAtMs: NOW - 2 * HOUR + 2000, rowsRead: 600, bytesRead: 20 }),
    aRun({ id: '3', startedAtMs: NOW - 3 * HOUR, rowsRead: 0 }),
    aRun({ id: '4', startedAtMs: NOW - 4 * HOUR, endedAtMs: null, status: 'running' }),
    // The clock was set back during the run.
    aRun({ id: '5', startedAtMs: NOW - 5 * HOUR, endedAtMs: NOW - 6 * HOUR }),
  ]
  const view = performance(await factsOf({ runs }), context)
  // 100 and 300 rows a second.
  expect(view.sources[0]).toMatchObject({
    runs: 2,
    rowsPerSecondP50: 200,
    rowsPerSecondP95: 290,
    durationMsP50: 1500,
    bytesPerSecondP50: 10,
    trend: [300, 100],
  })
  expect(view.overall).toMatchObject({ runs: 2, rowsPerSecondP50: 200 })
  expect(view.days.at(-1)).toMatchObject({ day: '2026-11-21', runs: 2, rowsPerSecondP50: 200, rows: 2700 })
  expect(view.days.at(-2)).toMatchObject({ runs: 0, rowsPerSecondP50: null })
  expect(view.lastRuns.map(({ durationMs }) => durationMs)).toEqual([1000, 2000, 10_000, null, 0])
  expect(view.lastRuns.at(-1)?.rowsPerSecond).toBeNull()
})

test('runs before the window are known and not counted', async () => {
  const view = performance(await factsOf({ runs: [aRun({ startedAtMs: NOW - 20 * DAY })] }), context)
  expect(view).toMatchObject({ runsTotal: 0, lastRuns: [], overall: { runs: 0, rowsPerSecondP50: null } })
})

test('scores lie in bins of five points, and only what is whole is in the last', async () => {
  const scores = [100, 100, 99.99, 95, 94.9, 0, null]
  const files = scores.map((score, index) => aFile({ path: `f${index}`, score }))
  const { scores: found } = performance(await factsOf({ files }), context)
  expect(found.bins.flatMap(({ from, to, files: count }) => (count > 0 ? [[from, to, count]] : []))).toEqual([
    [0, 5, 1],
    [90, 95, 1],
    [95, 100, 2],
    [100, 105, 2],
  ])
  expect(found).toMatchObject({ files: 6, lowest: 0 })
  expect(found.mean).toBeCloseTo((100 + 100 + 99.99 + 95 + 94.9) / 6, 9)
  expect(found.days).toHaveLength(1)
})
