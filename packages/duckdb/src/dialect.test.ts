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

test('samples are bounded', async () => {
  const sql = duckdbDialect.listSample('i', 'i >= 90', 3)
  expect((await session.query(`SELECT ${sql} FROM range(100) t(i)`)).rows[0]?.[0]).toHaveLength(3)
})
