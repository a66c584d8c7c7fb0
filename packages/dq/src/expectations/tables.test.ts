import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Cell, CheckResult, JsonValue, Session } from '@tidegate/core'
import { contractOf, evaluateAll, evaluateOne, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

type Case = readonly [
  type: string,
  cells: readonly string[],
  expectation: string,
  kwargs: Record<string, JsonValue>,
  outcome: 'passed' | 'failed',
  observed: Cell,
]

const AGGREGATES: readonly Case[] = [
  ['INTEGER', ['3', '1', 'NULL'], 'expect_column_min_to_be_between', { min_value: 1, max_value: 1 }, 'passed', 1],
  ['INTEGER', ['3', '1'], 'expect_column_min_to_be_between', { min_value: 1, strict_min: true }, 'failed', 1],
  ['INTEGER', ['3', '1'], 'expect_column_max_to_be_between', { max_value: 2.5 }, 'failed', 3],
  ['INTEGER', ['3', '1'], 'expect_column_max_to_be_between', {}, 'passed', 3],
  ['INTEGER', ['NULL'], 'expect_column_max_to_be_between', {}, 'failed', null],
  ['INTEGER', [], 'expect_column_min_to_be_between', { max_value: 1 }, 'failed', null],
  [
    'BIGINT',
    ['9007199254740993'],
    'expect_column_max_to_be_between',
    { max_value: '9007199254740992' },
    'failed',
    9007199254740993n,
  ],
  ['DOUBLE', ['1', "'NaN'"], 'expect_column_max_to_be_between', { max_value: 1 }, 'passed', 1],
  ['DOUBLE', ['1', "'Infinity'"], 'expect_column_max_to_be_between', { max_value: 1e308 }, 'failed', Infinity],
  [
    'DECIMAL(9,2)',
    ['1.10', '1.20'],
    'expect_column_max_to_be_between',
    { max_value: 1.2, min_value: '1.20' },
    'passed',
    '1.20',
  ],
  ['VARCHAR', ["'b'", "'a'"], 'expect_column_min_to_be_between', { min_value: 'a', max_value: 'b' }, 'passed', 'a'],
  [
    'DATE',
    ["'2024-02-01'", "'2024-01-31'"],
    'expect_column_max_to_be_between',
    { max_value: '2024-01-31' },
    'failed',
    '2024-02-01',
  ],
  [
    'TIMESTAMP',
    ["'2024-02-01 10:00:00.5'"],
    'expect_column_max_to_be_between',
    { max_value: '2024-02-01T10:00:00.500Z', min_value: '2024-02-01' },
    'passed',
    '2024-02-01 10:00:00.5',
  ],
  ['INTEGER', ['1', '2', '6', 'NULL'], 'expect_column_mean_to_be_between', { min_value: 3, max_value: 3 }, 'passed', 3],
  [
    'DECIMAL(9,2)',
    ['1.00', '2.00'],
    'expect_column_mean_to_be_between',
    { min_value: 1.5, max_value: 1.5 },
    'passed',
    1.5,
  ],
  ['DOUBLE', ['1', "'NaN'", '3'], 'expect_column_mean_to_be_between', { min_value: 2, max_value: 2 }, 'passed', 2],
  ['DOUBLE', ["'Infinity'", "'-Infinity'"], 'expect_column_sum_to_be_between', {}, 'failed', null],
  ['INTEGER', ['1', '2'], 'expect_column_sum_to_be_between', { max_value: 3, strict_max: true }, 'failed', 3],
  [
    'BIGINT',
    ['9223372036854775807', '1'],
    'expect_column_sum_to_be_between',
    { min_value: '9223372036854775808' },
    'passed',
    9223372036854775808n,
  ],
  [
    'DECIMAL(9,2)',
    ['1.10', '2.20'],
    'expect_column_sum_to_be_between',
    { min_value: 3.3, max_value: 3.3 },
    'passed',
    '3.30',
  ],
  [
    'INTEGER',
    ['1', '2', '10', '20'],
    'expect_column_median_to_be_between',
    { min_value: 6, max_value: 6 },
    'passed',
    6,
  ],
  // Half-way between two decimals there is one digit more; the widest decimals have no room for it.
  [
    'DECIMAL(9,2)',
    ['-0.01', '-0.02', 'NULL'],
    'expect_column_median_to_be_between',
    { min_value: -0.015, max_value: -0.015 },
    'passed',
    '-0.015',
  ],
  ['DECIMAL(9,2)', ['7.25'], 'expect_column_median_to_be_between', { max_value: 7.24 }, 'failed', '7.250'],
  ['DECIMAL(38,0)', ['3', '4'], 'expect_column_median_to_be_between', { min_value: 3.5 }, 'passed', 3.5],
  [
    'INTEGER',
    ['2', '4', '4', '4', '5', '5', '7', '9'],
    'expect_column_stdev_to_be_between',
    { min_value: 2.138, max_value: 2.139 },
    'passed',
    Math.sqrt(32 / 7),
  ],
  ['INTEGER', ['2'], 'expect_column_stdev_to_be_between', { min_value: 0 }, 'failed', null],
  [
    'INTEGER',
    ['1', '1', '2', 'NULL'],
    'expect_column_proportion_of_unique_values_to_be_between',
    { min_value: 0.66, max_value: 0.67 },
    'passed',
    2 / 3,
  ],
  // Great Expectations: without values the proportion is 0.
  ['INTEGER', ['NULL'], 'expect_column_proportion_of_unique_values_to_be_between', { min_value: 0 }, 'passed', 0],
  ['INTEGER', ['NULL'], 'expect_column_proportion_of_unique_values_to_be_between', { min_value: 0.1 }, 'failed', 0],
  ['INTEGER', ['1', '1', '2', 'NULL'], 'expect_column_unique_value_count_to_be_between', { max_value: 1 }, 'failed', 2],
  ['DOUBLE', ['1', "'NaN'", "'NaN'"], 'expect_column_unique_value_count_to_be_between', { max_value: 1 }, 'passed', 1],
  ['INTEGER', [], 'expect_column_unique_value_count_to_be_between', { max_value: 0 }, 'passed', 0],
  [
    'DOUBLE',
    ['1', "'NaN'", 'NULL', '2'],
    'expect_column_proportion_of_non_null_values_to_be_between',
    { min_value: 0.5, max_value: 0.5 },
    'passed',
    0.5,
  ],
  ['DATE', ['NULL'], 'expect_column_proportion_of_non_null_values_to_be_between', { max_value: 0 }, 'passed', 0],
  ['DATE', [], 'expect_column_proportion_of_non_null_values_to_be_between', { min_value: 0.1 }, 'failed', 0],
  [
    'INTEGER',
    ['1', 'NULL'],
    'expect_column_proportion_of_non_null_values_to_be_between',
    { min_value: 0.5, strict_min: true },
    'failed',
    0.5,
  ],
  // True is 1, as in pandas.
  ['BOOLEAN', ['true', 'true', 'false', 'NULL'], 'expect_column_sum_to_be_between', { max_value: 2 }, 'passed', 2],
  [
    'BOOLEAN',
    ['true', 'true', 'false', 'NULL'],
    'expect_column_mean_to_be_between',
    { min_value: 0.7 },
    'failed',
    2 / 3,
  ],
  ['DOUBLE', ['1', "'Infinity'"], 'expect_column_stdev_to_be_between', { min_value: 0 }, 'failed', null],
  ['DOUBLE', ['1', "'NaN'", '3'], 'expect_column_stdev_to_be_between', { max_value: 1.5 }, 'passed', Math.SQRT2],
  ['INTEGER', ['1', 'NULL'], 'expect_table_row_count_to_be_between', { min_value: 2 }, 'passed', 2],
  ['INTEGER', [], 'expect_table_row_count_to_be_between', { min_value: 1 }, 'failed', 0],
  ['INTEGER', [], 'expect_table_row_count_to_be_between', {}, 'passed', 0],
  ['INTEGER', ['1'], 'expect_table_row_count_to_equal', { value: 2 }, 'failed', 1],
  ['INTEGER', [], 'expect_column_values_to_be_of_type', { type_: 'int' }, 'passed', 'INTEGER'],
  ['INTEGER', [], 'expect_column_values_to_be_of_type', { type_: 'BIGINT' }, 'failed', 'INTEGER'],
  ['DECIMAL(9,2)', [], 'expect_column_values_to_be_of_type', { type_: 'decimal' }, 'passed', 'DECIMAL(9,2)'],
  [
    'VARCHAR',
    [],
    'expect_column_values_to_be_in_type_list',
    { type_list: ['IntegerType', 'TEXT'] },
    'passed',
    'VARCHAR',
  ],
]

test.each(AGGREGATES)('%s %j %s %j: %s, observed %s', async (type, cells, expectation, kwargs, outcome, observed) => {
  const named = expectation.startsWith('expect_table') ? kwargs : { column: 'x', ...kwargs }
  const relation = literalRelation(session, { x: type }, { f: cells.map((cell) => [cell]) })
  const results = await evaluateAll(session, contractOf({ x: type }, [[expectation, named]]), relation)
  const result = results.get('f')?.[0]
  expect(result).toMatchObject({ outcome, rowLevel: false })
  if (typeof observed === 'number' && Number.isFinite(observed)) expect(result?.observedValue).toBeCloseTo(observed, 12)
  else expect(result?.observedValue).toEqual(observed)
})

describe('columns', () => {
  const check = async (expectation: string, kwargs: Record<string, JsonValue>): Promise<CheckResult['outcome']> => {
    const columns = { a: 'INTEGER', b: 'VARCHAR' }
    const relation = literalRelation(session, columns, { f: [] })
    const results = await evaluateAll(session, contractOf(columns, [[expectation, kwargs]]), relation)
    return results.get('f')?.[0]?.outcome ?? 'error'
  }

  test.each<[string, Record<string, JsonValue>, CheckResult['outcome']]>([
    ['expect_column_to_exist', { column: 'b' }, 'passed'],
    ['expect_column_to_exist', { column: 'b', column_index: 1 }, 'passed'],
    ['expect_column_to_exist', { column: 'b', column_index: 0 }, 'failed'],
    ['expect_column_to_exist', { column: 'B' }, 'failed'],
    ['expect_table_columns_to_match_set', { column_set: ['b', 'a'] }, 'passed'],
    ['expect_table_columns_to_match_set', { column_set: ['a'] }, 'failed'],
    ['expect_table_columns_to_match_set', { column_set: ['a'], exact_match: false }, 'passed'],
    ['expect_table_columns_to_match_set', { column_set: ['a', 'c'], exact_match: false }, 'failed'],
    // No set is an empty set.
    ['expect_table_columns_to_match_set', { column_set: null }, 'failed'],
    ['expect_table_columns_to_match_set', { column_set: null, exact_match: false }, 'passed'],
  ])('%s %j: %s', async (expectation, kwargs, outcome) => {
    expect(await check(expectation, kwargs)).toBe(outcome)
  })
})

describe('several columns', () => {
  const columns = { a: 'INTEGER', b: 'INTEGER' }
  const evaluate = async (
    rows: readonly (readonly string[])[],
    expectation: string,
    kwargs: Record<string, JsonValue>,
  ): Promise<readonly [CheckResult['outcome'] | undefined, number | undefined, number | undefined]> => {
    const relation = literalRelation(session, columns, { f: rows })
    const results = await evaluateAll(session, contractOf(columns, [[expectation, kwargs]]), relation)
    const result = results.get('f')?.[0]
    return [result?.outcome, result?.unexpectedCount, result?.missingCount]
  }

  const compound = 'expect_compound_columns_to_be_unique'
  const rows = [
    ['1', '1'],
    ['1', '1'],
    ['1', '2'],
    ['1', 'NULL'],
    ['1', 'NULL'],
    ['NULL', 'NULL'],
    ['NULL', 'NULL'],
  ]
  test.each<[Record<string, JsonValue>, number, number]>([
    [{}, 4, 2],
    [{ ignore_row_if: 'all_values_are_missing' }, 4, 2],
    [{ ignore_row_if: 'any_value_is_missing' }, 2, 4],
    [{ ignore_row_if: 'never' }, 6, 0],
  ])('unique together with %j: %i unexpected, %i ignored', async (kwargs, unexpected, ignored) => {
    expect(await evaluate(rows, compound, { column_list: ['a', 'b'], ...kwargs })).toEqual([
      'failed',
      unexpected,
      ignored,
    ])
  })

  test("Great Expectations' own case: nine of ten rows repeat, the empty one is ignored", async () => {
    const own = ['1,1', '1,2', '1,1', '1,2', '1,1', '2,2', '2,1', '2,2', '2,1', 'NULL,NULL'].map((row) =>
      row.split(','),
    )
    expect(await evaluate(own, compound, { column_list: ['a', 'b'] })).toEqual(['failed', 9, 1])
  })

  test('a list of one column is that column alone', async () => {
    expect(await evaluate(rows, compound, { column_list: ['b'] })).toEqual(['failed', 2, 4])
  })

  test('a list of none is an error', async () => {
    expect((await evaluate(rows, compound, { column_list: [] }))[0]).toBe('error')
  })

  const greater = 'expect_column_pair_values_a_to_be_greater_than_b'
  const pairs = [
    ['2', '1'],
    ['1', '1'],
    ['0', '1'],
    ['NULL', '1'],
    ['1', 'NULL'],
    ['NULL', 'NULL'],
  ]
  test.each<[Record<string, JsonValue>, number, number]>([
    [{}, 4, 1],
    [{ or_equal: true }, 3, 1],
    [{ ignore_row_if: 'either_value_is_missing' }, 2, 3],
    [{ ignore_row_if: 'neither' }, 5, 0],
  ])('a greater than b with %j: %i unexpected, %i ignored', async (kwargs, unexpected, ignored) => {
    expect(await evaluate(pairs, greater, { column_A: 'a', column_B: 'b', ...kwargs })).toEqual([
      'failed',
      unexpected,
      ignored,
    ])
  })
})

describe('a check that cannot be evaluated is an error', () => {
  test.each<[string, string, Record<string, JsonValue>, string]>([
    ['INTEGER', 'expect_column_values_to_be_betwen', {}, 'CHECK_UNKNOWN'],
    ['INTEGER', 'expect_column_values_to_be_between', { mn_value: 1 }, 'CHECK_KWARG'],
    ['INTEGER', 'expect_column_values_to_be_between', { min_value: true }, 'CHECK_KWARG'],
    ['INTEGER', 'expect_column_values_to_be_between', { min_value: 1, mostly: 95 }, 'CHECK_KWARG'],
    ['INTEGER', 'expect_column_values_to_be_between', {}, 'CHECK_BOUNDS'],
    ['INTEGER', 'expect_column_values_to_be_between', { min_value: 2, max_value: 1 }, 'CHECK_BOUNDS'],
    ['INTEGER', 'expect_column_values_to_be_between', { min_value: 'a' }, 'CHECK_BOUNDS'],
    ['INTEGER', 'expect_column_values_to_be_between', { min_value: '1' }, 'CHECK_BOUNDS'],
    ['VARCHAR', 'expect_column_values_to_be_between', { min_value: 1 }, 'CHECK_BOUNDS'],
    ['DATE', 'expect_column_values_to_be_between', { min_value: '2024-02-30' }, 'CHECK_BOUNDS'],
    ['BLOB', 'expect_column_values_to_be_between', { min_value: 'a' }, 'CHECK_BOUNDS'],
    ['INTEGER', 'expect_column_values_to_be_in_set', {}, 'CHECK_KWARG'],
    ['INTEGER[]', 'expect_column_values_to_be_in_set', { value_set: [1] }, 'CHECK_TYPE'],
    ['VARCHAR', 'expect_column_values_to_be_in_set', { value_set: ['a\0'] }, 'CHECK_KWARG'],
    ['VARCHAR', 'expect_column_values_to_match_regex', { regex: '[a' }, 'CHECK_REGEX'],
    ['VARCHAR', 'expect_column_value_lengths_to_be_between', {}, 'CHECK_BOUNDS'],
    ['VARCHAR', 'expect_column_value_lengths_to_equal', { value: 1.5 }, 'CHECK_KWARG'],
    ['VARCHAR', 'expect_column_mean_to_be_between', {}, 'CHECK_TYPE'],
    ['INTEGER', 'expect_column_values_to_be_of_type', { type_: 'INTEGR' }, 'CHECK_TYPE'],
    ['INTEGER', 'expect_column_values_to_be_unique', { column: 'y' }, 'CHECK_COLUMN_MISSING'],
  ])('%s %s %j: %s', async (type, expectation, kwargs, code) => {
    const result = await evaluateOne(session, type, [], expectation, kwargs)
    expect(result).toMatchObject({ outcome: 'error', rowLevel: false, error: { code } })
  })

  test('names what was probably meant', async () => {
    const unknown = await evaluateOne(session, 'INTEGER', [], 'expect_column_values_to_be_betwen', {})
    expect(unknown.message).toContain('expect_column_values_to_be_between')
    const kwarg = await evaluateOne(session, 'INTEGER', [], 'expect_column_values_to_be_between', { mn_value: 1 })
    expect(kwarg.message).toContain('min_value')
  })
})
