import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { openParquetFolder } from '@tidegate/load'
import { changedSql, storedType } from './stored-types.ts'

let folder: string
let session: Session
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 2 })
})
afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Values that Parquet must give back as they were. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['true', 'false'],
  TINYINT: ['-128', '127'],
  SMALLINT: ['-32768'],
  INTEGER: ['-2147483648'],
  BIGINT: ['-9223372036854775808'],
  UTINYINT: ['255'],
  USMALLINT: ['65535'],
  UINTEGER: ['4294967295'],
  UBIGINT: ['18446744073709551615'],
  HUGEINT: ['12345678901234567890123', '-99999999999999999999999999999999999999'],
  UHUGEINT: ['99999999999999999999999999999999999999'],
  BIGNUM: ['340282366920938463463374607431768211456001'],
  FLOAT: ['nan', '-inf', '1.1', '-0.0'],
  DOUBLE: ['nan', 'inf', '0.1', '-0.0'],
  'DECIMAL(4,1)': ['-999.9'],
  'DECIMAL(18,3)': ['123456789012345.678'],
  'DECIMAL(38,38)': ['0.99999999999999999999999999999999999999'],
  VARCHAR: ['', 'ü😀', 'a"b'],
  BLOB: [String.raw`\x00\xFF`],
  BIT: ['0101001', '1'],
  UUID: ['ffffffff-ffff-ffff-ffff-ffffffffffff'],
  JSON: ['{"a": [1,  2.50]}'],
  DATE: ['0001-01-01', '9999-12-31', 'infinity'],
  TIME: ['23:59:59.999999', '24:00:00'],
  TIME_NS: ['23:59:59.999999999'],
  'TIME WITH TIME ZONE': ['12:00:00+00'],
  TIMESTAMP: ['2020-01-01 00:00:00.123456', '-infinity'],
  TIMESTAMP_S: ['2020-01-01 00:00:01', 'infinity'],
  TIMESTAMP_MS: ['2020-01-01 00:00:01.123', 'infinity'],
  TIMESTAMP_NS: ['2020-01-01 00:00:01.123456789', 'infinity'],
  'TIMESTAMP WITH TIME ZONE': ['2020-01-01 00:00:00.123456+00', 'infinity'],
  INTERVAL: ['1 month 2 days 00:00:03.004', '60 days', '1000 months'],
  "ENUM('a', 'b')": ['b'],
  'INTEGER[]': ['[1, NULL, 3]', '[]'],
  'INTEGER[3]': ['[1, 2, 3]'],
  'HUGEINT[]': ['[12345678901234567890123]'],
  'STRUCT(hugeint HUGEINT, "x y" INTEGER)': ["{'hugeint': 12345678901234567890123, 'x y': 2}"],
  'MAP(VARCHAR, UHUGEINT)': ['{a=12345678901234567890123}'],
  'TIMESTAMP_S[]': ["['2020-01-01 00:00:01']"],
}

/** Values that it would give back as others. */
const CHANGED: Readonly<Record<string, readonly string[]>> = {
  HUGEINT: ['100000000000000000000000000000000000000', '-170141183460469231731687303715884105728'],
  UHUGEINT: ['340282366920938463463374607431768211455'],
  'HUGEINT[]': ['[1, 170141183460469231731687303715884105727]'],
  'STRUCT(h HUGEINT)': ["{'h': 170141183460469231731687303715884105727}"],
  'TIME WITH TIME ZONE': ['12:00:00+02', '24:00:00+00'],
  INTERVAL: ['-1 month', '-1 day', '-00:00:01', '00:00:00.000001', '1500:00:00'],
}

async function changes(type: string, value: string): Promise<boolean> {
  const condition = changedSql('c', type, session.dialect)
  if (condition === undefined) return false
  const { rows } = await session.query(
    `SELECT coalesce(${condition}, false) FROM (SELECT CAST(${session.dialect.literal(value)} AS ${type}) AS c)`,
  )
  return rows[0]?.[0] === true
}

describe('types in staged Parquet', () => {
  test('every value that is let through comes back as the same text, NULL as NULL', async () => {
    const target = await openParquetFolder({
      directory: path.join(folder, 'lake'),
      quarantineDirectory: path.join(folder, 'q'),
    })
    const staging = await target.prepare({ batch: 'b', attempt: 1, run: 'r', source: 's', dataset: 'd' })
    for (const [type, values] of Object.entries(KEPT)) {
      const stored = storedType(type) ?? 'nothing'
      const rows = [...values.map((value) => session.dialect.literal(value)), 'NULL']
      const list = rows.map((value, index) => `(${index}, CAST(${value} AS ${type}))`).join(', ')
      const from = `(SELECT * FROM (VALUES ${list}) t(n, c) ORDER BY n)`
      const before = await session.query(`SELECT CAST(c AS VARCHAR) FROM ${from}`)
      const parts = await staging.stageRows(session, `SELECT CAST(c AS ${stored}) AS c FROM ${from}`, {
        visible: `${Object.keys(KEPT).indexOf(type)}.parquet`,
        files: [{ file: 'f', rows: rows.length }],
      })
      const file = session.dialect.literal(path.join(folder, 'lake', parts[0]?.staged ?? ''))
      const after = await session.query(`SELECT CAST(c AS VARCHAR), typeof(c) FROM read_parquet(${file})`)
      expect([type, after.rows.map(([value]) => value)]).toEqual([type, before.rows.map(([value]) => value)])
      expect([type, after.rows[0]?.[1]]).toEqual([type, stored])
      for (const value of values) expect([type, value, await changes(type, value)]).toEqual([type, value, false])
    }
    await staging.drop()
  })

  test('every value that would come back as another is told', async () => {
    for (const [type, values] of Object.entries(CHANGED))
      for (const value of values) expect([type, value, await changes(type, value)]).toEqual([type, value, true])
  })

  test('types without any that keeps their values are refused', () => {
    for (const type of [
      'UNION(i INTEGER, s VARCHAR)',
      'INTERVAL[]',
      'STRUCT(t TIME WITH TIME ZONE)',
      'MAP(UNION(a INTEGER), INTEGER)',
    ])
      expect([type, storedType(type)]).toEqual([type, undefined])
  })

  test('names of members are not taken for types', () => {
    expect(storedType('STRUCT("HUGEINT" INTEGER, bit VARCHAR)')).toBe('STRUCT("HUGEINT" INTEGER, bit VARCHAR)')
    expect(storedType('STRUCT("a,BIT" BIT)')).toBe('STRUCT("a,BIT" VARCHAR)')
    expect(storedType("STRUCT(e ENUM('HUGEINT', 'b)'))[2]")).toBe('STRUCT(e VARCHAR)[]')
  })
})
