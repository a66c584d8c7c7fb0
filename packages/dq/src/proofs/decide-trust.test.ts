import type { ChunkStatistics, ColumnStatistics } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { parseType, type DataType } from '../expression/data-type.ts'
import { decideTrust, type ChunkFacts } from './decide-trust.ts'
import { trustOfWriter } from './writers.ts'

const DUCKDB = 'DuckDB version v1.5.6 (build 069cc9f9b5)'
const SPARK = 'parquet-mr version 1.12.3 (build f8dced182c4c1fbdec6ccb3185537b5a01e6ed6b)'
const ARROW = 'parquet-cpp-arrow version 21.0.0'
const RUST = 'parquet-rs version 55.1.0'

/** Ten values from 1 to 9, all of them there, said in full. */
const SOUND: ChunkStatistics = {
  values: 10,
  nulls: 0,
  min: '1',
  max: '9',
  exact: true,
  deprecated: false,
  distinct: null,
  dictionaryBytes: null,
}

const INTEGER: ColumnStatistics = {
  name: 'a',
  type: 'INTEGER',
  physicalType: 'INT32',
  logicalType: 'INT_32',
  rowGroups: [],
}

function facts(
  chunk: Partial<ChunkStatistics>,
  column: Partial<ColumnStatistics> = {},
  createdBy: string | null = DUCKDB,
): ChunkFacts {
  const whole = { ...INTEGER, ...column }
  return decideTrust(whole, { ...SOUND, ...chunk }, 10, typeOf(whole.type), trustOfWriter(createdBy))
}

function typeOf(text: string): DataType {
  const type = parseType(text)
  if (type === undefined) throw new Error(text)
  return type
}

const TEXT = { type: 'VARCHAR', physicalType: 'BYTE_ARRAY', logicalType: 'UTF8' }
const DOUBLE = { type: 'DOUBLE', physicalType: 'DOUBLE', logicalType: null }
const DECIMAL = { type: 'DECIMAL(9,2)', physicalType: 'INT32', logicalType: 'DECIMAL' }
const LARGE_DECIMAL = { ...DECIMAL, type: 'DECIMAL(38,2)', physicalType: 'FIXED_LEN_BYTE_ARRAY' }
const UNSIGNED = { type: 'UINTEGER', physicalType: 'INT32', logicalType: 'UINT_32' }

test('a sound chunk of a good writer is believed: nulls and both ends', () => {
  expect(facts({ nulls: 3 })).toMatchObject({
    rows: 10,
    nulls: 3,
    range: { domain: 'integer', low: 1n, high: 9n },
    doubts: [],
  })
})

describe('statistics that cannot be true are not believed at all', () => {
  const cases: readonly (readonly [string, Partial<ChunkStatistics>])[] = [
    ['the smallest value is above the largest', { min: '10' }],
    ['more nulls than rows', { nulls: 11 }],
    ['a negative number of nulls', { nulls: -1 }],
    ['values where all rows are null', { nulls: 10 }],
    ['more different values than values', { nulls: 4, distinct: 7 }],
    ['another number of values than rows', { values: 11 }],
  ]
  test.each(cases)('%s', (_, chunk) => {
    expect(facts(chunk)).toMatchObject({ nulls: undefined, range: undefined, doubts: ['contradictory'] })
  })
})

describe('a range is doubted', () => {
  const cases: readonly (readonly [
    string,
    string,
    Partial<ChunkStatistics>,
    Partial<ColumnStatistics>?,
    (string | null)?,
  ])[] = [
    ['where an end is missing', 'absent', { max: null }],
    ['where the writer says that it was cut', 'inexact', { exact: false }],
    ['where a text is not said to be whole', 'inexact', { exact: null, min: 'a', max: 'b' }, TEXT, SPARK],
    ['where a large decimal is not said to be whole', 'inexact', { exact: null }, LARGE_DECIMAL, SPARK],
    ['where an unsigned number may have been compared as signed', 'inexact', { exact: null }, UNSIGNED, SPARK],
    ['of old fields for texts, which were compared as signed bytes', 'deprecated', { deprecated: true }, TEXT],
    ['of old fields for unsigned numbers', 'deprecated', { deprecated: true }, UNSIGNED],
    ['of old fields for decimals', 'deprecated', { deprecated: true }, DECIMAL],
    ['of old fields for floats', 'deprecated', { deprecated: true }, DOUBLE],
    ['of INT96, which has no order', 'type', {}, { type: 'TIMESTAMP', physicalType: 'INT96', logicalType: null }],
    ['of bytes', 'type', {}, { type: 'BLOB', physicalType: 'BYTE_ARRAY', logicalType: null }],
    ['of texts that the file calls bytes', 'type', {}, { ...TEXT, logicalType: null }],
    ['of UUID, which is no text in the file', 'type', {}, { type: 'UUID', physicalType: 'FIXED_LEN_BYTE_ARRAY' }],
    ['of decimals of any length', 'type', {}, { ...DECIMAL, physicalType: 'BYTE_ARRAY' }],
    [
      'of nanoseconds that the engine reads as microseconds',
      'type',
      {},
      {
        type: 'TIMESTAMP WITH TIME ZONE',
        physicalType: 'INT64',
        logicalType:
          'TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=<null>, NANOS=NanoSeconds()))',
      },
    ],
    ['of half floats', 'type', {}, { type: 'FLOAT', physicalType: 'FIXED_LEN_BYTE_ARRAY', logicalType: null }],
    ['where it holds NaN', 'unreadable', { max: 'nan' }, DOUBLE],
    ['where it is infinite', 'unreadable', { min: '-inf', max: '-1.7976931348623157e+308' }, DOUBLE, ARROW],
    ['where a text may be bytes', 'unreadable', { min: '\\xC3', max: '\\xC3' }, TEXT],
    ['beyond its type', 'unreadable', { max: '2147483648' }],
    ['of another scale', 'unreadable', { max: '1.005' }, DECIMAL],
    ['without a writer', 'writer', {}, {}, null],
    ['of floats by a writer that is not known', 'writer', {}, DOUBLE, 'fastparquet-python version 2024.2.0'],
    ['of decimals by a writer that is not known', 'writer', {}, DECIMAL, 'hyparquet'],
    ['of decimals by Polars', 'writer', {}, DECIMAL, 'Polars'],
    [
      'of parquet-mr before 1.10',
      'writer',
      {},
      {},
      'parquet-mr version 1.8.1 (build 4aba4dae7bb0d4edbcf7923ae1339f28fd3f7fcf)',
    ],
    ['of parquet-mr of a vendor', 'writer', {}, {}, 'parquet-mr version 1.5.0-cdh5.5.1 (build ${buildNumber})'],
    ['of parquet-cpp before Arrow', 'writer', {}, {}, 'parquet-cpp version 1.5.1-SNAPSHOT'],
    ['of Arrow before 12', 'writer', {}, {}, 'parquet-cpp-arrow version 11.0.0'],
  ]
  for (const [name, doubt, chunk, column, createdBy] of cases) {
    test(name, () => {
      const { range, doubts } = facts(chunk, column, createdBy)
      expect(range).toBeUndefined()
      expect(doubts).toContain(doubt)
    })
  }
})

describe('a range is believed', () => {
  const cases: readonly (readonly [string, Partial<ChunkStatistics>, Partial<ColumnStatistics>, string])[] = [
    ['of signed numbers in old fields', { deprecated: true, exact: null }, {}, SPARK],
    ['of signed numbers by a writer that is not known', { exact: null }, {}, 'Arrow2 - Native Rust implementation'],
    ['of unsigned numbers whose writer says that they are whole', {}, UNSIGNED, RUST],
    ['of small decimals', { exact: null }, DECIMAL, SPARK],
    ['of large decimals whose writer says that they are whole', {}, LARGE_DECIMAL, RUST],
    ['of floats', { exact: null, min: '-0.5', max: '1e+16' }, DOUBLE, SPARK],
    ['of texts whose writer says that they are whole', { min: '', max: 'é' }, TEXT, ARROW],
    [
      'of nanoseconds',
      { min: '1970-01-01 00:00:00', max: '2001-01-31 13:05:00.000000001' },
      { type: 'TIMESTAMP_NS', physicalType: 'INT64' },
      DUCKDB,
    ],
  ]
  test.each(cases)('%s', (_, chunk, column, createdBy) => {
    expect(facts(chunk, column, createdBy)).toMatchObject({ range: {}, doubts: [] })
  })
})

describe('nulls', () => {
  test('that are not counted are not known', () => {
    expect(facts({ nulls: null })).toMatchObject({ nulls: undefined, range: {}, doubts: ['absent'] })
  })

  test('of Polars are multiplied by its pages, so that only 0 is sure', () => {
    expect(facts({ nulls: 2 }, {}, 'Polars').nulls).toBeUndefined()
    expect(facts({ nulls: 0 }, {}, 'Polars').nulls).toBe(0)
  })

  test('are believed where the order of the values is not', () => {
    expect(facts({ nulls: 2, exact: false, min: 'a', max: 'b' }, TEXT).nulls).toBe(2)
  })
})

test('only a writer that leaves out ranges with NaN says by a range that there is none', () => {
  expect(facts({}, DOUBLE).mayHoldNaN).toBe(false)
  expect(facts({ min: null, max: null }, DOUBLE).mayHoldNaN).toBe(true)
  for (const createdBy of [SPARK, ARROW, RUST, 'DuckDB version v1.1.0', 'DuckDB version v2.0.0', 'DuckDB', null])
    expect(facts({}, DOUBLE, createdBy).mayHoldNaN).toBe(true)
  expect(facts({}, {}, SPARK).mayHoldNaN).toBe(false)
})
