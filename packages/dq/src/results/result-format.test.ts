import { isTidegateError } from '@tidegate/core'
import { expect, test } from 'vitest'
import { needsOf, resolveResultFormat } from './result-format.ts'
import { unexpectedCounts } from './unexpected-counts.ts'

test('a name stands for its defaults', () => {
  expect(resolveResultFormat('COMPLETE')).toEqual({
    name: 'COMPLETE',
    partialCount: 20,
    indexColumns: undefined,
    includeRows: false,
    excludeValues: false,
    indexQuery: true,
  })
})

test.each([
  ['ALL'],
  [7],
  [null],
  [['BASIC']],
  [{ result_format: 'BASIC', partial_unexpected_count: -1 }],
  [{ result_format: 'BASIC', partial_unexpected_count: 1.5 }],
  [{ result_format: 'BASIC', unexpected_index_column_names: 'id' }],
  [{ result_format: 'BASIC', include_unexpected_rows: 'yes' }],
  [{ result_format: 'BASIC', partial_unexpected: 5 }],
])('%j is refused with a code and a hint', (given) => {
  const error = attempt(() => resolveResultFormat(given))
  expect(isTidegateError(error) && [error.code, error.hint !== undefined]).toEqual(['CHECK_RESULT_FORMAT', true])
})

test('no more is kept of unexpected rows than the formats show', () => {
  const columns = ['a', 'b']
  const needs = (given: unknown): unknown => needsOf([resolveResultFormat(given)], columns)
  expect(needs('BOOLEAN_ONLY')).toMatchObject({ when: 'never', values: 0, rows: false, complete: false })
  expect(needs('BASIC')).toMatchObject({ when: 'after', values: 20, rows: false, complete: false })
  expect(needs('SUMMARY')).toMatchObject({ values: 20, rows: true, complete: false, indexColumns: [] })
  expect(needs({ result_format: 'COMPLETE', unexpected_index_column_names: ['b'] })).toMatchObject({
    rows: true,
    complete: true,
    indexColumns: ['b'],
  })
  expect(needs({ result_format: 'BASIC', include_unexpected_rows: true })).toMatchObject({
    rows: true,
    indexColumns: ['a', 'b'],
  })
})

test('counts are largest first, equal ones by value; the first seen are kept', () => {
  expect(unexpectedCounts(['zz', 'a', 'b', 'a'], 20)).toEqual([
    { value: 'a', count: 2 },
    { value: 'b', count: 1 },
    { value: 'zz', count: 1 },
  ])
  expect(unexpectedCounts([10, 9, 8, 8], 2)).toEqual([
    { value: 8, count: 2 },
    { value: 10, count: 1 },
  ])
  expect(unexpectedCounts([1, '1', null, true], 20)).toHaveLength(4)
})

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
