import type { Cell } from '@tidegate/core'
import { expect, test } from 'vitest'
import { parseType } from '../expression/data-type.ts'
import { gxJson, gxValue, gxValues, stringifyResult } from './gx-value.ts'

test.each<readonly [string, Cell, unknown]>([
  ['DECIMAL(10,2)', '1.50', 1.5],
  ['DECIMAL(10,2)', '-0.00', 0],
  ['DECIMAL(38,4)', '12345678901234567890.1230', '12345678901234567890.1230'],
  ['DECIMAL(38,0)', '9007199254740993', '9007199254740993'],
  ['TIMESTAMP', '2020-01-01 01:02:03.5', '2020-01-01T01:02:03.500000'],
  ['TIMESTAMP', '2020-01-01 00:00:00', '2020-01-01T00:00:00'],
  ['TIMESTAMPTZ', '2020-01-01 01:02:03.5+00', '2020-01-01T01:02:03.500000+00:00'],
  ['TIMESTAMP', 'infinity', 'infinity'],
  ['DATE', '2020-01-06', '2020-01-06'],
  ['VARCHAR', '2020-01-01 00:00:00', '2020-01-01 00:00:00'],
  ['VARCHAR', '1.50', '1.50'],
  ['BIGINT', 9007199254740993n, '9007199254740993'],
  ['DOUBLE', Number.POSITIVE_INFINITY, 'Infinity'],
  ['DOUBLE', 1e18, 1e18],
  ['BIGINT', 2 ** 60, 2 ** 60],
  ['DOUBLE', -1.5e300, -1.5e300],
  ['DOUBLE', null, null],
  ['BOOLEAN', true, true],
])('%s %s is written as %s', (type, value, expected) => {
  expect(gxValue(value, parseType(type))).toEqual(expected)
})

test('a list of values is written value by value', () => {
  expect(gxValues(['1.50', null], parseType('DECIMAL(10,2)'))).toEqual([1.5, null])
})

test('doubles are numbers however large, also inside of lists and maps; integers of the engine are bigints', () => {
  const value = { max: 1e18, list: [2 ** 53, 9007199254740993n], none: undefined, odd: Number.NaN }
  expect(gxJson(value)).toEqual({ max: 1e18, list: [2 ** 53, '9007199254740993'], odd: 'NaN' })
  expect(stringifyResult(value)).toBe(
    '{"max":1000000000000000000,"list":[9007199254740992,"9007199254740993"],"odd":"NaN"}',
  )
})

test('a key named __proto__ stays a key', () => {
  expect(stringifyResult(JSON.parse('{"__proto__":1e18}'))).toBe('{"__proto__":1000000000000000000}')
})
