import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Cell, JsonValue, Session } from '@tidegate/core'
import { evaluateOne } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const QUANTILES = 'expect_column_quantile_values_to_be_between'
const FOUR = ['3', '1', 'NULL', '4', '2']
const QUARTERS = [0, 0.25, 0.5, 0.75, 1]

type Case = readonly [
  type: string,
  cells: readonly string[],
  method: JsonValue,
  quantiles: readonly number[],
  ranges: JsonValue,
  values: readonly Cell[],
  /** Which of them are in their range. */
  details: readonly boolean[],
]

const OPEN = [null, null]

test.each<Case>([
  // The smallest value with at least that share at or below it: of four values, a quarter is one value.
  [
    'INTEGER',
    FOUR,
    false,
    QUARTERS,
    [
      [1, 1],
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ],
    [1, 1, 2, 3, 4],
    [true, true, true, true, true],
  ],
  [
    'INTEGER',
    FOUR,
    null,
    [0.26, 0.5],
    [
      [3, 4],
      [null, 1],
    ],
    [2, 2],
    [false, false],
  ],
  ['INTEGER', FOUR, true, [0.5], [[2, null]], [2], [true]],
  ['INTEGER', FOUR, 0.05, [0.5], [OPEN], [2], [true]],
  // Positions 0, 0.75, 1.5, 2.25, 3 in 1, 2, 3, 4
  [
    'INTEGER',
    FOUR,
    'linear',
    QUARTERS,
    [OPEN, OPEN, [2.5, 2.5], OPEN, OPEN],
    [1, 1.75, 2.5, 3.25, 4],
    [true, true, true, true, true],
  ],
  ['INTEGER', FOUR, 'lower', QUARTERS, [OPEN, OPEN, OPEN, OPEN, OPEN], [1, 1, 2, 3, 4], [true, true, true, true, true]],
  [
    'INTEGER',
    FOUR,
    'higher',
    QUARTERS,
    [OPEN, OPEN, OPEN, OPEN, OPEN],
    [1, 2, 3, 4, 4],
    [true, true, true, true, true],
  ],
  [
    'INTEGER',
    FOUR,
    'midpoint',
    QUARTERS,
    [OPEN, OPEN, OPEN, OPEN, OPEN],
    [1, 1.5, 2.5, 3.5, 4],
    [true, true, true, true, true],
  ],
  // Position 1.5 is halfway; the even place 2 holds 3.
  [
    'INTEGER',
    FOUR,
    'nearest',
    QUARTERS,
    [OPEN, OPEN, OPEN, OPEN, OPEN],
    [1, 2, 3, 3, 4],
    [true, true, true, true, true],
  ],
  // No values: no quantile, which is in no range, not even an open one.
  ['INTEGER', ['NULL'], false, [0.5], [OPEN], [null], [false]],
  ['INTEGER', [], false, [0.5, 1], [OPEN, OPEN], [null, null], [false, false]],
  ['DOUBLE', ["'NaN'"], 'nearest', [0.5], [OPEN], [null], [false]],
  ['DOUBLE', ['1', "'NaN'", '3'], false, [1], [[3, 3]], [3], [true]],
  ['DECIMAL(9,2)', ['1.10', '2.20'], false, [0.5], [['1.10', 1.1]], ['1.10'], [true]],
  ['DATE', ["'2024-01-01'", "'2024-03-01'"], false, [1], [['2024-02-01', null]], ['2024-03-01'], [true]],
  [
    'TIMESTAMP',
    ["'2024-01-01 10:00:00'"],
    false,
    [0.5],
    [['2024-01-01T10:00:01', null]],
    ['2024-01-01 10:00:00'],
    [false],
  ],
  // Within 0.01 % of an end is in the range.
  ['DOUBLE', ['100.0099'], false, [0.5], [[0, 100]], [100.0099], [true]],
  ['DOUBLE', ['100.0101'], false, [0.5], [[0, 100]], [100.0101], [false]],
  ['DOUBLE', ['99.9901'], false, [0.5], [[100, null]], [99.9901], [true]],
])('%s %j by %j: %j', async (type, cells, method, quantiles, ranges, values, details) => {
  const result = await evaluateOne(session, type, cells, QUANTILES, {
    quantile_ranges: { quantiles, value_ranges: ranges },
    ...(method === null ? {} : { allow_relative_error: method }),
  })
  expect(result).toMatchObject({
    outcome: details.every((passed) => passed) ? 'passed' : 'failed',
    rowLevel: false,
    observedValue: { quantiles, values },
    details: { success_details: details },
  })
})

test.each<[string, Record<string, JsonValue>, string]>([
  ['INTEGER', {}, 'CHECK_KWARG'],
  ['INTEGER', { quantile_ranges: null }, 'CHECK_KWARG'],
  ['INTEGER', { quantile_ranges: [1] }, 'CHECK_KWARG'],
  ['INTEGER', { quantile_ranges: {} }, 'CHECK_KWARG'],
  ['INTEGER', { quantile_ranges: { quantiles: [], value_ranges: [] } }, 'CHECK_KWARG'],
  ['INTEGER', { quantile_ranges: { quantiles: [0.5], value_ranges: [] } }, 'CHECK_KWARG'],
  ['INTEGER', { quantile_ranges: { quantiles: [1.5], value_ranges: [[1, 2]] } }, 'CHECK_KWARG'],
  ['INTEGER', { quantile_ranges: { quantiles: [0.5], value_ranges: [[1]] } }, 'CHECK_KWARG'],
  ['INTEGER', { quantile_ranges: { quantiles: [0.5], value_ranges: [[2, 1]] } }, 'CHECK_BOUNDS'],
  ['INTEGER', { quantile_ranges: { quantiles: [0.5], value_ranges: [['a', 'b']] } }, 'CHECK_BOUNDS'],
  ['VARCHAR', { quantile_ranges: { quantiles: [0.5], value_ranges: [['a', 'b']] } }, 'CHECK_TYPE'],
  [
    'INTEGER',
    { quantile_ranges: { quantiles: [0.5], value_ranges: [[1, 2]] }, allow_relative_error: 'cubic' },
    'CHECK_KWARG',
  ],
  [
    'INTEGER',
    { quantile_ranges: { quantiles: [0.5], value_ranges: [[1, 2]] }, allow_relative_error: 2 },
    'CHECK_KWARG',
  ],
  [
    'DATE',
    { quantile_ranges: { quantiles: [0.5], value_ranges: [[null, null]] }, allow_relative_error: 'linear' },
    'CHECK_TYPE',
  ],
])('%s %j: %s', async (type, kwargs, code) => {
  expect(await evaluateOne(session, type, [], QUANTILES, kwargs)).toMatchObject({ outcome: 'error', error: { code } })
})

test('one quantile is one', async () => {
  const ranges = { quantiles: [0.5], value_ranges: [[9, 9]] }
  const { message } = await evaluateOne(session, 'INTEGER', FOUR, QUANTILES, { quantile_ranges: ranges })
  expect(message).toContain('a quantile of x in its range')
})
