import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { evaluateOne } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const Z = 'expect_column_value_z_scores_to_be_less_than'
const OUT = 'expect_column_values_to_not_be_outliers'

type Case = readonly [
  type: string,
  cells: readonly string[],
  expectation: string,
  kwargs: Record<string, JsonValue>,
  outcome: 'passed' | 'failed',
  /** unexpected, missing */
  counts: readonly [number, number],
]

test.each<Case>([
  // 1, 2, 3: mean 2, sample deviation 1, scores −1, 0, 1
  ['INTEGER', ['1', '2', '3', 'NULL'], Z, { threshold: 1 }, 'failed', [2, 1]],
  ['INTEGER', ['1', '2', '3'], Z, { threshold: 1.01 }, 'passed', [0, 0]],
  ['INTEGER', ['1', '2', '3'], Z, { threshold: 1, double_sided: false }, 'failed', [1, 0]],
  ['INTEGER', ['1', '2', '3'], Z, { threshold: -1, double_sided: false }, 'failed', [3, 0]],
  ['INTEGER', ['1', '2', '3'], Z, { threshold: -0.5, double_sided: false }, 'failed', [2, 0]],
  // A negative threshold means its absolute value on both sides.
  ['INTEGER', ['1', '2', '3'], Z, { threshold: -1.01, double_sided: true }, 'passed', [0, 0]],
  ['INTEGER', ['1', '2', '3'], Z, { threshold: 0, double_sided: true }, 'failed', [3, 0]],
  ['INTEGER', ['1', '2', '3'], Z, { threshold: 1, mostly: 0.3 }, 'passed', [2, 0]],
  ['DECIMAL(9,2)', ['1.00', '2.00', '3.00'], Z, { threshold: 1 }, 'failed', [2, 0]],
  ['DOUBLE', ['1', '2', '3', "'NaN'"], Z, { threshold: 1 }, 'failed', [2, 1]],
  // No deviation: all equal, one value, none.
  ['INTEGER', ['5', '5', '5'], Z, { threshold: 0 }, 'passed', [0, 0]],
  ['INTEGER', ['5'], Z, { threshold: 0 }, 'passed', [0, 0]],
  ['DOUBLE', ['NULL', "'NaN'"], Z, { threshold: 0 }, 'passed', [0, 2]],
  ['DOUBLE', [], Z, { threshold: 0 }, 'passed', [0, 0]],
  // An infinity is infinitely far from the mean of the others, 2.
  ['DOUBLE', ['1', '2', '3', "'Infinity'"], Z, { threshold: 1.5 }, 'failed', [1, 0]],
  // Also where the others have no deviation; below the mean only if both sides count.
  ['DOUBLE', ['1e308', "'Infinity'"], Z, { threshold: 3 }, 'failed', [1, 0]],
  ['FLOAT', ["'-Infinity'", "'Infinity'", 'NULL'], Z, { threshold: 3 }, 'failed', [2, 1]],
  ['DOUBLE', ['5', "'-Infinity'"], Z, { threshold: 3, double_sided: false }, 'passed', [0, 0]],
  ['DOUBLE', ['5', "'Infinity'", "'NaN'"], Z, { threshold: 3, double_sided: false }, 'failed', [1, 1]],
  ['DOUBLE', ['1e308', "'Infinity'"], OUT, { method: 'std', multiplier: 3 }, 'failed', [1, 0]],
  ['DOUBLE', ['1', '2', '3', "'-Infinity'"], OUT, { method: 'std', multiplier: 3 }, 'failed', [1, 0]],
  // 1, 2, 3, 4, 7: quartiles 2 and 4, fences −1 and 7, the fence included
  ['INTEGER', ['1', '2', '3', '4', '7'], OUT, {}, 'passed', [0, 0]],
  ['INTEGER', ['1', '2', '3', '4', '7'], OUT, { multiplier: 1.49 }, 'failed', [1, 0]],
  ['INTEGER', ['1', '2', '3', '4', '7'], OUT, { method: 'iqr', multiplier: 0 }, 'failed', [2, 0]],
  // 1, 2, 3, 4: quartiles 1.75 and 3.25 interpolated
  ['INTEGER', ['1', '2', '3', '4', 'NULL'], OUT, { multiplier: 0 }, 'failed', [2, 1]],
  ['DOUBLE', ['0.5', '0.25', '8'], OUT, { multiplier: 0.5, mostly: 0.66 }, 'passed', [1, 0]],
  ['INTEGER', ['5', '5', '5', '5', '6'], OUT, {}, 'failed', [1, 0]],
  // The third quartile is infinite: no fences.
  ['DOUBLE', ['1', '2', '3', "'Infinity'"], OUT, {}, 'passed', [0, 0]],
  ['DOUBLE', ["'Infinity'", "'Infinity'"], OUT, {}, 'passed', [0, 0]],
  // 1, 2, 3: a distance of exactly one deviation is too far
  ['INTEGER', ['1', '2', '3'], OUT, { method: 'std', multiplier: 1 }, 'failed', [2, 0]],
  ['INTEGER', ['1', '2', '3'], OUT, { method: 'std', multiplier: 1.01 }, 'passed', [0, 0]],
  ['INTEGER', ['1', '2', '3'], OUT, { method: 'std', multiplier: 0 }, 'failed', [2, 0]],
  ['DOUBLE', ['0.1', '0.1', '0.1'], OUT, { method: 'std', multiplier: 0 }, 'passed', [0, 0]],
  ['INTEGER', ['1', 'NULL'], OUT, { method: 'std' }, 'passed', [0, 1]],
  ['INTEGER', [], OUT, { method: 'std' }, 'passed', [0, 0]],
])('%s %j %s %j: %s', async (type, cells, expectation, kwargs, outcome, [unexpected, missing]) => {
  const result = await evaluateOne(session, type, cells, expectation, kwargs)
  expect(result).toMatchObject({
    outcome,
    elementCount: cells.length,
    missingCount: missing,
    unexpectedCount: unexpected,
    rowLevel: true,
    dimension: 'validity',
  })
})

test.each<[string, string, Record<string, JsonValue>, string]>([
  ['VARCHAR', Z, { threshold: 1 }, 'CHECK_TYPE'],
  ['INTEGER', Z, {}, 'CHECK_KWARG'],
  ['INTEGER', Z, { threshold: '3' }, 'CHECK_KWARG'],
  ['DATE', OUT, {}, 'CHECK_TYPE'],
  ['INTEGER', OUT, { method: 'mad' }, 'CHECK_KWARG'],
  ['INTEGER', OUT, { multiplier: -1 }, 'CHECK_KWARG'],
])('%s %s %j: %s', async (type, expectation, kwargs, code) => {
  expect(await evaluateOne(session, type, [], expectation, kwargs)).toMatchObject({ outcome: 'error', error: { code } })
})
