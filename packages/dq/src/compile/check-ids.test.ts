import { expect, test } from 'vitest'
import type { Expectation } from '@tidegate/core'
import { checkIds } from './check-ids.ts'

const ids = (...expectations: readonly Partial<Expectation>[]): readonly string[] =>
  checkIds({
    expectations: expectations.map((item) =>
      Object.assign({ type: 'expect_column_values_to_be_between', kwargs: {} }, item),
    ),
  })

test('are readable', () => {
  expect(
    ids(
      { kwargs: { column: 'delay' } },
      { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'origin' } },
      { type: 'expect_table_row_count_to_equal', kwargs: { value: 1 } },
      { type: 'expect_compound_columns_to_be_unique', kwargs: { column_list: ['a', 'b'] } },
      { type: 'expect_column_pair_values_a_to_be_greater_than_b', kwargs: { column_A: 'a', column_B: 'b' } },
      { type: 'expect_column_to_exist', kwargs: { column: 'a' } },
      { type: 'expect_column_values_to_be_magic', kwargs: { column: 'a' } },
    ),
  ).toEqual([
    'delay:between',
    'origin:not_null',
    'table:row_count',
    'a+b:unique',
    'a+b:greater',
    'a:exists',
    'a:be_magic',
  ])
})

test('are unique: the second one gets -2', () => {
  const same = { kwargs: { column: 'a' } }
  expect(ids(same, same, same)).toEqual(['a:between', 'a:between-2', 'a:between-3'])
})

test('that were chosen are kept, and derived ones make way', () => {
  expect(ids({ kwargs: { column: 'a' } }, { id: 'a:between' }, { id: 'mine' }, { id: 'mine' })).toEqual([
    'a:between-2',
    'a:between',
    'mine',
    'mine-2',
  ])
})

test('of the schema cannot be taken', () => {
  expect(ids({ id: 'schema:a:type', kwargs: { column: 'a' } })).toEqual(['a:between'])
})
