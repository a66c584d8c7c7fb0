import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Cell, JsonValue, Session } from '@tidegate/core'
import { evaluateOne } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const IN = 'expect_column_distinct_values_to_be_in_set'
const CONTAIN = 'expect_column_distinct_values_to_contain_set'
const EQUAL = 'expect_column_distinct_values_to_equal_set'
const COMMON = 'expect_column_most_common_value_to_be_in_set'

describe('distinct values', () => {
  type Case = readonly [
    type: string,
    cells: readonly string[],
    expectation: string,
    set: JsonValue,
    outcome: 'passed' | 'failed',
    /** The distinct values, sorted. */
    observed: readonly Cell[],
  ]

  test.each<Case>([
    ['INTEGER', ['2', '1', '2', 'NULL'], IN, [1, 2, 3], 'passed', [1, 2]],
    ['INTEGER', ['2', '1', '2', 'NULL'], IN, [1], 'failed', [1, 2]],
    ['INTEGER', ['2', '1'], IN, null, 'passed', [1, 2]],
    ['INTEGER', ['2', '1'], IN, [], 'failed', [1, 2]],
    ['INTEGER', ['NULL'], IN, [], 'passed', []],
    ['INTEGER', [], IN, [1], 'passed', []],
    ['INTEGER', ['2', '1', '2', 'NULL'], CONTAIN, [1], 'passed', [1, 2]],
    ['INTEGER', ['2', '1'], CONTAIN, [1, 3], 'failed', [1, 2]],
    ['INTEGER', ['2', '1'], CONTAIN, [], 'passed', [1, 2]],
    ['INTEGER', [], CONTAIN, [1], 'failed', []],
    // NULL is no value, so it is never found.
    ['INTEGER', ['1', 'NULL'], CONTAIN, [1, null], 'failed', [1]],
    ['INTEGER', ['2', '1', '2', 'NULL'], EQUAL, [2, 1, 2], 'passed', [1, 2]],
    ['INTEGER', ['2', '1'], EQUAL, [1], 'failed', [1, 2]],
    ['INTEGER', ['2', '1'], EQUAL, [1, 2, 3], 'failed', [1, 2]],
    ['INTEGER', [], EQUAL, [], 'passed', []],
    // Compared by value, never across kinds.
    ['INTEGER', ['1', '2'], EQUAL, [1.0, 2], 'passed', [1, 2]],
    ['INTEGER', ['1', '2'], EQUAL, ['1', '2'], 'failed', [1, 2]],
    ['INTEGER', ['1', '2'], EQUAL, [true, 2], 'passed', [1, 2]],
    ['BIGINT', ['9007199254740993'], EQUAL, ['9007199254740993'], 'passed', [9007199254740993n]],
    ['DOUBLE', ['0.1', "'NaN'", '0'], EQUAL, [-0, 0.1], 'passed', [0, 0.1]],
    ['DOUBLE', ["'Infinity'", '1'], EQUAL, [1, 'Infinity'], 'passed', [1, Infinity]],
    ['FLOAT', ['0.1'], EQUAL, [0.1], 'passed', [Math.fround(0.1)]],
    ['DECIMAL(9,2)', ['10.00', '9.50'], EQUAL, [9.5, '10'], 'passed', ['9.50', '10.00']],
    ['BOOLEAN', ['true', 'false'], EQUAL, [true, false], 'passed', [false, true]],
    ['BOOLEAN', ['true'], IN, [1], 'passed', [true]],
    ['DATE', ["'2024-01-02'"], CONTAIN, ['2024-01-02'], 'passed', ['2024-01-02']],
    ['TIMESTAMP', ["'2024-01-01 10:00:00'"], EQUAL, ['2024-01-01T12:00:00+02:00'], 'passed', ['2024-01-01 10:00:00']],
    [
      'TIMESTAMPTZ',
      ["'2024-01-01 10:00:00+00'"],
      EQUAL,
      ['2024-01-01T10:00:00Z'],
      'passed',
      ['2024-01-01 10:00:00+00'],
    ],
    ['UUID', ["'00000000-0000-0000-0000-000000000001'"], IN, ['x'], 'failed', ['00000000-0000-0000-0000-000000000001']],
  ])('%s %j %s %j: %s', async (type, cells, expectation, set, outcome, observed) => {
    const result = await evaluateOne(session, type, cells, expectation, { value_set: set })
    expect(result).toMatchObject({ outcome, rowLevel: false, dimension: 'validity' })
    expect(result.observedValue).toEqual(observed)
  })

  test('counts are told in details, missing members and unexpected values too', async () => {
    const result = await evaluateOne(session, 'VARCHAR', ["'b'", "'a'", "'b'", 'NULL'], EQUAL, {
      value_set: ['b', 'c', null],
    })
    expect(result).toMatchObject({
      outcome: 'failed',
      elementCount: 4,
      missingCount: 1,
      unexpectedCount: 1,
      partialUnexpected: ['a'],
      details: {
        value_counts: [
          { value: 'a', count: 1 },
          { value: 'b', count: 2 },
        ],
        distinct_count: 2,
        missing_count: 2,
        partial_missing_list: ['c', null],
      },
    })
  })

  test('of very many values the most frequent are listed, and all are judged', async () => {
    const cells = [...Array.from({ length: 1200 }, (_, index) => String(index)), '1199']
    const set = Array.from({ length: 1200 }, (_, index) => index)
    const result = await evaluateOne(session, 'INTEGER', cells, EQUAL, { value_set: set })
    expect(result).toMatchObject({ outcome: 'passed', details: { distinct_count: 1200, missing_count: 0 } })
    expect(result.observedValue).toHaveLength(1000)
    expect(result.observedValue).toContain(1199)
    expect(result.message).toContain('the 1,000 most frequent values are listed')
  })
})

describe('the most common value', () => {
  type Case = readonly [
    type: string,
    cells: readonly string[],
    kwargs: Record<string, JsonValue>,
    outcome: 'passed' | 'failed',
    modes: readonly Cell[],
  ]

  test.each<Case>([
    ['INTEGER', ['1', '2', '2'], { value_set: [2] }, 'passed', [2]],
    ['INTEGER', ['1', '2', '2'], { value_set: [1] }, 'failed', [2]],
    ['INTEGER', ['1', '2', '2', '1'], { value_set: [1, 2] }, 'failed', [1, 2]],
    ['INTEGER', ['1', '2', '2', '1'], { value_set: [1], ties_okay: false }, 'failed', [1, 2]],
    ['INTEGER', ['1', '2', '2', '1'], { value_set: [1], ties_okay: true }, 'passed', [1, 2]],
    ['INTEGER', ['1', '2', '2', '1'], { value_set: [1], ties: true }, 'passed', [1, 2]],
    ['INTEGER', ['1', '2', '2', '1'], { value_set: [3], ties_okay: true }, 'failed', [1, 2]],
    // Missing values are no values, however common.
    ['VARCHAR', ["'a'", 'NULL', 'NULL'], { value_set: ['a'] }, 'passed', ['a']],
    ['VARCHAR', ['NULL', 'NULL'], { value_set: ['a'], ties_okay: true }, 'failed', []],
    ['VARCHAR', [], { value_set: ['a'], ties_okay: true }, 'failed', []],
    ['DOUBLE', ["'NaN'", "'NaN'", '1'], { value_set: [1] }, 'passed', [1]],
    ['DECIMAL(9,2)', ['1.50', '1.50', '2'], { value_set: [1.5] }, 'passed', ['1.50']],
    ['DATE', ["'2024-01-01'"], { value_set: ['2024-01-01'] }, 'passed', ['2024-01-01']],
    ['BOOLEAN', ['true', 'true', 'false'], { value_set: [true] }, 'passed', [true]],
    ['INTEGER', ['1'], { value_set: [] }, 'failed', [1]],
  ])('%s %j %j: %s', async (type, cells, kwargs, outcome, modes) => {
    const result = await evaluateOne(session, type, cells, COMMON, kwargs)
    expect(result).toMatchObject({ outcome, rowLevel: false })
    expect(result.observedValue).toEqual(modes)
  })
})

test.each<[string, string, Record<string, JsonValue>, string]>([
  ['INTEGER[]', IN, { value_set: [1] }, 'CHECK_TYPE'],
  ['BLOB', CONTAIN, { value_set: ['a'] }, 'CHECK_TYPE'],
  ['INTEGER', CONTAIN, { value_set: null }, 'CHECK_KWARG'],
  ['INTEGER', EQUAL, { value_set: null }, 'CHECK_KWARG'],
  ['INTEGER', COMMON, { value_set: null }, 'CHECK_KWARG'],
  ['INTEGER', COMMON, {}, 'CHECK_KWARG'],
  ['INTEGER', IN, { value_set: [[1]] }, 'CHECK_KWARG'],
  ['VARCHAR', IN, { value_set: ['2024-01-01'], parse_strings_as_datetimes: true }, 'CHECK_REMOVED'],
])('%s %s %j: %s', async (type, expectation, kwargs, code) => {
  expect(await evaluateOne(session, type, [], expectation, kwargs)).toMatchObject({ outcome: 'error', error: { code } })
})
