import type { Contract, Expectation, JsonValue } from '@tidegate/core'
import { WIDE_COLUMNS } from './wide-table.ts'

/** Nulls, bounds, extremes, a row count and types. Not `price`: a DOUBLE may hide NaN from its footer. */
export const PROVABLE: Contract = {
  contract: 'provable',
  version: 1,
  schema: { columns: Object.fromEntries(WIDE_COLUMNS.map(([name, type]) => [name, { type }])) },
  expectations: [
    ...['id', 'created_at', 'customer_id', 'country', 'status', 'code', 'quantity'].map((column) =>
      check('expect_column_values_to_not_be_null', { column }),
    ),
    check('expect_column_values_to_be_between', { column: 'id', min_value: 0, max_value: 1e12 }),
    check('expect_column_values_to_be_between', {
      column: 'created_at',
      min_value: '2024-01-01',
      max_value: '2124-01-01',
    }),
    check('expect_column_values_to_be_between', { column: 'customer_id', min_value: 0, max_value: 49_999 }),
    check('expect_column_values_to_be_between', { column: 'quantity', min_value: 1, max_value: 20 }),
    check('expect_column_values_to_be_between', { column: 'discount', min_value: 0, max_value: 1 }),
    check('expect_column_values_to_be_between', { column: 'country', min_value: 'A', max_value: 'Z' }),
    check('expect_column_min_to_be_between', { column: 'quantity', min_value: 0, max_value: 1 }),
    check('expect_column_max_to_be_between', { column: 'quantity', min_value: 20, max_value: 20 }),
    check('expect_column_max_to_be_between', { column: 'customer_id', max_value: 49_999 }),
    check('expect_table_row_count_to_be_between', { min_value: 1 }),
    check('expect_column_values_to_be_of_type', { column: 'id', type_: 'BIGINT' }),
    check('expect_column_to_exist', { column: 'code' }),
  ],
}

/** These checks by hand, as one query. */
export function provableByHand(from: string): string {
  return `SELECT ${HAND_WRITTEN.join(', ')} FROM ${from}`
}

const HAND_WRITTEN: readonly string[] = [
  'count(*)',
  ...['id', 'created_at', 'customer_id', 'country', 'status', 'code', 'quantity', 'discount'].map(
    (name) => `count(${name})`,
  ),
  'count_if(id < 0 OR id > 1000000000000)',
  `count_if(created_at < TIMESTAMP '2024-01-01' OR created_at > TIMESTAMP '2124-01-01')`,
  'count_if(customer_id < 0 OR customer_id > 49999)',
  'count_if(quantity < 1 OR quantity > 20)',
  'count_if(discount < 0 OR discount > 1)',
  `count_if(country < 'A' OR country > 'Z')`,
  'min(quantity), max(quantity), max(customer_id)',
]

function check(type: string, kwargs: Readonly<Record<string, JsonValue>>): Expectation {
  return { type, kwargs }
}
