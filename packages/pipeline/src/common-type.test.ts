import { expect, test } from 'vitest'
import { commonType } from './target-columns.ts'

test.each([
  ['INTEGER', 'BIGINT', 'BIGINT'],
  ['BIGINT', 'INTEGER', 'BIGINT'],
  ['UINTEGER', 'INTEGER', 'BIGINT'],
  ['UBIGINT', 'BIGINT', 'DECIMAL(20,0)'],
  ['DECIMAL(8,2)', 'DECIMAL(5,4)', 'DECIMAL(10,4)'],
  // An INTEGER has up to 10 digits.
  ['DECIMAL(8,2)', 'INTEGER', 'DECIMAL(12,2)'],
  ['BIGINT', 'DOUBLE', 'DOUBLE'],
  ['DECIMAL(38,0)', 'DECIMAL(38,38)', undefined],
  ['VARCHAR', 'BIGINT', undefined],
])('%s and %s meet in %s', (one, other, wanted) => {
  expect(commonType(one, other)).toBe(wanted)
  expect(commonType(other, one)).toBe(wanted)
})
