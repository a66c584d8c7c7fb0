import { describe, expect, test } from 'vitest'
import { isAssignable, parseType } from './data-type.ts'

describe('parseType', () => {
  test.each([
    ['int8', 'BIGINT'],
    ['Timestamp  with time zone', 'TIMESTAMPTZ'],
    ['decimal', 'DECIMAL(18,3)'],
    ['NUMERIC(10)', 'DECIMAL(10,0)'],
    ['decimal( 10 , 2 )', 'DECIMAL(10,2)'],
    ['varchar(20)', 'VARCHAR'],
    ['struct(a integer, "B c" varchar)[]', 'STRUCT(A INTEGER,"B c" VARCHAR)[]'],
    ["enum('a', 'B')", "ENUM('a','B')"],
    ['"NULL"', '"NULL"'],
  ])('%s is %s', (text, canonical) => {
    expect(parseType(text)?.text).toBe(canonical)
  })

  test.each([
    '',
    'INTEGR',
    'DECIMAL(39,1)',
    'DECIMAL(2,3)',
    'INTEGER) FROM t --',
    'STRUCT(a INTEGER)); DROP TABLE x',
    'STRUCT(a',
    "ENUM('a",
    'INTEGER; SELECT 1',
    'STRUCT(a INTEGER)) , (1',
  ])('%s is no type', (text) => {
    expect(parseType(text)).toBeUndefined()
  })
})

describe('isAssignable', () => {
  test.each([
    ['INTEGER', 'BIGINT'],
    ['BIGINT', 'HUGEINT'],
    ['UINTEGER', 'BIGINT'],
    ['BIGINT', 'DOUBLE'],
    ['SMALLINT', 'FLOAT'],
    ['INTEGER', 'DECIMAL(12,2)'],
    ['FLOAT', 'DOUBLE'],
    ['DATE', 'TIMESTAMP'],
    ['TIMESTAMP_S', 'TIMESTAMP'],
    ['DECIMAL(10,2)', 'DECIMAL(12,4)'],
    ["ENUM('a')", 'VARCHAR'],
    ['UUID', 'VARCHAR'],
    ['INTEGER[]', 'integer[]'],
    ['"NULL"', 'DATE'],
  ])('%s fits %s', (actual, declared) => {
    expect(isAssignable(actual, declared)).toBe(true)
  })

  test.each([
    ['BIGINT', 'INTEGER'],
    ['UBIGINT', 'BIGINT'],
    ['INTEGER', 'UBIGINT'],
    ['INTEGER', 'FLOAT'],
    ['INTEGER', 'DECIMAL(11,2)'],
    ['DOUBLE', 'FLOAT'],
    ['DOUBLE', 'BIGINT'],
    ['DECIMAL(10,2)', 'DECIMAL(12,1)'],
    ['DECIMAL(10,2)', 'DECIMAL(11,4)'],
    ['DECIMAL(10,2)', 'DOUBLE'],
    ['TIMESTAMP', 'DATE'],
    ['TIMESTAMP', 'TIMESTAMP_NS'],
    ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'],
    ['INTEGER', 'VARCHAR'],
    ['VARCHAR', 'INTEGER'],
    ['INTEGER[]', 'BIGINT[]'],
    ['BOOLEAN', 'INTEGER'],
    ['GARBAGE', 'INTEGER'],
  ])('%s does not fit %s', (actual, declared) => {
    expect(isAssignable(actual, declared)).toBe(false)
  })
})
