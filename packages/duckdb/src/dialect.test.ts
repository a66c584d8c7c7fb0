import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cell, Session } from '@tidegate/core'
import { duckdbDialect } from './dialect.ts'
import { openDuckDB } from './open-duckdb.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

test.each<Cell>([
  null,
  true,
  0,
  -1,
  9007199254740993n,
  0.1,
  -1e300,
  Number.NaN,
  Infinity,
  -Infinity,
  "it's",
  "'; DROP TABLE x; --",
  'line\nbreak',
  'ünïcödé 🌊',
  '\\',
  [1, 2],
  { "a'b": 'c' },
])('the literal of %o comes back as it is', async (value) => {
  const { rows } = await session.query(`SELECT ${duckdbDialect.literal(value)}`)
  expect(rows[0]?.[0]).toEqual(value)
})

test('a number with a fraction is a DOUBLE, not a DECIMAL', async () => {
  const { rows } = await session.query(`SELECT typeof(${duckdbDialect.literal(0.1)})`)
  expect(rows).toEqual([['DOUBLE']])
})

test.each(['a b', 'qu"ote', "it's", 'new\nline', 'select', 'ß🌊', '"; DROP TABLE x'])(
  'a column may be named %o',
  async (name) => {
    const { columns } = await session.query(`SELECT 1 AS ${duckdbDialect.identifier(name)}`)
    expect(columns[0]?.name).toBe(name)
  },
)

test('labels name the conditions that hold', async () => {
  const sql = duckdbDialect.labelsWhere([
    { label: "a'", conditionSql: 'i > 1' },
    { label: 'b', conditionSql: 'i > 2' },
  ])
  const { rows } = await session.query(`SELECT ${sql} FROM range(4) t(i)`)
  expect(rows.map((row) => row[0])).toEqual([[], [], ["a'"], ["a'", 'b']])
  expect((await session.query(`SELECT ${duckdbDialect.labelsWhere([])}`)).rows).toEqual([[[]]])
})

test.each([3, 20_000])(
  'the first %i values come in the order of the rows, whatever order they are met in',
  async (limit) => {
    const sql = duckdbDialect.firstValues('-i', 'i', 'i >= 90', limit)
    const { rows } = await session.query(`SELECT ${sql} FROM (SELECT i FROM range(100) t(i) ORDER BY i % 7)`)
    expect(rows[0]?.[0]).toEqual([-90, -91, -92, -93, -94, -95, -96, -97, -98, -99].slice(0, limit))
  },
)

test.each([1, 100, 101])('a text is or is not one of %i others, or NULL', async (count) => {
  const hostile = ["it's", 'a\u001fb', '\u001f', '\u001f\u001e', '\u001d', 'nul \0 inside', '', 'ünï🌊']
  const texts = [...hostile, ...Array.from({ length: count }, (_, index) => `t${index}`)].slice(0, Math.max(count, 8))
  const asked = [...texts, 'not there', '\u001e']
  const values = asked.map((text) => `(${duckdbDialect.literal(text)})`).join(', ')
  const sql = `SELECT ${duckdbDialect.isOneOf('x', texts)} FROM (VALUES ${values}, (NULL)) t(x)`
  const { rows } = await session.query(sql)
  expect(rows.map(([answer]) => answer)).toEqual([...texts.map(() => true), false, false, null])
})

test('buckets share out all values', async () => {
  const sql = `SELECT count(*), count(DISTINCT b), min(b), max(b) FROM (SELECT ${duckdbDialect.bucket('i', 4)} AS b FROM range(1000) t(i))`
  expect((await session.query(sql)).rows).toEqual([[1000, 4, 0, 3]])
})
