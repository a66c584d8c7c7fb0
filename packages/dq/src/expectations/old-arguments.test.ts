import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { contractOf, evaluateAll, evaluateOne, literalRelation } from '../testing/tables.ts'
import { REMOVED_EXPECTATIONS } from './removed.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const BETWEEN = 'expect_column_values_to_be_between'
const IN_SET = 'expect_column_values_to_be_in_set'
const MAX = 'expect_column_max_to_be_between'

describe('arguments from before 1.0', () => {
  test.each<[string, readonly string[], string, Record<string, JsonValue>]>([
    ['DATE', ["'2024-01-01'"], BETWEEN, { max_value: '2024-01-01', parse_strings_as_datetimes: true }],
    ['TIMESTAMP', ["'2024-01-01'"], IN_SET, { value_set: ['2024-01-01'], parse_strings_as_datetimes: true }],
    ['DATE', ["'2024-01-01'"], MAX, { max_value: '2024-01-01', parse_strings_as_datetimes: true }],
    ['VARCHAR', ["'a'"], BETWEEN, { max_value: 'b', parse_strings_as_datetimes: false }],
    ['VARCHAR', ["'a'"], MAX, { max_value: 'b', parse_strings_as_datetimes: null, output_strftime_format: null }],
    ['INTEGER', ['1'], BETWEEN, { max_value: 2, allow_cross_type_comparisons: true }],
    ['INTEGER', ['1'], BETWEEN, { max_value: 2, auto: true, profiler_config: {} }],
  ])('change nothing for %s %j %s %j', async (type, cells, expectation, kwargs) => {
    expect(await evaluateOne(session, type, cells, expectation, kwargs)).toMatchObject({ outcome: 'passed' })
  })

  test('allow_cross_type_comparisons puts what cannot be compared outside', async () => {
    const kwargs = { min_value: 'a', allow_cross_type_comparisons: true }
    expect(await evaluateOne(session, 'INTEGER', ['1', 'NULL'], BETWEEN, kwargs)).toMatchObject({
      outcome: 'failed',
      unexpectedCount: 1,
      missingCount: 1,
    })
    expect(await evaluateOne(session, 'INTEGER', ['NULL'], BETWEEN, kwargs)).toMatchObject({ outcome: 'passed' })
  })

  test.each<[string, string, Record<string, JsonValue>]>([
    ['VARCHAR', BETWEEN, { min_value: '2024-01-01', parse_strings_as_datetimes: true }],
    ['VARCHAR', IN_SET, { value_set: ['2024-01-01'], parse_strings_as_datetimes: true }],
    ['VARCHAR', MAX, { max_value: '2024-01-01', parse_strings_as_datetimes: true }],
    ['DATE', MAX, { max_value: '2024-01-01', output_strftime_format: '%Y' }],
  ])('%s %s %j is refused', async (type, expectation, kwargs) => {
    expect(await evaluateOne(session, type, [], expectation, kwargs)).toMatchObject({
      outcome: 'error',
      error: { code: 'CHECK_REMOVED' },
    })
  })
})

describe('expectations that were removed', () => {
  test.each<[string, Record<string, JsonValue>]>([
    ['expect_column_chisquare_test_p_value_to_be_greater_than', { column: 'x', partition_object: {}, p: 0.05 }],
    ['expect_column_bootstrapped_ks_test_p_value_to_be_greater_than', { column: 'x', p: 0.05, bootstrap_samples: 10 }],
    [
      'expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than',
      { column: 'x', distribution: 'norm', p_value: 0.05, params: [0, 1] },
    ],
    ['expect_column_pair_cramers_phi_value_to_be_less_than', { column_A: 'x', column_B: 'x', threshold: 0.1 }],
  ])('%s says what to use instead', async (type, kwargs) => {
    const relation = literalRelation(session, { x: 'INTEGER' }, { f: [['1']] })
    const results = await evaluateAll(session, contractOf({ x: 'INTEGER' }, [[type, kwargs]]), relation)
    const result = results.get('f')?.[0]
    expect(result).toMatchObject({ outcome: 'error', error: { code: 'CHECK_REMOVED' } })
    expect(result?.message).toContain('. Use ')
  })

  test('there are four', () => {
    expect(REMOVED_EXPECTATIONS).toHaveLength(4)
  })
})
