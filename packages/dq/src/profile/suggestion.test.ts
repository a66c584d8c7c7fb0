import { expect, test } from 'vitest'
import {
  formatExpectation,
  formatShare,
  formatSuggestion,
  formatSuggestionBasis,
  formatValue,
  suggestionFor,
} from './suggestion.ts'

test('a suggestion is one sentence: the rule, what was seen, how sure', () => {
  const suggestion = {
    expectation: {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'delay', min_value: -2200, max_value: 2500 },
    },
    place: 'expectations',
    confidence: { low: 0.99996, high: 1 },
    basis: 'seen from -1,116 to 1,688 in 100,000 values, widened',
    holdOut: 'passed',
  } as const
  expect(formatSuggestion(suggestion)).toBe(
    'delay: between -2,200 and 2,500 · seen from -1,116 to 1,688 in 100,000 values, widened; held on the rows kept back; holds for at least 99.996% of rows (95% sure)',
  )
  const table = {
    ...suggestion,
    expectation: { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1 } },
  }
  expect(formatSuggestionBasis({ ...table, basis: '6 files', holdOut: 'none' })).toBe('6 files')
})

test('rules in words; line breaks in names stay visible', () => {
  const of = (type: string, kwargs: Record<string, string | number | readonly (string | number)[]>): string =>
    formatExpectation({ type, kwargs })
  expect(of('expect_column_values_to_not_be_null', { column: 'a\nb', mostly: 0.97 })).toBe(
    'a\\nb: not null in 97% of rows',
  )
  expect(of('expect_column_values_to_be_in_set', { column: 'c', value_set: ['10115', 7000] })).toBe(
    'c: one of "10115", 7,000',
  )
  expect(of('expect_column_values_to_be_between', { column: 'd', min_value: '2000-01-01' })).toBe(
    'd: at least 2000-01-01',
  )
  expect(of('expect_column_value_lengths_to_equal', { column: 'e', value: 3 })).toBe('e: 3 characters')
  expect(of('expect_something_else', { column: 'f' })).toBe('f: expect_something_else')
})

test('shares are never rounded up to all', () => {
  expect(formatShare(0.999996)).toBe('99.999%')
  expect(formatShare(1)).toBe('100%')
  expect(formatShare(0.05)).toBe('5%')
  expect(formatShare(0.0000001)).toBe('0%')
})

test('digits are grouped, also beyond doubles', () => {
  expect(formatValue('12345678901234567890.55')).toBe('12,345,678,901,234,567,890.55')
  expect(formatValue(-1116)).toBe('-1,116')
  expect(formatValue('2001-01-31')).toBe('2001-01-31')
})

test('a suggestion belongs to an expectation of the same type and arguments only', () => {
  const suggestion = {
    expectation: { type: 'between', kwargs: { column: 'x', min_value: 0, max_value: 5 }, severity: 'critical' },
    place: 'expectations',
    confidence: { low: 0.9, high: 1 },
    basis: 'seen',
    holdOut: 'none',
  } as const
  const { type, kwargs } = suggestion.expectation
  // The order of arguments, and the severity that people set, do not change the rule.
  const same = { type, kwargs: { max_value: 5, min_value: 0, column: 'x' }, severity: 'info' } as const
  expect(suggestionFor(same, [suggestion])).toBe(suggestion)
  expect(suggestionFor({ type, kwargs: { ...kwargs, max_value: 6 } }, [suggestion])).toBeUndefined()
  expect(suggestionFor({ type, kwargs: { ...kwargs, mostly: 0.9 } }, [suggestion])).toBeUndefined()
  expect(suggestionFor({ type: 'other', kwargs }, [suggestion])).toBeUndefined()
  expect(suggestionFor({ type, kwargs }, [{ ...suggestion, place: 'schema' }])).toBeUndefined()
})
