import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDesk, results } from './testing/quarantine-desk.ts'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

function limit(p: TempProject, max: number, type: string): void {
  const kwargs = { column: 'v', max_value: max }
  const expectations = [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs }]
  p.contract('s', { id: { type: 'BIGINT' }, v: { type: 'BIGINT' }, x: { type } }, { expectations })
}

describe('rows that come back are as they were', () => {
  test.each([
    ['INTERVAL', '00:00:00.000001', '1 day'],
    ['HUGEINT', '100000000000000000000000000000000000001', '7'],
  ])('%s: a value that the target would keep as another one holds its record', async (type, lost, kept) => {
    const p = bench.project({ gate: { on_fail: 'split' }, on_missing_contract: 'hold' })
    limit(p, 20, 'VARCHAR')
    p.land('a.csv', `id,v,x\n1,99,${lost}\n`)
    p.land('b.csv', `id,v,x\n2,99,${kept}\n`)
    await using desk = await openDesk(p)
    await desk.ingest()
    limit(p, 100, type)
    for (const dryRun of [true, false]) {
      const report = await desk.settle('replay', { dryRun })
      expect(results(report)).toEqual(['a.csv#1: stays 0+1+0', 'b.csv#1: loaded 1+0+0'])
      expect(report.items[0]?.reasons).toMatchObject([{ check: 'SCHEMA_TYPE' }])
    }
    expect(await p.rows('id')).toEqual([[2]])
    expect(results(await desk.settle('release'))).toEqual(['a.csv#1: stays 0+1+0'])
    limit(p, 100, 'VARCHAR')
  })
})

describe('a folder as a unit', () => {
  async function holdUnit(): Promise<TempProject> {
    const p = bench.project({
      gate: { on_fail: 'quarantine' },
      on_missing_contract: 'hold',
      ready: { settle: '0s', unit: 'folder' },
    })
    limit(p, 20, 'VARCHAR')
    p.land('d/a.csv', 'id,v,x\n1,5,a\n')
    p.land('d/b.csv', 'id,v,x\n2,30,b\n')
    p.land('d/c.csv', 'id,v,x\n3,99,c\n')
    return p
  }

  test('is replayed as a whole, or not at all', async () => {
    const p = await holdUnit()
    await using desk = await openDesk(p)
    await desk.ingest()
    const stays = (name: string): string => `d/${name}.csv#1: stays 0+1+0`
    expect(results(await desk.settle('replay', { file: 'd/a.csv' }))).toEqual([stays('a')])
    limit(p, 50, 'VARCHAR')
    expect(results(await desk.settle('replay', { file: 'd/b.csv' }))).toEqual([stays('b')])
    expect(results(await desk.settle('replay')).toSorted()).toEqual([stays('a'), stays('b'), stays('c')])
    expect(await p.count()).toBe(0)
    limit(p, 100, 'VARCHAR')
    const loaded = ['a', 'b', 'c'].map((name) => `d/${name}.csv#1: loaded 1+0+0`)
    expect(results(await desk.settle('replay')).toSorted()).toEqual(loaded)
    expect(await p.rows('id', 'ORDER BY id')).toEqual([[1], [2], [3]])
    expect((await desk.ingest()).status).toBe('nothing-new')
  })

  test('a person may release one file of it', async () => {
    const p = await holdUnit()
    await using desk = await openDesk(p)
    await desk.ingest()
    expect(results(await desk.settle('release', { file: 'd/c.csv' }))).toEqual(['d/c.csv#1: loaded 1+0+0'])
    limit(p, 50, 'VARCHAR')
    expect(results(await desk.settle('replay')).toSorted()).toEqual([
      'd/a.csv#1: loaded 1+0+0',
      'd/b.csv#1: loaded 1+0+0',
    ])
    expect(await p.rows('id', 'ORDER BY id')).toEqual([[1], [2], [3]])
  })
})

test('what had no column is rescued when its row comes back, with the file and the number of the row', async () => {
  const p = bench.project({
    gate: { on_fail: 'split' },
    on_missing_contract: 'hold',
    schema_evolution: { columns: 'rescue', rescue_column: '_rescued' },
    target: { path: 'lake/{dataset}', add_columns: { row_number: 'n' } },
  })
  limit(p, 20, 'VARCHAR')
  p.land('a.csv', 'id,v,x,more\n1,5,a,one\n2,99,b,"t,w""o"\n3,6,c,\n4,98,d,\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  limit(p, 100, 'VARCHAR')
  expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: loaded 2+0+0'])
  expect(await p.rows("id, n, _rescued->>'$.more', _rescued->>'$._file'", 'ORDER BY id')).toEqual([
    [1, 1, 'one', 'a.csv'],
    [2, 2, 't,w"o', 'a.csv'],
    [3, 3, null, null],
    [4, 4, null, null],
  ])
})

test('of rows with one key that come back together one stays; those that are there are not looked at', async () => {
  const p = bench.project({
    gate: { on_fail: 'split' },
    on_missing_contract: 'hold',
    target: { path: 'lake/{dataset}', dedup: { keys: ['id'], order_by: 'x' } },
  })
  limit(p, 20, 'VARCHAR')
  p.land('a.csv', 'id,v,x\n1,5,b\n1,99,c\n1,98,d\n')
  p.land('b.csv', 'id,v,x\n1,97,a\n2,96,a\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  limit(p, 100, 'VARCHAR')
  const report = await desk.settle('replay')
  expect(report.items.map(({ file, rowsLoaded, rowsDropped }) => [file, rowsLoaded, rowsDropped])).toEqual([
    ['s/a.csv#1', 1, 1],
    ['s/b.csv#1', 1, 1],
  ])
  expect(await p.rows('id, v, x', 'ORDER BY id, x')).toEqual([
    [1, 5, 'b'],
    [1, 98, 'd'],
    [2, 96, 'a'],
  ])
})
