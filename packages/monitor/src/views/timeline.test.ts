import { expect, test } from 'vitest'
import { aFile, aRun, aSource, DAY, factsOf, HOUR, NOW } from '../testing/facts-builder.ts'
import { richRecords } from '../testing/rich-records.ts'
import { cumulative } from './cumulative.ts'
import { report } from './report.ts'
import { schemas } from './schemas.ts'
import { timeline } from './timeline.ts'

const context = { nowMs: NOW, config: [aSource()] }

test('the timeline has the runs of the window oldest first, and what else happened', async () => {
  const view = timeline(await factsOf(richRecords()), context)
  expect(view.runs.map(({ run }) => run)).toEqual(
    ['f6', 'f5', 'f4', 'f3', 'f2', 'o1', 'f1', 'f0', 'o2'].toSorted((a, b) => order(a) - order(b)),
  )
  expect(view.annotations.map(({ kind }) => kind)).toEqual(['contract-change', 'repair', 'replay', 'schema-change'])
  expect(view.byStatus.map(({ status, count }) => [status, count])).toEqual([
    ['ok', 8],
    ['failed', 1],
  ])
})

test('a repair stands at the time of its file, and where that is not listed at the end of its run', async () => {
  const records = richRecords()
  const at = async (facts: Parameters<typeof timeline>[0]): Promise<string | undefined> =>
    timeline(facts, context).annotations.find(({ kind }) => kind === 'repair')?.at
  const facts = await factsOf(records)
  expect(await at(facts)).toBe(new Date(NOW - 26 * HOUR).toISOString())
  // Run f1 began 26 hours ago and took 10 seconds.
  expect(await at({ ...facts, files: { items: [], total: 9 } })).toBe(new Date(NOW - 26 * HOUR + 10_000).toISOString())
})

test('all runs are there in steps of an hour or a day, however many there are', async () => {
  const runs = Array.from({ length: 2500 }, (_, index) =>
    aRun({
      id: `r${index}`,
      startedAtMs: NOW - 1 - (index % 5) * HOUR,
      status: index % 10 === 0 ? 'failed' : 'ok',
      endedAtMs: NOW + (index % 5) * HOUR,
    }),
  )
  const view = timeline(await factsOf({ runs }), context)
  expect([view.runs.length, view.runsTotal, view.binStep]).toEqual([2000, 2500, 'hour'])
  // Five hours of 500 runs; those of every tenth run failed: 250 of the newest hour.
  expect(view.bins.map(({ at, status, runs: count }) => [at.slice(11, 13), status, count])).toEqual([
    ['07', 'ok', 500],
    ['08', 'ok', 500],
    ['09', 'ok', 500],
    ['10', 'ok', 500],
    ['11', 'failed', 250],
    ['11', 'ok', 250],
  ])
  expect(view.bins[0]).toMatchObject({ durationMsP50: 8 * HOUR + 1, durationMsMax: 8 * HOUR + 1, rowsRead: 500_000 })
  expect(timeline(await factsOf({ runs }, { sinceMs: NOW - 16 * DAY }), context)).toMatchObject({
    binStep: 'day',
    bins: [{ runs: 250 }, { runs: 2250 }],
  })
})

/** Hours before NOW at which a run of the rich records began, negated. */
function order(run: string): number {
  if (run === 'o2') return -1
  return run === 'o1' ? -24 : -2 - 24 * Number(run.slice(1))
}

test('changes of schemas and contracts are told by name, and the first known version is no change', async () => {
  const { changes, datasets, contracts } = schemas(await factsOf(richRecords()), context)
  expect(
    changes.map(({ kind, added, removed, changed, breaking }) => ({ kind, added, removed, changed, breaking })),
  ).toEqual([
    {
      kind: 'schema',
      added: ['b'],
      removed: [],
      changed: [{ name: 'a', from: 'BIGINT', to: 'VARCHAR' }],
      breaking: true,
    },
    {
      kind: 'contract',
      added: ['check d'],
      removed: ['check old'],
      changed: [
        { name: 'a', from: 'BIGINT required', to: 'BIGINT not null required' },
        { name: 'check c', from: 't critical 1', to: 't critical 2' },
      ],
      breaking: false,
    },
  ])
  expect(datasets[0]?.versions.map(({ id, columns }) => [id, columns])).toEqual([
    ['s1', 1],
    ['s2', 2],
  ])
  expect(contracts[0]?.versions.map(({ version, checks }) => [version, checks])).toEqual([
    [1, 2],
    [2, 2],
  ])
})

test('cumulative panels share one axis, never fall, and end at the totals', async () => {
  const files = [30, 20, 20, 1].map((hours, index) =>
    aFile({
      path: `f${index}`,
      rowsLoaded: 10,
      rowsReplayed: index === 0 ? 5 : 0,
      decidedAtMs: NOW - hours * HOUR,
      bytes: 7,
    }),
  )
  const held = aFile({ path: 'h', outcome: 'held', rowsLoaded: 0, decidedAtMs: NOW - 10 * HOUR, bytes: 7 })
  const runs = [
    aRun({ id: 'a', startedAtMs: NOW - 20 * HOUR }),
    aRun({ id: 'b', startedAtMs: NOW - 20 * HOUR, rowsRead: 3000 }),
  ]
  const view = cumulative(await factsOf({ files: [...files, held], runs }, { sinceMs: NOW - 36 * HOUR }), context)
  expect([view.step, view.at.length]).toEqual(['hour', 36])
  const [rows, size, rate, waiting] = view.panels
  expect(rows.series).toHaveLength(1)
  expect([5, 6, 16, 34, 35].map((index) => rows.series[0]?.values[index])).toEqual([0, 15, 35, 35, 45])
  expect(size.series[0]?.values.at(-1)).toBe(35)
  // 100 and 300 rows a second in one hour.
  expect(rate.series.map(({ values }) => [values[15], values[16]])).toEqual([
    [null, 200],
    [null, 290],
  ])
  expect(waiting.series[0]?.values.slice(25, 27)).toEqual([0, 1])
  expect(view.at[0]).toBe(new Date(NOW - 36 * HOUR).toISOString())
})

test('with many sources the largest have a line each and the rest one together', async () => {
  const files = Array.from({ length: 10 }, (_, index) =>
    aFile({ source: `s${index}`, path: 'p', rowsLoaded: index + 1 }),
  )
  const { panels, step } = cumulative(await factsOf({ files }, { sinceMs: NOW - 30 * DAY }), context)
  expect(step).toBe('day')
  expect(panels[0].series.map(({ name, values }) => [name, values.at(-1)])).toEqual([
    ['all sources', 55],
    ['s9', 10],
    ['s8', 9],
    ['s7', 8],
    ['s6', 7],
    ['s5', 6],
    ['s4', 5],
    ['s3', 4],
    ['others', 6],
  ])
})

test('a report says what it covers, what it leaves out and how to make it again', async () => {
  const facts = await factsOf(richRecords())
  const told = report(facts, { ...context, version: '1.2.3', command: 'tidegate monitor' })
  expect(told).toMatchObject({ truncated: false, version: '1.2.3', command: 'tidegate monitor', window: { days: 8 } })
  expect(told.sources.map(({ source, configured }) => [source, configured])).toEqual([
    ['flights', true],
    ['orders', false],
  ])
  const cut = report({ ...facts, files: { ...facts.files, total: 48_210 } }, context)
  expect(cut).toMatchObject({ truncated: true, version: null })
  expect(cut.summary).toContain(`files (${facts.files.items.length} of 48210)`)
})
