import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodePartitionKey, decodePath, encodePath, partitionFolders, partitionKeySql } from './partition.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

async function textOf(valueSql: string, type: string): Promise<string | null> {
  const { rows } = await session.query(`SELECT ${partitionKeySql(session.dialect, valueSql, type)}`)
  return decodePartitionKey(String(rows[0]?.[0]), 'p', type)
}

// The forms are those of the protocol's table "Partition Value Serialization".
test.each<[string, string, string | null]>([
  [`'it''s; ü/%'`, 'string', `it's; ü/%`],
  [`CAST(NULL AS VARCHAR)`, 'string', null],
  [`9223372036854775807::BIGINT`, 'long', '9223372036854775807'],
  [`-1.50::DECIMAL(5,2)`, 'decimal(5,2)', '-1.50'],
  [`DATE '1970-01-01'`, 'date', '1970-01-01'],
  [`TRUE`, 'boolean', 'true'],
  [`TIMESTAMPTZ '1970-01-01 02:00:00.123456+02'`, 'timestamp', '1970-01-01T00:00:00.123456Z'],
  [`TIMESTAMP '1970-01-01 00:00:00.5'`, 'timestamp_ntz', '1970-01-01 00:00:00.500000'],
])('%s as a %s is written as the protocol says', async (valueSql, type, expected) => {
  expect(await textOf(valueSql, type)).toBe(expected)
})

test.each([
  [`''`, 'string'],
  [`'infinity'::DATE`, 'date'],
  [`DATE '0044-03-15 (BC)'`, 'date'],
  [`'-infinity'::TIMESTAMP`, 'timestamp_ntz'],
  [`TIMESTAMP '0044-03-15 (BC) 01:02:03'`, 'timestamp_ntz'],
  [`TIMESTAMPTZ '20000-03-15 01:02:03+00'`, 'timestamp'],
])('%s cannot be told from something else and is refused', async (valueSql, type) => {
  await expect(textOf(valueSql, type)).rejects.toMatchObject({ code: 'DELTA_PARTITION' })
})

test('folders are named as Hive names them, and paths are URIs of those names', () => {
  const folders = partitionFolders(['a', 'b', 'c'], { a: 'x/y=%', b: null, c: `q"'#*:?\\{[]^\u0001 ü` })
  expect(folders).toBe('a=x%2Fy%3D%25/b=__HIVE_DEFAULT_PARTITION__/c=q%22%27%23%2A%3A%3F%5C%7B%5B%5D%5E%01 ü/')
  expect(encodePath('a=x%2Fy/p q.parquet')).toBe('a=x%252Fy/p%20q.parquet')
  expect(decodePath(encodePath(`${folders}part+1.parquet`))).toBe(`${folders}part+1.parquet`)
  expect(decodePath('s3://bucket/x.parquet')).toBeUndefined()
  expect(decodePath('/abs/x.parquet')).toBeUndefined()
  expect(decodePath('bad%zz')).toBeUndefined()
})
