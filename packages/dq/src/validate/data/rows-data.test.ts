import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsData } from './rows-data.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(() => session.close())

/** Type and values of the one column of these rows. */
async function column(values: readonly unknown[]): Promise<readonly [string, readonly unknown[]]> {
  const data = await rowsData(session, { rows: values.map((x) => ({ x })) }, {})
  const { rows } = await session.query(`SELECT x FROM ${data.relation.sql} ORDER BY __tg_row`)
  await data.dispose()
  return [data.relation.columns[0]?.type ?? '', rows.map((row) => row[0])]
}

test.each<readonly [string, readonly unknown[], string, readonly unknown[]]>([
  ['booleans', [true, null, false], 'BOOLEAN', [true, null, false]],
  ['whole numbers', [1, -2, 2 ** 53 - 1], 'BIGINT', [1, -2, 2 ** 53 - 1]],
  ['bigints', [1, 2n ** 63n - 1n, -(2n ** 63n)], 'BIGINT', [1, 2n ** 63n - 1n, -(2n ** 63n)]],
  ['large bigints', [1, 2n ** 100n], 'HUGEINT', [1, 2n ** 100n]],
  ['bigints beyond the engine', [2n ** 130n], 'VARCHAR', [String(2n ** 130n)]],
  [
    'numbers',
    [1, 0.1, Number.NaN, Number.NEGATIVE_INFINITY, -0],
    'DOUBLE',
    [1, 0.1, Number.NaN, Number.NEGATIVE_INFINITY, -0],
  ],
  ['numbers beyond 2^53', [2 ** 60, 1], 'DOUBLE', [2 ** 60, 1]],
  ['texts', ["it's", '', 'a\0b', '😀', '\ud800'], 'VARCHAR', ["it's", '', 'a\0b', '😀', '\ufffd']],
  [
    'Dates',
    [new Date('2020-01-02T03:04:05.678Z'), new Date(Number.NaN)],
    'TIMESTAMP',
    ['2020-01-02 03:04:05.678', null],
  ],
  ['bytes', [new Uint8Array([0, 255])], 'BLOB', ['\\x00\\xFF']],
  ['lists and maps', [[1, 'a'], { b: 2n }], 'JSON', ['[1,"a"]', '{"b":2}']],
  ['several kinds', [1, 'a', true, null], 'VARCHAR', ['1', 'a', 'true', null]],
  ['nothing', [null, undefined], 'INTEGER', [null, null]],
])('%s', async (_, values, type, expected) => {
  expect(await column(values)).toEqual([type, expected])
})

test('keys are columns in the order they appear; what a row lacks is NULL; only own keys count', async () => {
  const hostile = `a"b'; DROP TABLE t; --`
  const rows = [{ b: 1 }, JSON.parse('{"__proto__": 7, "a": 2}') as Record<string, unknown>, { [hostile]: 3 }]
  const data = await rowsData(session, { rows }, {})
  expect(data.relation.columns.map((item) => item.name)).toEqual(['b', '__proto__', 'a', hostile])
  const { rows: read } = await session.query(`SELECT * EXCLUDE (__tg_file) FROM ${data.relation.sql} ORDER BY __tg_row`)
  expect(read).toEqual([
    [1, null, null, null, 0],
    [null, 7, 2, null, 1],
    [null, null, null, 3, 2],
  ])
  await data.dispose()
})

test('many rows keep their order over several statements', async () => {
  const data = await rowsData(session, { rows: Array.from({ length: 120_000 }, (_, i) => ({ i })) }, {})
  const { rows } = await session.query(
    `SELECT count(*), count(*) FILTER (WHERE i = __tg_row) FROM ${data.relation.sql}`,
  )
  expect(rows).toEqual([[120_000, 120_000]])
  await data.dispose()
})

test('thousands of columns are copied', async () => {
  const row = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`c${i}`, i]))
  const data = await rowsData(session, { rows: [row, row] }, {})
  expect((await session.query(`SELECT c2999 FROM ${data.relation.sql}`)).rows).toEqual([[2999], [2999]])
  await data.dispose()
})

test.each([
  ['names that are one for the engine', [{ a: 1, A: 2 }]],
  ['a name without letters', [{ '': 1 }]],
  ['a name of ours', [{ __tg_row: 1 }]],
  ['no rows and so no columns', []],
  ['a function', [{ a: () => 1 }]],
  ['a list for a row', [[1]]],
])('%s: CHECK_DATA', async (_, rows) => {
  await expect(rowsData(session, { rows: rows as never }, {})).rejects.toMatchObject({ code: 'CHECK_DATA' })
})
