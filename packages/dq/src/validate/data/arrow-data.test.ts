import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import * as arrow from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { arrowData } from './arrow-data.ts'
import type { ArrowTable } from './data.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(() => session.close())

async function read(table: ArrowTable): Promise<readonly [readonly string[], readonly (readonly unknown[])[]]> {
  const data = await arrowData(session, { arrow: table }, {})
  const { rows } = await session.query(
    `SELECT * EXCLUDE (__tg_file, __tg_row) FROM ${data.relation.sql} ORDER BY __tg_row`,
  )
  await data.dispose()
  return [data.relation.columns.map((column) => column.type), rows]
}

function one(type: arrow.DataType, values: readonly unknown[]): ArrowTable {
  return new arrow.Table({ x: arrow.vectorFromArray(values as never, type) }) as unknown as ArrowTable
}

const DICTIONARY = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())
const STRUCT = new arrow.Struct([new arrow.Field('q', new arrow.Int64())])

test.each<readonly [string, arrow.DataType, readonly unknown[], string, readonly unknown[]]>([
  ['int8', new arrow.Int8(), [-128, null], 'TINYINT', [-128, null]],
  ['uint32', new arrow.Uint32(), [4294967295], 'UINTEGER', [4294967295]],
  ['int64', new arrow.Int64(), [9007199254740993n, null], 'BIGINT', [9007199254740993n, null]],
  ['uint64', new arrow.Uint64(), [2n ** 64n - 1n], 'UBIGINT', [2n ** 64n - 1n]],
  ['float32', new arrow.Float32(), [0.5, Number.NaN], 'FLOAT', [0.5, Number.NaN]],
  ['float64', new arrow.Float64(), [0.1, null, Infinity], 'DOUBLE', [0.1, null, Infinity]],
  ['bool', new arrow.Bool(), [true, null, false], 'BOOLEAN', [true, null, false]],
  ['utf8', new arrow.Utf8(), ["it's", '', null], 'VARCHAR', ["it's", '', null]],
  ['dictionary', DICTIONARY, ['a', null, 'a'], 'VARCHAR', ['a', null, 'a']],
  ['binary', new arrow.Binary(), [new Uint8Array([0, 255])], 'BLOB', ['\\x00\\xFF']],
  ['date32', new arrow.DateDay(), [new Date('1969-12-31'), null], 'DATE', ['1969-12-31', null]],
  ['seconds', new arrow.TimestampSecond(), [1577934245000], 'TIMESTAMP_S', ['2020-01-02 03:04:05']],
  ['milliseconds', new arrow.TimestampMillisecond(), [1577934245678], 'TIMESTAMP_MS', ['2020-01-02 03:04:05.678']],
  ['microseconds', new arrow.TimestampMicrosecond(), [-0.001, null], 'TIMESTAMP', ['1969-12-31 23:59:59.999999', null]],
  ['a zone', new arrow.TimestampMicrosecond('Asia/Tokyo'), [0], 'TIMESTAMPTZ', ['1970-01-01 00:00:00+00']],
  ['time', new arrow.TimeMicrosecond(), [3723000001n], 'TIME', ['01:02:03.000001']],
  ['structs', STRUCT, [{ q: 1n }, null], 'JSON', ['{"q":1}', null]],
  ['nulls', new arrow.Null(), [null], 'INTEGER', [null]],
])('%s', async (_, type, values, expected, cells) => {
  expect(await read(one(type, values))).toEqual([[expected], cells.map((cell) => [cell])])
})

test('decimals keep their digits and sign', async () => {
  const words = (value: bigint): Uint32Array =>
    new Uint32Array([0n, 32n, 64n, 96n].map((shift) => Number((value >> shift) & 0xffffffffn)))
  const type = new arrow.Decimal(2, 38, 128)
  const values = [150n, -7n, 12345678901234567890123n].map(words)
  const data = arrow.makeData({ type, length: 3, data: new Uint32Array(values.flatMap((item) => [...item])) })
  const table = new arrow.Table({ x: new arrow.Vector([data]) }) as unknown as ArrowTable
  expect(await read(table)).toEqual([['DECIMAL(38, 2)'], [['1.50'], ['-0.07'], ['123456789012345678901.23']]])
})

test('several batches and slices are read in order', async () => {
  const part = (values: readonly number[]): arrow.Table =>
    new arrow.Table({ x: arrow.vectorFromArray(values, new arrow.TimestampMillisecond()) })
  const table = part([0, 1, 2])
    .concat(part([3, 4]))
    .slice(1)
  expect((await read(table as unknown as ArrowTable))[1].map(([cell]) => cell)).toEqual(
    [1, 2, 3, 4].map((ms) => `1970-01-01 00:00:00.00${ms}`),
  )
})

test('a table of apache-arrow is one of ours, by its type', () => {
  const fits = (table: arrow.Table): ArrowTable => table
  expect(fits(new arrow.Table({ x: arrow.vectorFromArray([1]) })).numRows).toBe(1)
})

test('what is no Arrow table is CHECK_DATA', async () => {
  for (const given of [null, 1, {}, { schema: {} }, [1]])
    await expect(arrowData(session, { arrow: given as never }, {})).rejects.toMatchObject({ code: 'CHECK_DATA' })
})
