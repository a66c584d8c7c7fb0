import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { maintain } from './maintain.ts'
import { openDesk } from './testing/quarantine-desk.ts'
import { openBench, type Bench } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const DAY_MS = 86_400_000

test('what is closed in quarantine goes after its retention, what is open and the papers it shares stay for ever', async () => {
  const p = bench.project({ gate: { on_fail: 'split' } })
  p.contract(
    's',
    { id: { type: 'BIGINT' } },
    {
      expectations: [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 9 } }],
    },
  )
  p.land('a.csv', 'id\n1\n50\n')
  p.land('b.csv', 'id\n2\n60\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  await desk.settle('discard', { file: 'a.csv' })
  const all = p.tree('quarantine')
  expect(Object.keys(all)).toHaveLength(4)
  const early = await maintain(desk.project, { dryRun: false, nowMs: Date.now() + 80 * DAY_MS })
  expect(early.filter((step) => step.what === 'quarantine')).toEqual([])
  const late = Date.now() + 100 * DAY_MS
  const planned = await maintain(desk.project, { dryRun: true, nowMs: late })
  expect(planned.find((step) => step.what === 'quarantine')).toMatchObject({ of: 's', items: 2 })
  expect(p.tree('quarantine')).toEqual(all)
  await maintain(desk.project, { dryRun: false, nowMs: late })
  const left = Object.keys(p.tree('quarantine'))
  expect(left).toHaveLength(2)
  expect(left.every((file) => file.includes('b.csv'))).toBe(true)
  expect((await desk.settle('release')).items).toMatchObject([{ result: 'loaded', rowsLoaded: 1 }])
})

test('history goes after its retention, but the newest run of a source stays', async () => {
  const p = bench.project()
  p.land('a.csv', 'id\n1\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  rmSync(`${p.directory}/landing/a.csv`)
  await desk.ingest()
  expect(await desk.project.state.listRuns()).toHaveLength(2)
  await maintain(desk.project, { dryRun: false, nowMs: Date.now() + 91 * DAY_MS })
  expect(await desk.project.state.listRuns()).toMatchObject([{ status: 'nothing-new' }])
})

test('loaded files of a source that clean_source deletes are counted by a dry run, and gone after it', async () => {
  const p = bench.project({ clean_source: { mode: 'delete', after: '7d' } })
  p.land('a.csv', 'id\n1\n')
  p.land('b.csv', 'id\n2\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  const soon = Date.now() + 6 * DAY_MS
  expect(await maintain(desk.project, { dryRun: true, nowMs: soon })).toEqual([])
  const late = Date.now() + 8 * DAY_MS
  const landed = p.tree('landing')
  const planned = await maintain(desk.project, { dryRun: true, nowMs: late })
  expect(planned).toMatchObject([{ what: 'source', of: 's', items: 2, bytes: 10 }])
  expect(p.tree('landing')).toEqual(landed)
  expect(await maintain(desk.project, { dryRun: false, nowMs: late })).toEqual(planned)
  expect(p.tree('landing')).toEqual({})
  expect(await p.count()).toBe(2)
})
