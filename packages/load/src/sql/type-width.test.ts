import { expect, test } from 'vitest'
import { holdsType, isScalar, losesValues } from './type-width.ts'

test.each([
  ['HUGEINT', 'INTEGER'],
  ['bigint', 'integer'],
  ['VARCHAR', 'DATE'],
  ['DOUBLE', 'FLOAT'],
  ['double precision', 'integer'],
  ['DECIMAL(20,4)', 'DECIMAL(10,2)'],
  ['numeric', 'numeric(10,2)'],
  ['TIMESTAMP', 'DATE'],
])('%s holds every %s', (has, wanted) => expect(holdsType(has, wanted)).toBe(true))

test.each([
  ['INTEGER', 'DOUBLE'],
  ['integer', 'bigint'],
  ['UINTEGER', 'BIGINT'],
  ['DOUBLE', 'BIGINT'],
  ['real', 'integer'],
  ['numeric(10,2)', 'numeric(10,4)'],
  ['DECIMAL(10,4)', 'DECIMAL(10,2)'],
  ['DATE', 'TIMESTAMP'],
  ['STRUCT(a INTEGER)', 'STRUCT(a DOUBLE)'],
])('%s does not hold every %s', (has, wanted) => expect(holdsType(has, wanted)).toBe(false))

test('only of types that are known it is said that values would be lost', () => {
  expect(losesValues('INTEGER', 'DOUBLE')).toBe(true)
  expect(losesValues('BIGINT', 'VARCHAR')).toBe(true)
  expect(losesValues('STRUCT("a" INTEGER)', 'STRUCT(a INTEGER)')).toBe(false)
  expect(losesValues('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ')).toBe(false)
})

test('nested types are not compared by casts', () => {
  expect(['DOUBLE', 'DECIMAL(10,2)', 'timestamp without time zone'].every(isScalar)).toBe(true)
  expect(['INTEGER[]', 'STRUCT(a INTEGER)', 'MAP(INTEGER, INTEGER)', 'jsonb'].some(isScalar)).toBe(false)
})
