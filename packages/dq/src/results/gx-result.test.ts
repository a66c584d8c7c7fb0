import type { CheckResult, ColumnSchema } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import type { ExpectationKind } from '../expectations/definition.ts'
import { columnTypes, expectationConfig, toGxResult } from './gx-result.ts'
import type { GxExpectationResult } from './gx-types.ts'
import { resolveResultFormat, type ResultFormat } from './result-format.ts'

// The column x of six rows is 1, 5, NULL, -3, 5, 9 with the keys k 10 to 15; asked is 0 ≤ x ≤ 6. Results as Great Expectations
// 1.24.1 (pandas) writes them for this table.
const BETWEEN: CheckResult = {
  id: 'x:between',
  type: 'expect_column_values_to_be_between',
  columns: ['x'],
  severity: 'critical',
  dimension: 'validity',
  outcome: 'failed',
  rowLevel: true,
  message: 'x between 0 and 6: 2 of 5 rows unexpected',
  elementCount: 6,
  missingCount: 1,
  unexpectedCount: 2,
  unexpectedPercent: 40,
  partialUnexpected: [-3, 9],
  partialUnexpectedRows: [
    { file: 'f', row: 3, index: { k: 13, x: -3 } },
    { file: 'f', row: 5, index: { k: 15, x: 9 } },
  ],
  unexpected: [-3, 9],
  unexpectedRows: [
    { file: 'f', row: 3, index: { k: 13, x: -3 } },
    { file: 'f', row: 5, index: { k: 15, x: 9 } },
  ],
  provedBy: 'scan',
}

const BASIC = {
  element_count: 6,
  unexpected_count: 2,
  unexpected_percent: 40,
  missing_count: 1,
  missing_percent: 16.666666666666664,
  unexpected_percent_total: 33.33333333333333,
  unexpected_percent_nonmissing: 40,
  partial_unexpected_list: [-3, 9],
}
const COUNTS = [
  { value: -3, count: 1 },
  { value: 9, count: 1 },
]
const SUMMARY = { ...BASIC, partial_unexpected_counts: COUNTS, partial_unexpected_index_list: [3, 5] }
const COMPLETE = { ...SUMMARY, unexpected_list: [-3, 9], unexpected_index_list: [3, 5] }

describe('a map expectation', () => {
  test.each([
    ['BOOLEAN_ONLY', {}],
    ['BASIC', BASIC],
    ['SUMMARY', SUMMARY],
    ['COMPLETE', COMPLETE],
  ] as const)('%s has the keys of Great Expectations', (format, expected) => {
    expect(shown(BETWEEN, format).result).toEqual(expected)
  })

  test('with index columns, rows are maps of the own column and the chosen ones', () => {
    const { result } = shown(BETWEEN, { result_format: 'COMPLETE', unexpected_index_column_names: ['k'] })
    const index = [
      { x: -3, k: 13 },
      { x: 9, k: 15 },
    ]
    expect(result).toEqual({
      ...COMPLETE,
      unexpected_index_column_names: ['k'],
      partial_unexpected_index_list: index,
      unexpected_index_list: index,
    })
  })

  test('partial_unexpected_count cuts the partial lists and nothing else; 0 leaves the counted ones out', () => {
    const one = shown(BETWEEN, { result_format: 'COMPLETE', partial_unexpected_count: 1 }).result
    expect(one).toMatchObject({
      partial_unexpected_list: [-3],
      unexpected_list: [-3, 9],
      unexpected_index_list: [3, 5],
    })
    const none = shown(BETWEEN, { result_format: 'SUMMARY', partial_unexpected_count: 0 }).result
    expect(none).toEqual({ ...BASIC, partial_unexpected_list: [] })
  })

  test('exclude_unexpected_values leaves the values out and keeps the rows', () => {
    const settings = { exclude_unexpected_values: true, unexpected_index_column_names: ['k'] }
    const { partial_unexpected_list: _, ...counts } = BASIC
    expect(shown(BETWEEN, { result_format: 'BASIC', ...settings }).result).toEqual({
      ...counts,
      unexpected_index_column_names: ['k'],
    })
    expect(shown(BETWEEN, { result_format: 'COMPLETE', exclude_unexpected_values: true }).result).toEqual({
      ...counts,
      partial_unexpected_index_list: [3, 5],
      unexpected_index_list: [3, 5],
    })
  })

  test('include_unexpected_rows has the rows whole', () => {
    const { result } = shown(BETWEEN, { result_format: 'BASIC', include_unexpected_rows: true })
    expect(result['unexpected_rows']).toEqual([
      { k: 13, x: -3 },
      { k: 15, x: 9 },
    ])
  })

  test('the query is there with COMPLETE, or when it was asked for, and only for failing rows', () => {
    const query = { indexQuery: 'SELECT 1' }
    expect(shown(BETWEEN, 'COMPLETE', query).result['unexpected_index_query']).toBe('SELECT 1')
    expect(shown(BETWEEN, 'SUMMARY', query).result).not.toHaveProperty('unexpected_index_query')
    const asked = { result_format: 'BOOLEAN_ONLY', return_unexpected_index_query: true } as const
    expect(shown(BETWEEN, asked, query).result).toEqual({ unexpected_index_query: 'SELECT 1' })
    expect(shown({ ...BETWEEN, unexpectedCount: 0 }, asked, query).result).toEqual({})
  })

  test('null checks consider all rows and say nothing of missing ones', () => {
    const check: CheckResult = {
      ...BETWEEN,
      type: 'expect_column_values_to_not_be_null',
      missingCount: 0,
      unexpectedCount: 1,
      partialUnexpected: undefined,
      unexpected: undefined,
      partialUnexpectedRows: [{ file: 'f', row: 2 }],
      unexpectedRows: [{ file: 'f', row: 2 }],
    }
    expect(shown(check, 'COMPLETE').result).toEqual({
      element_count: 6,
      unexpected_count: 1,
      unexpected_percent: 16.666666666666664,
      partial_unexpected_list: [null],
      partial_unexpected_counts: [{ value: null, count: 1 }],
      partial_unexpected_index_list: [2],
      unexpected_list: [null],
      unexpected_index_list: [2],
    })
  })

  test('an empty table has no percentages', () => {
    const empty = { ...BETWEEN, outcome: 'passed', elementCount: 0, missingCount: 0, unexpectedCount: 0 } as const
    const { partialUnexpected: _a, partialUnexpectedRows: _b, unexpected: _c, unexpectedRows: _d, ...check } = empty
    expect(shown(check, 'BASIC').result).toEqual({
      element_count: 0,
      unexpected_count: 0,
      unexpected_percent: null,
      missing_count: 0,
      missing_percent: null,
      unexpected_percent_total: null,
      unexpected_percent_nonmissing: null,
      partial_unexpected_list: [],
    })
  })

  test('pairs are lists of two, several columns maps, and both are counted as lists', () => {
    const check: CheckResult = {
      ...BETWEEN,
      columns: ['a', 'b'],
      partialUnexpected: [
        { a: 2, b: 1 },
        { a: null, b: 2 },
      ],
      unexpected: undefined,
      partialUnexpectedRows: [
        { file: 'f', row: 1, index: { k: 11 } },
        { file: 'f', row: 4, index: { k: 14 } },
      ],
      unexpectedRows: undefined,
    }
    const format = { result_format: 'SUMMARY', unexpected_index_column_names: ['k'] } as const
    const pair = shown(check, format, { kind: 'pair-map' }).result
    expect(pair['partial_unexpected_list']).toEqual([
      [2, 1],
      [null, 2],
    ])
    expect(pair['partial_unexpected_index_list']).toEqual([
      { a: 2, b: 1, k: 11 },
      { a: null, b: 2, k: 14 },
    ])
    const multi = shown(check, format, { kind: 'multi-map' }).result
    expect(multi['partial_unexpected_list']).toEqual([
      { a: 2, b: 1 },
      { a: null, b: 2 },
    ])
    expect(multi['partial_unexpected_counts']).toEqual([
      { value: [2, 1], count: 1 },
      { value: [null, 2], count: 1 },
    ])
  })
})

describe('an aggregate or table expectation', () => {
  const MAX: CheckResult = {
    ...BETWEEN,
    type: 'expect_column_max_to_be_between',
    rowLevel: false,
    partialUnexpected: undefined,
    unexpectedCount: undefined,
    observedValue: 9,
    details: { success_details: [true] },
  }

  test('has its observed value and its details', () => {
    expect(shown(MAX, 'BASIC', { kind: 'column-aggregate' }).result).toEqual({
      observed_value: 9,
      details: { success_details: [true] },
    })
    expect(shown(MAX, 'BOOLEAN_ONLY', { kind: 'column-aggregate' }).result).toEqual({})
  })

  test('shows rows of data with COMPLETE only', () => {
    const check = { ...MAX, observedValue: 1, details: { unexpected_rows: [{ a: 1 }] } }
    expect(shown(check, 'SUMMARY', { kind: 'query' }).result).toEqual({ observed_value: 1 })
    expect(shown(check, 'COMPLETE', { kind: 'query' }).result).toEqual({
      observed_value: 1,
      details: { unexpected_rows: [{ a: 1 }] },
    })
  })

  test('a null aggregate is observed as null', () => {
    expect(
      shown({ ...MAX, observedValue: null, details: undefined }, 'BASIC', { kind: 'column-aggregate' }).result,
    ).toEqual({ observed_value: null })
  })
})

test('a check that could not be evaluated failed, and says why', () => {
  const check: CheckResult = {
    ...BETWEEN,
    outcome: 'error',
    error: { code: 'CHECK_COLUMN_MISSING', message: 'the data has no column "y". Did you mean x?' },
  }
  const result = shown(check, 'COMPLETE')
  expect(result).toMatchObject({ success: false, result: {} })
  expect(result.exception_info).toEqual({
    raised_exception: true,
    exception_message: 'the data has no column "y". Did you mean x?',
    exception_traceback: 'CHECK_COLUMN_MISSING: the data has no column "y". Did you mean x?',
  })
  expect(result.meta.tidegate).toMatchObject({ outcome: 'error', code: 'CHECK_COLUMN_MISSING' })
})

test('what only we know is in meta.tidegate', () => {
  const proof = { provedBy: 'metadata', proof: { files: 1, rowGroups: 120 } } as const
  expect(shown({ ...BETWEEN, outcome: 'passed', ...proof }, 'BASIC').meta.tidegate).toEqual({
    id: 'x:between',
    severity: 'critical',
    dimension: 'validity',
    outcome: 'passed',
    message: 'x between 0 and 6: 2 of 5 rows unexpected',
    proved_by: 'metadata',
    row_groups: 120,
  })
})

test('expectations are echoed in the generation of their suite', () => {
  const expectation = { type: 'expect_column_to_exist', kwargs: { column: 'x' }, severity: 'warning' } as const
  expect(expectationConfig(expectation, '0.18')).toEqual({
    expectation_type: 'expect_column_to_exist',
    kwargs: { column: 'x' },
    meta: {},
  })
  expect(expectationConfig(expectation, '1.x')).toEqual({
    type: 'expect_column_to_exist',
    kwargs: { column: 'x' },
    meta: {},
    severity: 'warning',
  })
})

const COLUMNS: readonly ColumnSchema[] = ['k', 'x', 'a', 'b'].map((name) => ({ name, type: 'BIGINT' }))

function shown(
  check: CheckResult,
  format: ResultFormat,
  { kind = 'column-map', indexQuery }: { readonly kind?: ExpectationKind; readonly indexQuery?: string } = {},
): GxExpectationResult {
  const columns = columnTypes(COLUMNS)
  return toGxResult(check, {}, { format: resolveResultFormat(format), generation: '1.x', kind, columns, indexQuery })
}
