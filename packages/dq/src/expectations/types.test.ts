import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { evaluateOne } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const OF_TYPE = 'expect_column_values_to_be_of_type'
const IN_LIST = 'expect_column_values_to_be_in_type_list'
const TYPE = 'expect_column_type_to_be'

describe('a type name', () => {
  test.each<[string, string, 'passed' | 'failed']>([
    // DuckDB, in any case
    ['INTEGER', 'INTEGER', 'passed'],
    ['INTEGER', 'int4', 'passed'],
    ['INTEGER', 'BIGINT', 'failed'],
    ['BIGINT', 'int64', 'passed'],
    ['BIGINT', 'INT', 'failed'],
    ['DECIMAL(9,2)', 'decimal', 'passed'],
    ['DECIMAL(9,2)', 'DECIMAL(9, 2)', 'passed'],
    ['DECIMAL(9,2)', 'NUMERIC(10,2)', 'failed'],
    ['VARCHAR', 'VARCHAR(20)', 'passed'],
    ['VARCHAR', 'text', 'passed'],
    ['TIMESTAMP', 'DATETIME', 'passed'],
    ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'failed'],
    ['INTEGER[]', 'INTEGER[]', 'passed'],
    // Python and pandas
    ['INTEGER', 'int', 'passed'],
    ['BIGINT', 'int', 'passed'],
    ['DOUBLE', 'int', 'failed'],
    ['DOUBLE', 'float', 'passed'],
    ['DOUBLE', 'float64', 'passed'],
    ['FLOAT', 'Float32', 'passed'],
    ['BIGINT', 'Int64', 'passed'],
    ['TINYINT', 'Int8', 'passed'],
    ['UBIGINT', 'UInt64', 'passed'],
    ['VARCHAR', 'str', 'passed'],
    ['VARCHAR', 'object', 'passed'],
    ['DECIMAL(9,2)', 'object', 'passed'],
    ['DOUBLE', 'object', 'failed'],
    ['BOOLEAN', 'bool_', 'passed'],
    ['TIMESTAMP', 'datetime64[ns]', 'passed'],
    ['TIMESTAMPTZ', 'datetime64[ns]', 'failed'],
    ['TIMESTAMPTZ', 'datetime64[ns, UTC]', 'passed'],
    ['DATE', 'datetime64[ns]', 'failed'],
    ['DATE', 'datetime.date', 'passed'],
    ["ENUM('a')", 'category', 'passed'],
    ['BLOB', 'bytes', 'passed'],
    ['INTEGER[]', 'list', 'passed'],
    ['STRUCT(a INTEGER)', 'dict', 'passed'],
    ['STRUCT(a INTEGER)[]', 'dict', 'failed'],
    // Spark
    ['VARCHAR', 'StringType', 'passed'],
    ['BIGINT', 'LongType', 'passed'],
    ['INTEGER', 'LongType', 'failed'],
    ['INTEGER', 'IntegerType()', 'passed'],
    ['DECIMAL(10,2)', 'DecimalType', 'passed'],
    ['DECIMAL(10,2)', 'DecimalType(10, 2)', 'passed'],
    ['DECIMAL(10,2)', 'DecimalType(10,3)', 'failed'],
    ['TIMESTAMPTZ', 'TimestampType', 'passed'],
    ['TIMESTAMPTZ', 'TimestampNTZType', 'failed'],
    ['INTEGER[]', 'ArrayType', 'passed'],
    ['MAP(VARCHAR, INTEGER)', 'MapType', 'passed'],
    // SQLAlchemy and others
    ['VARCHAR', 'NVARCHAR(50)', 'passed'],
    ['VARCHAR', 'character varying(20)', 'passed'],
    ['DECIMAL(9,2)', 'NUMBER', 'passed'],
    ['DOUBLE', 'DOUBLE_PRECISION', 'passed'],
    ['BIGINT', 'BigInteger', 'passed'],
  ])('%s is %s: %s', async (type, name, outcome) => {
    for (const expectation of [OF_TYPE, TYPE])
      expect(await evaluateOne(session, type, [], expectation, { type_: name })).toMatchObject({
        outcome,
        dimension: 'schema',
        provedBy: 'schema',
      })
    expect(await evaluateOne(session, type, [], IN_LIST, { type_list: ['BLOB_', name] })).toMatchObject({ outcome })
  })
})

test.each<[Record<string, JsonValue>, 'passed' | 'failed']>([
  [{ type_list: ['BIGINT', 'INTEGER'] }, 'passed'],
  [{ type_list: ['BIGINT', 'VARCHAR'] }, 'failed'],
  [{ type_list: ['BIGINT', 'VARCHAR'], mostly: 0 }, 'failed'],
  [{ type_list: null }, 'passed'],
])('an INTEGER column and the list %j: %s', async (kwargs, outcome) => {
  expect(await evaluateOne(session, 'INTEGER', ['1'], IN_LIST, kwargs)).toMatchObject({
    outcome,
    observedValue: 'INTEGER',
  })
})

test.each<[string, Record<string, JsonValue>, string]>([
  [OF_TYPE, { type_: 'INTEGR' }, 'CHECK_TYPE'],
  [OF_TYPE, { type_: 'INTEGER); DROP TABLE x; --' }, 'CHECK_TYPE'],
  [OF_TYPE, {}, 'CHECK_KWARG'],
  [IN_LIST, { type_list: ['what', 'ever'] }, 'CHECK_TYPE'],
  [IN_LIST, { type_list: [] }, 'CHECK_TYPE'],
  [TYPE, { type_: 'INTEGER', column: 'y' }, 'CHECK_COLUMN_MISSING'],
])('%s %j is %s', async (expectation, kwargs, code) => {
  expect(await evaluateOne(session, 'INTEGER', [], expectation, kwargs)).toMatchObject({
    outcome: 'error',
    error: { code },
  })
})
