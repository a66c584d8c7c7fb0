import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DeltaField, DeltaType } from './delta-type.ts'
import { hasFloats, nanColumns, withNan } from './nan-columns.ts'
import { engineStatistics, statisticsText } from './statistics.ts'

let session: Session
const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(async () => {
  await session.close()
  rmSync(root, { recursive: true, force: true })
})

let files = 0
/** Writes a real file in row groups of 2048 rows and returns its statistics text. */
async function statsOf(select: string, types: Readonly<Record<string, DeltaType>>, indexed?: number): Promise<string> {
  files += 1
  const { columns, rows } = await session.query(
    `COPY (${select}) TO '${root}/${files}.sealed' (FORMAT parquet, RETURN_STATS true, ROW_GROUP_SIZE 2048)`,
  )
  const at = columns.findIndex(({ name }) => name === 'column_statistics')
  const fields = Object.entries(types).map(([name, type]): DeltaField => ({ name, type, nullable: true, metadata: {} }))
  const path = `${root}/${files}.sealed`
  const nan = (await nanColumns(session, [path])).get(path) ?? new Set()
  return statisticsText(Number(rows[0]?.[1]), fields, withNan(engineStatistics(rows[0]?.[at] ?? null), nan), indexed)
}

test('the text is the one of the protocol, digit by digit', async () => {
  const text = await statsOf(
    `SELECT 9223372036854775807 - range AS big, 12345678901234567890.12::DECIMAL(38,2) + range AS d, DATE '2020-01-02' AS da,
            TIMESTAMPTZ '2020-01-01 01:02:03.456789+00' AS tz, TIMESTAMP '1960-01-01 01:02:03.9999' AS ntz, -0.5::FLOAT AS f
     FROM range(3)`,
    { big: 'long', d: 'decimal(38,2)', da: 'date', tz: 'timestamp', ntz: 'timestamp_ntz', f: 'float' },
  )
  expect(text).toBe(
    '{"numRecords":3,' +
      '"minValues":{"big":9223372036854775805,"d":12345678901234567890.12,"da":"2020-01-02","tz":"2020-01-01T01:02:03.456Z","ntz":"1960-01-01T01:02:03.999","f":-0.5},' +
      '"maxValues":{"big":9223372036854775807,"d":12345678901234567892.12,"da":"2020-01-02","tz":"2020-01-01T01:02:03.456Z","ntz":"1960-01-01T01:02:03.999","f":-0.5},' +
      '"nullCount":{"big":0,"d":0,"da":0,"tz":0,"ntz":0,"f":0}}',
  )
})

test('fields of structs are counted on their own, NULL structs included; lists and maps not at all', async () => {
  const text = await statsOf(
    `SELECT CASE WHEN range > 0 THEN {'a': CASE WHEN range = 2 THEN NULL ELSE range END, 'q"x': 'y'} END AS st, [range] AS l, MAP {'k': range} AS m
     FROM range(4)`,
    {
      st: { type: 'struct', fields: [{ name: 'a', type: 'long', nullable: true, metadata: {} }, { name: 'q"x', type: 'string', nullable: true, metadata: {} }] }, // prettier-ignore
      l: { type: 'array', elementType: 'long', containsNull: true },
      m: { type: 'map', keyType: 'string', valueType: 'long', valueContainsNull: true },
    },
  )
  expect(JSON.parse(text)).toEqual({
    numRecords: 4,
    minValues: { st: { a: 1, 'q"x': 'y' } },
    maxValues: { st: { a: 3, 'q"x': 'y' } },
    nullCount: { st: { a: 2, 'q"x': 1 } },
  })
})

describe('a bound is left out where it would mislead:', () => {
  test.each<[string, string, DeltaType]>([
    ['NaN in the last row group', `CASE WHEN range = 4095 THEN 'nan'::DOUBLE ELSE range END`, 'double'],
    ['NaN in the first row group', `CASE WHEN range = 5 THEN 'nan'::DOUBLE ELSE range END`, 'double'],
    ['infinity', `CASE WHEN range = 5 THEN 'infinity'::DOUBLE ELSE range END`, 'double'],
    ['an endless day', `CASE WHEN range = 5 THEN 'infinity'::DATE ELSE DATE '2020-01-01' END`, 'date'],
    [
      'a year before the first',
      `CASE WHEN range = 5 THEN TIMESTAMP '0044-01-01 (BC) 00:00:00' ELSE TIMESTAMP '2020-01-01' END`,
      'timestamp_ntz',
    ],
    ['only NULLs', 'NULL::BIGINT', 'long'],
    ['text whose bound the engine would have to cut within a character', `repeat('ü', 300)`, 'string'],
    ['bytes', `'\\x01'::BLOB`, 'binary'],
  ])('%s', async (_, valueSql, type) => {
    const text = await statsOf(`SELECT ${valueSql} AS c FROM range(4096)`, { c: type })
    const { minValues, maxValues, nullCount } = JSON.parse(text) as Record<string, Record<string, unknown>>
    expect({ minValues, maxValues }).toEqual({ minValues: {}, maxValues: {} })
    expect(nullCount).toEqual({ c: valueSql.startsWith('NULL') ? 4096 : 0 })
  })
})

test('a text that the engine itself cut in one row group has an upper bound above it', async () => {
  const text = await statsOf(`SELECT CASE WHEN range < 9 THEN repeat('z', 5000) ELSE 'm' END AS c FROM range(4096)`, {
    c: 'string',
  })
  expect(JSON.parse(text)).toMatchObject({ minValues: { c: 'm' }, maxValues: { c: `${'z'.repeat(32)}\u{10FFFF}` } })
})

test('NaN is looked for where there are floats, nested ones included', async () => {
  const nested: DeltaField = { name: 's', type: { type: 'struct', fields: [{ name: 'f"x', type: 'float', nullable: true, metadata: {} }] }, nullable: true, metadata: {} } // prettier-ignore
  expect(hasFloats([nested])).toBe(true)
  expect(hasFloats([{ ...nested, type: 'long' }])).toBe(false)
  const text = await statsOf(
    `SELECT {'f"x': CASE WHEN range = 1 THEN 'nan'::FLOAT ELSE range END} AS s FROM range(4096)`,
    { s: nested.type },
  )
  expect(JSON.parse(text)).toMatchObject({ minValues: {}, nullCount: { s: { 'f"x': 0 } } })
})

test('long texts are cut to 32 characters, and the upper bound stays one', async () => {
  const value = `${'ü'.repeat(31)}😀zz`
  const text = await statsOf(`SELECT '${value}' AS c`, { c: 'string' })
  const { minValues, maxValues } = JSON.parse(text) as Record<string, { readonly c: string }>
  expect(minValues?.c).toBe(`${'ü'.repeat(31)}😀`)
  expect(maxValues?.c).toBe(`${'ü'.repeat(31)}😀\u{10FFFF}`)
  expect(Buffer.from(maxValues?.c ?? '').compare(Buffer.from(value))).toBe(1)
  const highest = '\u{10FFFF}'.repeat(40)
  expect(JSON.parse(await statsOf(`SELECT '${highest}' AS c`, { c: 'string' }))).toMatchObject({
    minValues: {},
    maxValues: {},
  })
})

test('only the first columns get statistics, as many as the table says; all with -1', async () => {
  const types = { a: 'long', b: 'long', c: 'long' } as const
  const select = 'SELECT 1::BIGINT AS a, 2::BIGINT AS b, 3::BIGINT AS c'
  expect(JSON.parse(await statsOf(select, types, 2))).toMatchObject({
    minValues: { a: 1, b: 2 },
    nullCount: { a: 0, b: 0 },
  })
  expect(await statsOf(select, types, 0)).toBe('{"numRecords":1,"minValues":{},"maxValues":{},"nullCount":{}}')
  expect(await statsOf(select, types, -1)).toContain('"c":3')
})
