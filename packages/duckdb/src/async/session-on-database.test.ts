import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { isTidegateError, type Session } from '@tidegate/core'
import type { Database } from 'duckdb-async'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sessionOnConnection } from '../open-duckdb.ts'
import { sessionOnDatabase, type AsyncDatabase } from './index.ts'

let instance: DuckDBInstance
let connection: DuckDBConnection
let database: AsyncDatabase & { readonly statements: readonly string[]; readonly isOpen: boolean }
let session: Session
let other: Session

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:')
  connection = await instance.connect()
  // A zone that is not UTC must not reach the answers.
  await connection.run("SET TimeZone = 'Asia/Tokyo'")
  database = doubleOf(connection)
  session = sessionOnDatabase(database)
  other = sessionOnConnection(connection)
})

afterAll(() => {
  connection.disconnectSync()
  instance.closeSync()
})

test('the published type of duckdb-async fits', () => {
  const fits = (given: Database): AsyncDatabase => given
  expect(fits).toBeTypeOf('function')
})

const VALUES: readonly (readonly [sql: string, expected: unknown])[] = [
  ['NULL', null],
  ['true', true],
  ['42::TINYINT', 42],
  ['9007199254740991', 9007199254740991],
  ['9007199254740993', 9007199254740993n],
  ["'-170141183460469231731687303715884105728'::HUGEINT", -(2n ** 127n)],
  ["'NaN'::DOUBLE", Number.NaN],
  ["'-inf'::DOUBLE", Number.NEGATIVE_INFINITY],
  ['1e300::DOUBLE', 1e300],
  ['0.1::DOUBLE', 0.1],
  ['0.1::FLOAT', 0.10000000149011612],
  ['12345678901234567890.1230::DECIMAL(38,4)', '12345678901234567890.1230'],
  ["DATE '2001-01-31'", '2001-01-31'],
  ["TIME '13:05:00.5'", '13:05:00.5'],
  ["TIMESTAMP '2001-01-31 13:05:00.5'", '2001-01-31 13:05:00.5'],
  ["TIMESTAMPTZ '2001-01-31 13:05:00.5+02'", '2001-01-31 11:05:00.5+00'],
  ["'\\x00\\xFFa'::BLOB", '\\x00\\xFF\\x61'],
  ["'it''s \"q\" \\ 😀'", 'it\'s "q" \\ 😀'],
  ["'a' || chr(0) || 'b'", 'a\0b'],
  ["'c0ffee00-0000-4000-8000-000000000000'::UUID", 'c0ffee00-0000-4000-8000-000000000000'],
  ["'b'::ENUM('a', 'b')", 'b'],
  ['[1, NULL, 9007199254740993]', [1, null, 9007199254740993n]],
  ['[]::INTEGER[]', []],
  ['NULL::INTEGER[]', null],
  ['[[1.50], NULL]', [['1.50'], null]],
  [`{'a b"c': 1, 'n': NULL::DATE, 'l': ['x']}`, { 'a b"c': 1, n: null, l: ['x'] }],
  ['NULL::STRUCT(a INTEGER)', null],
  ["MAP {'k': TIMESTAMPTZ '2001-01-31 00:00:00+00'}", [{ key: 'k', value: '2001-01-31 00:00:00+00' }]],
  ['[1, 2]::INTEGER[2]', [1, 2]],
  [`{'__proto__': 1}`, JSON.parse('{"__proto__": 1}')],
]

test.each(VALUES)('%s', async (sql, expected) => {
  const { rows } = await session.query(`SELECT ${sql}`)
  expect(rows).toEqual([[expected]])
})

test('values are those of a session on node-api, with the same columns', async () => {
  // node-api shows printable bytes of a BLOB as they are, and loses a field called __proto__.
  const shared = VALUES.filter(([value]) => !/BLOB|__proto__/.test(value))
  const sql = `SELECT ${shared.map(([value], index) => `${value} AS v${index}`).join(', ')}`
  const [mine, theirs] = [await session.query(sql), await other.query(sql)]
  expect(mine.columns.map((column) => column.name)).toEqual(theirs.columns.map((column) => column.name))
  expect(mine.rows).toEqual(theirs.rows)
})

test('names that repeat, quotes, comments and order are kept', async () => {
  const { columns, rows } = await session.query(
    'SELECT i AS "a;""b", i + 1 AS "a;""b" FROM range(3) t(i) ORDER BY i DESC -- the end;',
  )
  expect(columns.map((column) => column.name)).toEqual(['a;"b', 'a;"b'])
  expect(rows).toEqual([
    [2, 3],
    [1, 2],
    [0, 1],
  ])
})

test('statements without rows run, and WITH, FROM, VALUES and DESCRIBE answer', async () => {
  await session.query('CREATE TABLE t (a INTEGER);')
  await session.query('INSERT INTO t VALUES (1), (2)')
  expect((await session.query('FROM t')).rows).toEqual([[1], [2]])
  expect((await session.query('/* why */ WITH x AS (SELECT 7 AS a) SELECT * FROM x')).rows).toEqual([[7]])
  expect((await session.query("VALUES (1, 'a')")).rows).toEqual([[1, 'a']])
  expect((await session.query('DESCRIBE SELECT a FROM t')).rows[0]?.slice(0, 2)).toEqual(['a', 'INTEGER'])
  await session.query('DROP TABLE t')
})

test('a wrong statement is ENGINE_SQL and the session goes on', async () => {
  await expect(session.query('SELECT nope')).rejects.toMatchObject({ code: 'ENGINE_SQL' })
  await expect(session.query("SELECT 'x'::INTEGER")).rejects.toMatchObject({ code: 'ENGINE_SQL' })
  expect((await session.query('SELECT 1')).rows).toEqual([[1]])
})

test('statements run one after another, also when they are asked together', async () => {
  const answers = await Promise.all([1, 2, 3].map((value) => session.query(`SELECT ${value}`)))
  expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual([1, 2, 3])
})

test('footers of Parquet files are read', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  const file = path.join(folder, 'a.parquet')
  await session.query(`COPY (SELECT i FROM range(3) t(i)) TO '${file}'`)
  const [statistics] = await session.fileStatistics([file])
  expect(statistics).toMatchObject({
    file,
    rows: 3,
    columns: [{ name: 'i', rowGroups: [{ nulls: 0, min: '0', max: '2' }] }],
  })
  rmSync(folder, { recursive: true })
})

test('a signal is heeded before a statement begins; closing leaves the database open', async () => {
  const stopped = await session.query('SELECT 1', { signal: AbortSignal.abort() }).catch((error: unknown) => error)
  expect(isTidegateError(stopped) && stopped.code).toBe('CANCELLED')
  const own = sessionOnDatabase(database)
  await own.close()
  await expect(own.query('SELECT 1')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
  expect(database.isOpen).toBe(true)
  expect((await session.query('SELECT 1')).rows).toEqual([[1]])
})

/**
 * A double of duckdb-async's `Database` on node-api: rows as objects, and the values that binding hands out (numbers for
 * decimals, Dates for times, Buffers, bigint for BIGINT), which lose digits.
 */
function doubleOf(on: DuckDBConnection): AsyncDatabase & { readonly statements: readonly string[]; isOpen: boolean } {
  const statements: string[] = []
  return {
    statements,
    isOpen: true,
    async all(sql) {
      statements.push(sql)
      const result = await on.run(sql)
      const names = result.columnNames()
      return (await result.getRowsJS()).map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])))
    },
    async exec(sql) {
      await on.run(sql)
    },
    async close() {
      this.isOpen = false
    },
  }
}
