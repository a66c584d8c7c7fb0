/** What level `values` says of values, worked out by hand. */
import type { Finding } from '@tidegate/core'
import { expect, test } from 'vitest'

import { bytesSource } from '../../testing/byte-source.ts'
import { handBuiltFile, type HandBuiltColumn } from '../../testing/hand-built-file.ts'
import { dataPage, delta, dictionaryPage, int32, join, plainTexts, run } from '../../testing/hand-built-pages.ts'
import { i32, i64, structField, TYPE, type TypedField } from '../../thrift/thrift-value.ts'
import { diagnose } from '../diagnose.ts'

const [INT32, INT64, INT96, DOUBLE, BYTE_ARRAY, FIXED] = [1, 2, 3, 5, 6, 7] as const
const DATE = { 6: i32(6) }
const MICROS = { 6: i32(10) }
const TEXT = { 6: i32(0) }

function decimal(precision: number): Readonly<Record<number, TypedField>> {
  return { 6: i32(5), 7: i32(0), 8: i32(precision) }
}

function int64(...values: bigint[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values).buffer)
}

function doubles(...values: number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer)
}

function bytesField(bytes: readonly number[] | Uint8Array): TypedField {
  return { type: TYPE.BINARY, value: Uint8Array.from(bytes) }
}

async function findings(column: HandBuiltColumn): Promise<readonly Finding[]> {
  return (await diagnose(bytesSource(handBuiltFile(column)), { level: 'values' })).findings
}

async function codes(column: HandBuiltColumn): Promise<readonly string[]> {
  return (await findings(column)).map(({ code }) => code)
}

test('the last day of the year 9999 is a date, the day after is not, and DuckDB’s infinity neither', async () => {
  const page = (...days: number[]): Uint8Array => dataPage(join(...days.map(int32)), days.length)
  const base = { values: 2, physicalType: INT32, element: DATE }
  expect(await codes({ ...base, pages: [page(2_932_896, -719_162)] })).toEqual([])
  const [found] = await findings({ ...base, pages: [page(0, 2_932_897)] })
  expect(found).toMatchObject({
    code: 'PQ403',
    severity: 'warn',
    repairable: 'lossy',
    where: { rowGroup: 0, column: 'x', page: 0, rows: [0, 2] },
    evidence: { count: 1, firstValue: 1, largest: '2932897' },
  })
  expect(await codes({ ...base, pages: [page(0, 0x7f_ff_ff_ff)] })).toEqual(['PQ403'])
})

test('timestamps are counted in their unit', async () => {
  const last = 253_402_300_799_999_999n
  const base = { values: 2, physicalType: INT64, element: MICROS }
  expect(await codes({ ...base, pages: [dataPage(int64(last, -62_135_596_800_000_000n), 2)] })).toEqual([])
  const [found] = await findings({ ...base, pages: [dataPage(int64(last + 1n, -62_135_596_800_000_001n), 2)] })
  expect(found).toMatchObject({ code: 'PQ403', evidence: { count: 2, firstValue: 0 } })
})

test('milliseconds that do not fit DuckDB’s microseconds are told as such', async () => {
  const base = { values: 1, physicalType: INT64, element: { 6: i32(9) } }
  const [far] = await findings({ ...base, pages: [dataPage(int64(9_223_372_036_854_775n), 1)] })
  expect(far?.evidence).not.toHaveProperty('duckdb')
  const [farther] = await findings({ ...base, pages: [dataPage(int64(9_223_372_036_854_776n), 1)] })
  expect(farther).toMatchObject({ code: 'PQ403', evidence: { duckdb: 'refuses the column' } })
})

test('differences are added up before they are looked at', async () => {
  const pages = [dataPage(join(delta([2_932_890, 2_932_896, 2_932_897, 5, 2_932_898])), 5, 5)]
  const [found] = await findings({ pages, values: 5, physicalType: INT32, element: DATE })
  expect(found).toMatchObject({
    code: 'PQ403',
    evidence: { count: 2, firstValue: 2, largest: '2932898', smallest: '5' },
  })
})

test('dates before 1582-10-15 are in doubt only where Spark says that it wrote them the old way', async () => {
  const pages = [dataPage(join(int32(-141_427), int32(-141_428)), 2)]
  const base = { pages, values: 2, physicalType: INT32, element: DATE }
  expect(await codes(base)).toEqual([])
  expect(await codes({ ...base, keyValues: { 'org.apache.spark.version': '3.5.1' } })).toEqual([])
  for (const keyValues of [{ 'org.apache.spark.legacyDateTime': '' }, { 'org.apache.spark.version': '2.4.8' }])
    expect(await findings({ ...base, keyValues })).toMatchObject([
      { code: 'PQ404', evidence: { count: 1, firstValue: 1 } },
    ])
})

test('a decimal of three digits holds 999 and no more, however it is stored', async () => {
  const plain = (...values: number[]): Uint8Array => dataPage(join(...values.map(int32)), values.length)
  const base = { values: 2, element: decimal(3) }
  expect(await codes({ ...base, physicalType: INT32, pages: [plain(999, -999)] })).toEqual([])
  expect(await codes({ ...base, physicalType: INT32, pages: [plain(0, 1000)] })).toEqual(['PQ405'])
  expect(await codes({ ...base, physicalType: INT64, pages: [dataPage(int64(-1000n, 1n), 2)] })).toEqual(['PQ405'])
  // 999 = 03e7, -999 = fc19, 1000 = 03e8, -1000 = fc18; with bytes before them that only repeat the sign.
  const texts = (...values: number[][]): Uint8Array =>
    dataPage(join(plainTexts(...values.map((value) => Uint8Array.from(value)))), values.length)
  const binary = { ...base, physicalType: BYTE_ARRAY }
  expect(await codes({ ...binary, pages: [texts([0, 0, 3, 0xe7], [0xff, 0xfc, 0x19])] })).toEqual([])
  expect(await codes({ ...binary, pages: [texts([3, 0xe8], [0xff, 0xfc, 0x18])] })).toEqual(['PQ405'])
  const fixed = { ...base, physicalType: FIXED, element: { ...decimal(3), 2: i32(2) } }
  expect(await codes({ ...fixed, pages: [dataPage(Uint8Array.of(3, 0xe7, 0xfc, 0x19), 2)] })).toEqual([])
  const [found] = await findings({ ...fixed, pages: [dataPage(Uint8Array.of(3, 0xe7, 0xfc, 0x18), 2)] })
  expect(found).toMatchObject({ code: 'PQ405', evidence: { count: 1, firstValue: 1 } })
})

test('INT96 is told once, and its far days as out of range', async () => {
  const timestamp = (day: number): number[] => [0, 0, 0, 0, 0, 0, 0, 0, ...int32(day)]
  const pages = [dataPage(join(timestamp(2_440_588), timestamp(5_373_485)), 2)]
  const found = await findings({ pages, values: 2, physicalType: INT96 })
  expect(found).toMatchObject([{ code: 'PQ402' }, { code: 'PQ403', evidence: { count: 1, firstValue: 1 } }])
})

test('bounds may lie around the values, not inside of them', async () => {
  const pages = [dataPage(join(int32(5), int32(9)), 2)]
  const base = { pages, values: 2, physicalType: INT32 }
  const bounds = (min: number, max: number): HandBuiltColumn => ({
    ...base,
    statistics: { 5: bytesField(int32(max)), 6: bytesField(int32(min)) },
  })
  expect(await codes(bounds(5, 9))).toEqual([])
  expect(await codes(bounds(-100, 100))).toEqual([])
  expect(await findings(bounds(6, 9))).toMatchObject([
    {
      code: 'PQ215',
      severity: 'warn',
      repairable: 'lossless',
      evidence: { faults: ['they say the smallest is 6, it is 5'] },
    },
  ])
  expect(await codes(bounds(5, 8))).toEqual(['PQ215'])
  // A required column has no NULL.
  expect(await codes({ ...base, statistics: { 3: i64(1) } })).toContain('PQ215')
})

test('unsigned numbers are compared as such', async () => {
  const pages = [dataPage(join(int32(1), int32(-1)), 2)]
  const statistics = { 5: bytesField(int32(-1)), 6: bytesField(int32(1)) }
  // -1 is 4,294,967,295 without a sign.
  expect(await codes({ pages, values: 2, physicalType: INT32, element: { 6: i32(13) }, statistics })).toEqual([])
})

test('NaN has no place in the order, and -0 is 0', async () => {
  const pages = [dataPage(doubles(Number.NaN, -0, 7), 3)]
  const statistics = { 5: bytesField(doubles(7)), 6: bytesField(doubles(0)) }
  expect(await codes({ pages, values: 3, physicalType: DOUBLE, statistics })).toEqual([])
  const tight = { 5: bytesField(doubles(6.5)), 6: bytesField(doubles(0)) }
  expect(await codes({ pages, values: 3, physicalType: DOUBLE, statistics: tight })).toEqual(['PQ215'])
})

test('texts are compared byte by byte, and only the entries that a page uses count', async () => {
  const dictionary = dictionaryPage(join(plainTexts('b', 'é', 'zz')), 3)
  const indices = dataPage(join([2], run(0, 2, 2), run(1, 1, 2)), 3, 8)
  const base = { pages: [dictionary, indices], values: 3, physicalType: BYTE_ARRAY, element: TEXT }
  const bounds = (min: string, max: string): HandBuiltColumn => ({
    ...base,
    statistics: { 5: bytesField(Buffer.from(max)), 6: bytesField(Buffer.from(min)) },
  })
  expect(await codes(bounds('b', 'é'))).toEqual([])
  expect(await codes(bounds('a', 'ê'))).toEqual([])
  expect(await codes(bounds('b', 'zz'))).toEqual(['PQ215'])
})

test('what follows no order is not compared: intervals', async () => {
  const pages = [dataPage(new Uint8Array(24).fill(9), 2)]
  const statistics = { 5: bytesField(new Uint8Array(12)), 6: bytesField(new Uint8Array(12).fill(255)) }
  const element = { 2: i32(12), 6: i32(21) }
  expect(await codes({ pages, values: 2, physicalType: FIXED, element, statistics })).toEqual([])
})

test('a logical type counts before the old one', async () => {
  const pages = [dataPage(join(int32(-1), int32(2)), 2)]
  // INTEGER(32, unsigned) in the logical type, INT_32 in the converted one.
  const integer = structField({
    10: structField({ 1: { type: TYPE.I8, value: 32 }, 2: { type: TYPE.FALSE, value: false } }),
  })
  const statistics = { 5: bytesField(int32(-1)), 6: bytesField(int32(2)) }
  const element = { 6: i32(17), 10: integer }
  expect(await codes({ pages, values: 2, physicalType: INT32, element, statistics })).toEqual([])
})
