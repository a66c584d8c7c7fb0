import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDesk, results } from './testing/quarantine-desk.ts'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

function limit(p: TempProject, max: number): void {
  const kwargs = { column: 'v', max_value: max }
  const expectations = [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs }]
  const columns = { id: { type: 'BIGINT' }, v: { type: 'BIGINT' }, day: { type: 'VARCHAR', required: false } }
  p.contract('s', columns, { expectations })
}

function project(more: Record<string, unknown>, onFail = 'split'): TempProject {
  const p = bench.project({ gate: { on_fail: onFail }, on_missing_contract: 'hold', ...more })
  limit(p, 20)
  return p
}

test('of two targets each has its own records, and what is done for one leaves the other alone', async () => {
  const targets = { one: { path: 'lake/one/{dataset}' }, two: { path: 'lake/two/{dataset}' } }
  const p = project({ target: null, targets })
  p.land('a.csv', 'id,v\n1,5\n2,30\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  const open = await desk.open()
  expect(open.map(({ target, rows }) => [target, rows])).toEqual([
    ['one', 1],
    ['two', 1],
  ])
  limit(p, 50)
  const [first] = open
  const report = await desk.settle('replay', { wants: ({ location }) => location === first?.location })
  expect(results(report)).toEqual(['a.csv#1: loaded 1+0+0'])
  expect((await desk.open()).map(({ target }) => target)).toEqual(['two'])
  expect(await p.rows('id', `WHERE id = 2`)).toEqual([[2]])
  expect(results(await desk.settle('discard'))).toEqual(['a.csv#1: discarded 0+0+1'])
})

test('a row that comes back has its partition, the path of its file, and its own number in it', async () => {
  const add = { source_path: true, row_number: true, batch_id: true }
  const p = project({ target: { path: 'lake/{dataset}', partition_by: ['day'], add_columns: add } })
  p.land('a.csv', 'id,v,day\n1,5,mon\n2,30,tue\n3,6,mon\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  limit(p, 50)
  expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: loaded 1+0+0'])
  const columns = 'id, day, _source_path, _row_number, count(DISTINCT _batch_id) OVER ()'
  const rows = await p.rows(columns, 'ORDER BY id')
  const [[, , place] = []] = rows
  expect(rows).toEqual([
    [1, 'mon', place, 1, 2],
    [2, 'tue', place, 2, 2],
    [3, 'mon', place, 3, 2],
  ])
})

test('into a target that is replaced: rows join the edition they came with, and not the one after it', async () => {
  const p = project({ target: { path: 'lake/{dataset}', mode: 'replace' } })
  await using desk = await openDesk(p)
  p.land('a.csv', 'id,v\n1,5\n2,30\n')
  await desk.ingest()
  p.land('b.csv', 'id,v\n3,5\n4,31\n')
  await desk.ingest()
  limit(p, 50)
  expect(results(await desk.settle('replay'))).toEqual([
    'a.csv#1: refused 0+1+0 QUARANTINE_OUTDATED',
    'b.csv#1: loaded 1+0+0',
  ])
  expect(await p.rows('id', 'ORDER BY id')).toEqual([[3], [4]])
})

test('a replay is a run in the history, with what it loaded and what is held still', async () => {
  const p = project({})
  p.land('a.csv', 'id,v\n1,5\n2,30\n3,99\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  limit(p, 50)
  await desk.settle('replay', { dryRun: true })
  await desk.settle('replay')
  await desk.settle('discard')
  const runs = (await desk.project.state.listRuns({ source: 's' })).slice(1)
  expect(runs).toMatchObject([
    {
      command: 'replay',
      status: 'gate-failed',
      filesSeen: 1,
      filesLoaded: 1,
      rowsRead: 2,
      rowsLoaded: 1,
      rowsRejected: 1,
    },
    { command: 'discard', status: 'ok', filesSeen: 1, filesLoaded: 0, rowsRead: 1, rowsLoaded: 0, rowsRejected: 0 },
  ])
})
