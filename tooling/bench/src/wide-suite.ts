import type { Contract, Expectation, JsonValue } from '@tidegate/core'
import { literal } from './bare-engine.ts'
import { COUNTRIES, STATUSES, WIDE_COLUMNS } from './wide-table.ts'

const EMAIL = '^[a-z0-9.]+@[a-z]+[.][a-z]{2,}$'
const CODE = '^[A-Z]{2}-[0-9]{6}$'

/** 24 checks of rows. */
const ROW_CHECKS: readonly Expectation[] = [
  ...['id', 'created_at', 'customer_id', 'country', 'status', 'code', 'quantity', 'price'].map((column) =>
    expect('expect_column_values_to_not_be_null', { column }),
  ),
  expect('expect_column_values_to_be_unique', { column: 'id' }),
  between('id', 0, 1e12),
  between('created_at', '2024-01-01', '2124-01-01'),
  between('customer_id', 0, 49_999),
  between('quantity', 1, 20),
  between('price', 0.5, 1000),
  between('discount', 0, 1),
  expect('expect_column_values_to_be_in_set', { column: 'country', value_set: [...COUNTRIES] }),
  expect('expect_column_values_to_be_in_set', { column: 'status', value_set: [...STATUSES] }),
  expect('expect_column_values_to_match_regex', { column: 'email', regex: EMAIL }),
  expect('expect_column_values_to_match_regex', { column: 'code', regex: CODE }),
  expect('expect_column_value_lengths_to_equal', { column: 'country', value: 2 }),
  expect('expect_column_value_lengths_to_equal', { column: 'code', value: 9 }),
  expect('expect_column_value_lengths_to_be_between', { column: 'status', min_value: 3, max_value: 8 }),
  expect('expect_column_value_lengths_to_be_between', { column: 'email', min_value: 6, max_value: 60 }),
  expect('expect_column_pair_values_a_to_be_greater_than_b', {
    column_A: 'price',
    column_B: 'discount',
    ignore_row_if: 'either_value_is_missing',
  }),
]

/** 16 checks of aggregates. */
const AGGREGATE_CHECKS: readonly Expectation[] = [
  expect('expect_table_row_count_to_be_between', { min_value: 1 }),
  expect('expect_column_unique_value_count_to_be_between', { column: 'country', min_value: 1, max_value: 8 }),
  expect('expect_column_unique_value_count_to_be_between', { column: 'customer_id', min_value: 1, max_value: 50_000 }),
  expect('expect_column_distinct_values_to_be_in_set', { column: 'status', value_set: [...STATUSES] }),
  aggregate('min', 'price', 0.5, 1),
  aggregate('max', 'price', 400, 1000),
  aggregate('mean', 'price', 200, 300),
  aggregate('median', 'price', 200, 300),
  aggregate('stdev', 'price', 100, 200),
  aggregate('sum', 'quantity', 1, 1e12),
  aggregate('mean', 'quantity', 10, 11),
  aggregate('min', 'quantity', 0, 1),
  aggregate('max', 'quantity', 20, 20),
  aggregate('min', 'created_at', '2024-01-01', '2124-01-01'),
  aggregate('max', 'created_at', '2024-01-01', '2124-01-01'),
  aggregate('mean', 'discount', 0.1, 0.3),
]

/** The 40 expectations, with a gate of the caller's. */
export function wideContract(gate: Contract['gate'] = {}): Contract {
  return {
    contract: 'wide',
    version: 1,
    schema: { columns: Object.fromEntries(WIDE_COLUMNS.map(([name, type]) => [name, { type }])) },
    expectations: [...ROW_CHECKS, ...AGGREGATE_CHECKS],
    gate,
  }
}

/** Rows that break a row check of the suite, said by hand. NULL breaks nothing but "not null". */
export const BROKEN_ROW = `quantity < 1 OR quantity > 20 OR quantity IS NULL OR id IS NULL OR created_at IS NULL
  OR customer_id IS NULL OR country IS NULL OR status IS NULL OR code IS NULL OR price IS NULL`

/**
 * What the 40 checks need to know, written by hand as one query. Two forms of it: the groupings beside the scan as scalar
 * subqueries, or `count(DISTINCT …)` inside it (which cannot say which rows repeat, only that some do). The benchmark
 * compares with whichever is faster.
 */
export function handWrittenQueries(from: string): { readonly grouped: string; readonly distinct: string } {
  const scan = HAND_WRITTEN.join(',\n  ')
  return {
    grouped: `SELECT ${scan},
  (SELECT coalesce(sum(n) FILTER (WHERE n > 1), 0) FROM (SELECT id, count(*) AS n FROM ${from} GROUP BY id)),
  (SELECT count(country) FROM (SELECT country FROM ${from} GROUP BY country)),
  (SELECT count(customer_id) FROM (SELECT customer_id FROM ${from} GROUP BY customer_id)),
  (SELECT count_if(status NOT IN (${list(STATUSES)})) FROM (SELECT status FROM ${from} GROUP BY status))
FROM ${from}`,
    distinct: `SELECT ${scan},
  count(id) - count(DISTINCT id), count(DISTINCT country), count(DISTINCT customer_id),
  count(DISTINCT status) FILTER (WHERE status NOT IN (${list(STATUSES)}))
FROM ${from}`,
  }
}

const HAND_WRITTEN: readonly string[] = [
  'count(*)',
  ...WIDE_COLUMNS.map(([name]) => `count(${name})`),
  'count_if(id < 0 OR id > 1000000000000)',
  `count_if(created_at < TIMESTAMP '2024-01-01' OR created_at > TIMESTAMP '2124-01-01')`,
  'count_if(customer_id < 0 OR customer_id > 49999)',
  'count_if(quantity < 1 OR quantity > 20)',
  'count_if(price < 0.5 OR price > 1000)',
  'count_if(discount < 0 OR discount > 1)',
  `count_if(country NOT IN (${list(COUNTRIES)}))`,
  `count_if(status NOT IN (${list(STATUSES)}))`,
  `count_if(NOT regexp_matches(email, '${EMAIL}'))`,
  `count_if(NOT regexp_matches(code, '${CODE}'))`,
  'count_if(length(country) <> 2)',
  'count_if(length(code) <> 9)',
  'count_if(length(status) < 3 OR length(status) > 8)',
  'count_if(length(email) < 6 OR length(email) > 60)',
  'count_if(price <= discount)',
  'min(price), max(price), avg(price), median(price), stddev_samp(price)',
  'sum(quantity), avg(quantity), min(quantity), max(quantity)',
  'min(created_at), max(created_at)',
  'avg(discount)',
]

function list(texts: readonly string[]): string {
  return texts.map((text) => literal(text)).join(', ')
}

function expect(type: string, kwargs: Readonly<Record<string, JsonValue>>): Expectation {
  return { type, kwargs }
}

function between(column: string, min: JsonValue, max: JsonValue): Expectation {
  return expect('expect_column_values_to_be_between', { column, min_value: min, max_value: max })
}

function aggregate(name: string, column: string, min: JsonValue, max: JsonValue): Expectation {
  return expect(`expect_column_${name}_to_be_between`, { column, min_value: min, max_value: max })
}
