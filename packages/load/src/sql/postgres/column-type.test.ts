import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { mapColumn } from './column-type.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

test.each([
  ['UTINYINT', 'smallint'],
  ['UINTEGER', 'bigint'],
  ['UBIGINT', 'numeric(20,0)'],
  ['HUGEINT', 'numeric(39,0)'],
  ['DECIMAL(18,3)', 'numeric(18,3)'],
  ['FLOAT', 'real'],
  ['VARCHAR', 'text'],
  [`ENUM('a', 'b')`, 'text'],
  ['BLOB', 'bytea'],
  ['TIMESTAMP_NS', 'timestamp without time zone'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp with time zone'],
  ['STRUCT(a INTEGER)[]', 'jsonb'],
  ['MAP(VARCHAR, INTEGER)', 'jsonb'],
])('%s becomes %s', (type, wanted) => {
  expect(mapColumn({ name: 'c', type }).type).toBe(wanted)
})

test('a type that Postgres has nothing for is refused with the name of its column', () => {
  expect(() => mapColumn({ name: 'shape', type: 'GEOMETRY' })).toThrow(/shape is GEOMETRY/)
})

test.each([
  ['VARCHAR', `'a' || chr(0)`, true],
  ['VARCHAR', `'a\\u0000'`, false],
  ['VARCHAR[]', `['a' || chr(0)]`, true],
  // A backslash and the letters, not a zero character.
  ['VARCHAR[]', `['a\\u0000']`, false],
  ['DOUBLE[]', `['nan'::DOUBLE]`, true],
  ['VARCHAR[]', `['NaN', 'a"NaN', 'Infinity']`, false],
  ['TIMESTAMP_NS', `TIMESTAMP_NS '2001-01-01 00:00:00.123456789'`, true],
  ['TIMESTAMP_NS', `TIMESTAMP_NS '2001-01-01 00:00:00.123456'`, false],
] as const)('%s %s: whether it cannot be stored is %s', async (type, value, wanted) => {
  const { misfit } = mapColumn({ name: 'c', type })
  const { rows } = await session.query(`SELECT ${misfit?.('c') ?? 'false'} FROM (SELECT ${value} AS c)`)
  expect(rows[0]?.[0]).toBe(wanted)
})
