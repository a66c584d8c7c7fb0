import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import { stringifyJson, type Contract, type JsonValue, type Session } from '@tidegate/core'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const SECRET = 987654321

/** Everything that a result can say of a column: values, lists, counts by value, quantiles, rows. */
test.each<[string, Record<string, JsonValue>]>([
  ['expect_column_distinct_values_to_be_in_set', { value_set: [1] }],
  ['expect_column_distinct_values_to_contain_set', { value_set: [1] }],
  ['expect_column_distinct_values_to_equal_set', { value_set: [1] }],
  ['expect_column_most_common_value_to_be_in_set', { value_set: [1] }],
  ['expect_column_quantile_values_to_be_between', { quantile_ranges: { quantiles: [1], value_ranges: [[0, 1]] } }],
  ['expect_column_kl_divergence_to_be_less_than', { bucketize_data: false }],
  ['expect_column_kl_divergence_to_be_less_than', { partition_object: { values: [1], weights: [1] }, threshold: 0 }],
  ['expect_column_max_to_be_between', { max_value: 1 }],
  ['expect_column_values_to_be_decreasing', {}],
  ['expect_column_values_to_not_be_outliers', { multiplier: 0 }],
  ['expect_column_value_z_scores_to_be_less_than', { threshold: 0 }],
])('%s %j says no sensitive value', async (type, kwargs) => {
  const columns = { x: 'BIGINT' }
  const contract: Contract = {
    ...contractOf(columns, [[type, { column: 'x', ...kwargs }]]),
    schema: { columns: { x: { type: 'BIGINT', sensitive: 'mask' } } },
  }
  const relation = literalRelation(session, columns, { f: [['1'], ['2'], [String(SECRET)], [String(SECRET)]] })
  const result = (await evaluateAll(session, contract, relation)).get('f')?.[0]
  expect(result?.outcome).not.toBe('error')
  expect(stringifyJson(result)).not.toContain(String(SECRET))
  expect(stringifyJson(result).replaceAll(',', '')).not.toContain(String(SECRET))
})

test.each<[string, string, Record<string, JsonValue>]>([
  ['rows of a query', 'unexpected_rows_expectation', { unexpected_rows_query: 'SELECT x FROM {batch}' }],
  [
    'the engine’s words on a query',
    'unexpected_rows_expectation',
    { unexpected_rows_query: "SELECT CAST(x || 'a' AS INTEGER) FROM {batch}" },
  ],
  [
    'the engine’s words on a condition',
    'expect_column_values_to_not_be_null',
    { column: 'y', row_condition: "CAST(x || 'a' AS INTEGER) > 1", condition_parser: 'sql' },
  ],
])('%s: nothing of a sensitive column', async (_, type, kwargs) => {
  const columns = { x: 'BIGINT', y: 'BIGINT' }
  const contract: Contract = {
    ...contractOf(columns, [[type, kwargs]]),
    schema: { columns: { x: { type: 'BIGINT', sensitive: 'mask' }, y: { type: 'BIGINT' } } },
  }
  const relation = literalRelation(session, columns, { f: [[String(SECRET), '1']] })
  const result = (await evaluateAll(session, contract, relation)).get('f')?.[0]
  expect(result?.outcome).not.toBe('passed')
  expect(stringifyJson(result)).not.toContain(String(SECRET))
})
