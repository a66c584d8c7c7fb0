import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cell, SchemaEvolution } from '@tidegate/core'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const ADD: SchemaEvolution = { columns: 'add', types: 'widen', rescueColumn: '_rescued' }
const RESCUE: SchemaEvolution = { columns: 'rescue', types: 'rescue', rescueColumn: '_rescued' }

async function ingest(
  p: TempProject,
  schemaEvolution: SchemaEvolution = ADD,
  schemaHints: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  return outcomes(await p.ingest({ source: { schemaEvolution, schemaHints } }))
}

async function types(p: TempProject): Promise<readonly (readonly Cell[])[]> {
  const lake = `${p.directory}/lake/**/*.parquet`
  const { rows } = await bench.witness.query(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet('${lake}', union_by_name = true))`,
  )
  return rows
}

describe('add and widen', () => {
  test('files of different columns in one batch: the later ones add theirs, within the same run', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1 AS id')
    await p.landRows('b.parquet', "SELECT 2 AS id, 'x' AS note")
    await p.landRows('c.parquet', "SELECT 3 AS id, DATE '2024-02-29' AS day")
    expect(await ingest(p)).toEqual(['a.parquet: loaded', 'b.parquet: loaded', 'c.parquet: loaded'])
    expect(await p.rows('id, note, day', 'ORDER BY id')).toEqual([
      [1, null, null],
      [2, 'x', null],
      [3, null, '2024-02-29'],
    ])
  })

  test('types widen across files of one batch and across formats, and all parts of the batch agree', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1::INTEGER AS v')
    await p.landRows('b.parquet', 'SELECT 9000000000 AS v')
    p.land('c.csv', 'v\n1.5\n')
    expect(await ingest(p)).toEqual(['a.parquet: loaded', 'b.parquet: loaded', 'c.csv: loaded'])
    expect(await types(p)).toEqual([['v', 'DOUBLE']])
    expect(await p.rows('v', 'ORDER BY v')).toEqual([[1], [1.5], [9000000000]])
  })

  test('two decimals meet in one that holds both', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', "SELECT '123456.78'::DECIMAL(8,2) AS v")
    await p.landRows('b.parquet', "SELECT '0.0001'::DECIMAL(5,4) AS v")
    expect(await ingest(p)).toEqual(['a.parquet: loaded', 'b.parquet: loaded'])
    expect(await types(p)).toEqual([['v', 'DECIMAL(10,4)']])
    expect(await p.rows('v', 'ORDER BY v')).toEqual([['0.0001'], ['123456.7800']])
  })

  test('a type that holds neither is refused, the file is held and its neighbours are loaded', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1 AS v')
    await p.landRows('b.parquet', "SELECT 'one' AS v")
    await p.landRows('c.parquet', 'SELECT 3 AS v')
    expect(await ingest(p)).toEqual(['a.parquet: loaded', 'b.parquet: held SCHEMA_TYPE', 'c.parquet: loaded'])
  })

  test('types: fail holds even what could be widened', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1::INTEGER AS v')
    expect(await ingest(p, { ...ADD, types: 'fail' })).toEqual(['a.parquet: loaded'])
    await p.landRows('b.parquet', 'SELECT 1::BIGINT AS v')
    await p.landRows('c.parquet', 'SELECT 1::SMALLINT AS v')
    expect(await ingest(p, { ...ADD, types: 'fail' })).toEqual(['b.parquet: held SCHEMA_TYPE', 'c.parquet: loaded'])
  })

  test('columns: fail holds, columns: ignore leaves out', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1 AS v')
    await ingest(p)
    await p.landRows('b.parquet', 'SELECT 2 AS v, 3 AS extra')
    expect(await ingest(p, { ...ADD, columns: 'fail' })).toEqual(['b.parquet: held SCHEMA_EXTRA_COLUMN'])
    await p.landRows('c.parquet', 'SELECT 4 AS v, 5 AS extra')
    expect(await ingest(p, { ...ADD, columns: 'ignore' })).toEqual(['c.parquet: loaded'])
    expect(await types(p)).toEqual([['v', 'INTEGER']])
  })
})

describe('rescue', () => {
  test('columns that the dataset lacks go into one JSON column with their file; NULL where there is nothing', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1 AS id')
    await p.landRows('b.parquet', "SELECT 2 AS id, 'x' AS note, NULL::INTEGER AS n UNION ALL SELECT 3, NULL, NULL")
    expect(await ingest(p, RESCUE)).toEqual(['a.parquet: loaded', 'b.parquet: loaded'])
    expect(await p.rows('id, CAST(_rescued AS VARCHAR)', 'ORDER BY id')).toEqual([
      [1, null],
      [2, '{"note":"x","_file":"b.parquet"}'],
      [3, null],
    ])
    expect((await types(p)).map(([name]) => name)).toEqual(['id', '_rescued'])
  })

  test('values are exact: big integers, decimals, NaN, bytes, quotes and times', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1 AS id')
    await ingest(p, RESCUE)
    await p.landRows(
      'b.parquet',
      `SELECT 2 AS id, 9007199254740993 AS big, 9007199254740991 AS safe, 0.10::DECIMAL(4,2) AS price, 'NaN'::DOUBLE AS nan,
         '-inf'::DOUBLE AS low, '\\x00\\xFF'::BLOB AS raw, 'say "hi"' || chr(10) AS text, true AS flag,
         TIMESTAMP '2024-02-29 01:02:03.5' AS at, TIMESTAMPTZ '2024-02-29 01:02:03+00' AS utc, [1, 2] AS list`,
    )
    await ingest(p, RESCUE)
    const [[text] = []] = await p.rows('CAST(_rescued AS VARCHAR)', 'WHERE id = 2')
    expect(JSON.parse(String(text))).toEqual({
      big: '9007199254740993',
      safe: 9007199254740991,
      price: '0.10',
      nan: 'NaN',
      low: '-Infinity',
      raw: 'AP8=',
      text: 'say "hi"\n',
      flag: true,
      at: '2024-02-29T01:02:03.5',
      utc: '2024-02-29T01:02:03Z',
      list: [1, 2],
      _file: 'b.parquet',
    })
  })

  test('values whose type does not fit are rescued one by one; those that fit stay in their column', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1::BIGINT AS v')
    await ingest(p, RESCUE)
    await p.landRows('b.parquet', "SELECT unnest(['2', '3.0', 'four', '5.5', NULL]) AS v")
    await p.landRows('c.parquet', 'SELECT unnest([6.0, 6.5]::DOUBLE[]) AS v')
    expect(await ingest(p, RESCUE)).toEqual(['b.parquet: loaded', 'c.parquet: loaded'])
    expect(await p.rows('v, CAST(_rescued AS VARCHAR)', 'ORDER BY v, 2')).toEqual([
      [1, null],
      [2, null],
      [3, null],
      [6, null],
      [null, '{"v":"5.5","_file":"b.parquet"}'],
      [null, '{"v":"four","_file":"b.parquet"}'],
      [null, '{"v":6.5,"_file":"c.parquet"}'],
      [null, null],
    ])
  })

  test('text that does not fit the type of the contract is rescued, too, and the file passes', async () => {
    const p = bench.project()
    p.contract('s', { id: { type: 'BIGINT' }, v: { type: 'BIGINT' } })
    p.land('a.csv', 'id,v\n1,10\n2,ten\n')
    expect(await ingest(p, RESCUE)).toEqual(['a.csv: loaded'])
    expect(await p.rows('id, v, CAST(_rescued AS VARCHAR)', 'ORDER BY id')).toEqual([
      [1, 10, null],
      [2, null, '{"v":"ten","_file":"a.csv"}'],
    ])
  })

  test('a file with columns of those names is held', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1 AS v')
    await ingest(p, RESCUE)
    await p.landRows('b.parquet', 'SELECT 2 AS v, 3 AS _RESCUED')
    await p.landRows('c.parquet', 'SELECT 2 AS v, 3 AS _file')
    expect(await ingest(p, RESCUE)).toEqual([
      'b.parquet: held SCHEMA_RESCUE_COLUMN',
      'c.parquet: held SCHEMA_RESCUE_COLUMN',
    ])
  })
})

describe('schema_hints', () => {
  test('they win over what files say, in any format', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', "SELECT '007' AS code, 1::INTEGER AS n")
    p.land('b.csv', 'code,n\n008,2\n')
    expect(await ingest(p, ADD, { code: 'VARCHAR', n: 'BIGINT' })).toEqual(['a.parquet: loaded', 'b.csv: loaded'])
    expect(await types(p)).toEqual([
      ['code', 'VARCHAR'],
      ['n', 'BIGINT'],
    ])
    expect(await p.rows('code, n', 'ORDER BY n')).toEqual([
      ['007', 1],
      ['008', 2],
    ])
  })

  test('rows whose value does not fit are rejected as they came', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    await p.landRows('a.parquet', "SELECT unnest(['1', 'two', '3']) AS v, unnest([1, 2, 3]) AS id")
    expect(await ingest(p, ADD, { v: 'BIGINT' })).toEqual(['a.parquet: loaded schema:v:misfit'])
    expect(await p.rows('id, v', 'ORDER BY id')).toEqual([
      [1, 1],
      [3, 3],
    ])
    const { rows } = await bench.witness.query(
      `SELECT id, v, __tg_rules FROM read_parquet('${p.directory}/quarantine/**/*.rows.parquet')`,
    )
    expect(rows).toEqual([[2, 'two', ['schema:v:misfit']]])
  })

  test('or rescued', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', "SELECT unnest(['2024-02-29', 'soon']) AS day")
    expect(await ingest(p, RESCUE, { day: 'DATE' })).toEqual(['a.parquet: loaded'])
    expect(await p.rows('day, CAST(_rescued AS VARCHAR)', 'ORDER BY day')).toEqual([
      ['2024-02-29', null],
      [null, '{"day":"soon","_file":"a.parquet"}'],
    ])
  })
})
