import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const BINS = { partition_object: { bins: [0, 5], weights: [1] }, threshold: 1 }
const QUANTILES = { quantile_ranges: { quantiles: [0.5], value_ranges: [[0, 9]] } }

/** Expectations that look at one column of numbers, with arguments that 1, 2, 3 meet. */
const ONE: readonly (readonly [string, Record<string, JsonValue>])[] = [
  ['expect_column_values_to_be_increasing', { strictly: true }],
  ['expect_column_value_z_scores_to_be_less_than', { threshold: 2 }],
  ['expect_column_values_to_not_be_outliers', {}],
  ['expect_column_values_to_not_be_outliers', { method: 'std' }],
  ['expect_column_values_to_be_unique', {}],
  ['expect_column_distinct_values_to_equal_set', { value_set: [1, 2, 3] }],
  ['expect_column_most_common_value_to_be_in_set', { value_set: [1], ties_okay: true }],
  ['expect_column_quantile_values_to_be_between', QUANTILES],
  ['expect_column_quantile_values_to_be_between', { ...QUANTILES, allow_relative_error: 'nearest' }],
  ['expect_column_kl_divergence_to_be_less_than', BINS],
  ['expect_column_proportion_of_non_null_values_to_be_between', { min_value: 1 }],
  ['expect_column_stdev_to_be_between', { min_value: 1, max_value: 1 }],
]

const NAMES = ['a"b', "it's", '; DROP TABLE x; --', 'line\nbreak', '{batch}', '${x}', '%s', 'SELECT', '日本', ' ']

describe('hostile names', () => {
  test.each(NAMES)('%j', async (name) => {
    const columns = { [name]: 'INTEGER', other: 'INTEGER' }
    const rows = [
      ['1', '9'],
      ['2', '8'],
      ['3', '7'],
    ]
    const relation = literalRelation(session, columns, { "o'ne\n": rows, 'two"': rows })
    const pair = { column_A: name, column_B: 'other' }
    const list = { column_list: [name, 'other'] }
    const contract = contractOf(columns, [
      ...ONE.map(([type, kwargs]) => [type, { column: name, ...kwargs }] as const),
      [
        'expect_column_pair_values_to_be_in_set',
        {
          ...pair,
          value_pairs_set: [
            [1, 9],
            [2, 8],
            [3, 7],
          ],
        },
      ],
      ['expect_column_pair_values_a_to_be_greater_than_b', { column_A: 'other', column_B: name }],
      ['expect_select_column_values_to_be_unique_within_record', list],
      ['expect_multicolumn_sum_to_equal', { ...list, sum_total: 10 }],
      ['expect_compound_columns_to_be_unique', list],
      ['unexpected_rows_expectation', { unexpected_rows_query: 'SELECT * FROM {batch} WHERE other > 9' }],
      ['expect_table_columns_to_match_ordered_list', { column_list: [name, 'other'] }],
    ])
    const results = await evaluateAll(session, contract, relation)
    for (const file of relation.files)
      for (const result of results.get(file.key) ?? [])
        expect([result.type, result.outcome, result.message]).toEqual([result.type, 'passed', result.message])
  })
})

describe('numbers at the edge', () => {
  test.each<[string, readonly string[], string, Record<string, JsonValue>, string]>([
    // Their squares are beyond a DOUBLE, so there is no deviation: an error, not a pass.
    [
      'DOUBLE',
      ['1e308', '-1e308', "'Infinity'", "'NaN'"],
      'expect_column_value_z_scores_to_be_less_than',
      { threshold: 3 },
      'error',
    ],
    // The first quartile is infinite: no fences.
    ['DOUBLE', ['1e308', '1e308', "'-Infinity'"], 'expect_column_values_to_not_be_outliers', {}, 'passed'],
    [
      'HUGEINT',
      ["'170141183460469231731687303715884105727'", '1'],
      'expect_column_values_to_be_increasing',
      {},
      'failed',
    ],
    [
      'HUGEINT',
      ["'170141183460469231731687303715884105727'"],
      'expect_column_value_z_scores_to_be_less_than',
      { threshold: 1 },
      'passed',
    ],
    [
      'UBIGINT',
      ["'18446744073709551615'"],
      'expect_column_distinct_values_to_equal_set',
      { value_set: ['18446744073709551615'] },
      'passed',
    ],
    ['TINYINT', ['1'], 'expect_column_distinct_values_to_be_in_set', { value_set: [1, 1e300, -5000] }, 'passed'],
    ['TINYINT', ['1'], 'expect_column_most_common_value_to_be_in_set', { value_set: [1e300] }, 'failed'],
    [
      'DECIMAL(38,10)',
      ["'1234567890123456789012345678.0000000001'"],
      'expect_column_most_common_value_to_be_in_set',
      { value_set: ['1234567890123456789012345678.0000000001'] },
      'passed',
    ],
  ])('%s %j %s %j: %s', async (type, cells, expectation, kwargs, outcome) => {
    const relation = literalRelation(session, { x: type }, { f: cells.map((cell) => [cell]) })
    const contract = contractOf({ x: type }, [[expectation, { column: 'x', ...kwargs }]])
    const result = (await evaluateAll(session, contract, relation)).get('f')?.[0]
    expect([result?.outcome, result?.message]).toEqual([outcome, result?.message])
  })
})

test('ten thousand columns compile quickly', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `c${index}`)
  const columns = Object.fromEntries(names.map((name) => [name, 'INTEGER']))
  const contract = contractOf(columns, [
    ['expect_table_columns_to_match_ordered_list', { column_list: names }],
    ['expect_table_columns_to_match_set', { column_set: names }],
    ['expect_multicolumn_sum_to_equal', { column_list: names, sum_total: 1 }],
    ['expect_multicolumn_values_to_be_equal', { column_list: names }],
    ['expect_select_column_values_to_be_unique_within_record', { column_list: names }],
  ])
  const schema = names.map((name) => ({ name, type: 'INTEGER' }))
  const { checks } = compileContract(contract, schema, { schema: false })
  expect(checks.map((check) => check.answer.kind)).toEqual(['decided', 'decided', 'measured', 'measured', 'problem'])
})
