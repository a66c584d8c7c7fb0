import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { contractOf, evaluateAll, evaluateOne, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const UP = 'expect_column_values_to_be_increasing'
const DOWN = 'expect_column_values_to_be_decreasing'

type Case = readonly [
  type: string,
  cells: readonly string[],
  expectation: string,
  kwargs: Record<string, JsonValue>,
  outcome: 'passed' | 'failed',
  /** unexpected, missing */
  counts: readonly [number, number],
]

/** Each value against the one before it; missing ones are skipped. */
test.each<Case>([
  ['INTEGER', ['1', '2', '2', '3'], UP, {}, 'passed', [0, 0]],
  ['INTEGER', ['1', '2', '2', '3'], UP, { strictly: true }, 'failed', [1, 0]],
  ['INTEGER', ['1', '2', '2', '3'], UP, { strictly: null }, 'passed', [0, 0]],
  // 3 after 1 across the gap, then 2 below 3, then 2 again
  ['INTEGER', ['1', 'NULL', '3', '2', '2', '4'], UP, {}, 'failed', [1, 1]],
  ['INTEGER', ['1', 'NULL', '3', '2', '2', '4'], UP, { strictly: true }, 'failed', [2, 1]],
  ['INTEGER', ['1', 'NULL', '3', '2', '2', '4'], UP, { strictly: true, mostly: 0.6 }, 'passed', [2, 1]],
  ['INTEGER', ['1', 'NULL', '3', '2', '2', '4'], UP, { strictly: true, mostly: 0.61 }, 'failed', [2, 1]],
  ['INTEGER', ['3', '2', '2', '1'], DOWN, {}, 'passed', [0, 0]],
  ['INTEGER', ['3', '2', '2', '1'], DOWN, { strictly: true }, 'failed', [1, 0]],
  ['INTEGER', ['1', '2', '3'], DOWN, {}, 'failed', [2, 0]],
  // The first present value passes whatever it is.
  ['INTEGER', ['NULL', '9', 'NULL'], UP, { strictly: true }, 'passed', [0, 2]],
  ['INTEGER', ['NULL', 'NULL'], UP, {}, 'passed', [0, 2]],
  ['INTEGER', [], DOWN, { strictly: true }, 'passed', [0, 0]],
  ['DOUBLE', ['1', "'NaN'", '0.5', "'Infinity'"], UP, {}, 'failed', [1, 1]],
  ['DECIMAL(9,2)', ['1.10', '1.09', '2'], UP, {}, 'failed', [1, 0]],
  ['BIGINT', ['9007199254740992', '9007199254740993'], UP, { strictly: true }, 'passed', [0, 0]],
  ['DATE', ["'2024-01-02'", "'2024-01-01'"], UP, {}, 'failed', [1, 0]],
  ['TIMESTAMP', ["'2024-01-01 10:00:00'", "'2024-01-01 10:00:00.000001'"], UP, { strictly: true }, 'passed', [0, 0]],
  ['TIMESTAMPTZ', ["'2024-01-01 10:00:00+02'", "'2024-01-01 09:00:00+00'"], UP, {}, 'passed', [0, 0]],
  ['TIME', ["'10:00:00'", "'09:00:00'"], DOWN, { strictly: true }, 'passed', [0, 0]],
  ['VARCHAR', ["'a'", "'b'", "'B'"], UP, {}, 'failed', [1, 0]],
])('%s %j %s %j: %s', async (type, cells, expectation, kwargs, outcome, [unexpected, missing]) => {
  const result = await evaluateOne(session, type, cells, expectation, kwargs)
  expect(result).toMatchObject({
    outcome,
    elementCount: cells.length,
    missingCount: missing,
    unexpectedCount: unexpected,
    rowLevel: true,
    dimension: 'consistency',
  })
})

test.each([
  ['BOOLEAN', {}, 'CHECK_TYPE'],
  ['INTEGER[]', {}, 'CHECK_TYPE'],
  ['BLOB', {}, 'CHECK_TYPE'],
  ['VARCHAR', { parse_strings_as_datetimes: true }, 'CHECK_REMOVED'],
  ['INTEGER', { strictly: 'yes' }, 'CHECK_KWARG'],
])('%s with %j is %s', async (type, kwargs, code) => {
  expect(await evaluateOne(session, type, [], UP, kwargs)).toMatchObject({ outcome: 'error', error: { code } })
})

test('parse_strings_as_datetimes changes nothing for a column of dates', async () => {
  const kwargs = { parse_strings_as_datetimes: true }
  expect(await evaluateOne(session, 'DATE', ["'2024-01-01'", "'2024-01-02'"], UP, kwargs)).toMatchObject({
    outcome: 'passed',
  })
})

test('every file has a first value of its own', async () => {
  const relation = literalRelation(session, { x: 'INTEGER' }, { f: [['5'], ['6']], g: [['1'], ['2'], ['1']] })
  const results = await evaluateAll(session, contractOf({ x: 'INTEGER' }, [[UP, { column: 'x' }]]), relation)
  expect(results.get('f')?.[0]).toMatchObject({ outcome: 'passed', unexpectedCount: 0 })
  expect(results.get('g')?.[0]).toMatchObject({ outcome: 'failed', unexpectedCount: 1, partialUnexpected: [1] })
})
