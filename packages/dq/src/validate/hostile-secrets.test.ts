import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { renderGithubAnnotations } from '../outputs/render-github-annotations.ts'
import { renderGithubSummary, renderMarkdown } from '../outputs/render-markdown.ts'
import { renderJUnit } from '../outputs/render-junit.ts'
import { reportOf } from '../results/report-of.ts'
import { validate } from './validate.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
  await session.query(
    `CREATE TABLE people AS SELECT i AS id, CASE WHEN i = 9 THEN 'secret1' ELSE 'SECRET' || i END AS email, 'x' || i AS name FROM range(10) t(i)`,
  )
  await session.query(`CREATE TABLE others AS SELECT 'nobody' AS email`)
})
afterAll(() => session.close())

const email = { column: 'email' }
const pair = { column_A: 'email', column_B: 'name' }
const list = { column_list: ['email', 'name'] }
/** All fail, or are an error, on the column that is not to be seen. */
const CHECKS: readonly (readonly [type: string, kwargs: Record<string, JsonValue>])[] = [
  ['expect_column_values_to_match_regex', { ...email, regex: '^x' }],
  ['expect_column_values_to_match_regex', { ...email, regex: '(?=x)y' }],
  ['expect_column_values_to_be_in_set', { ...email, value_set: ['a'] }],
  ['expect_column_values_to_be_between', { ...email, max_value: 'A' }],
  ['expect_column_values_to_be_null', email],
  ['expect_column_values_to_be_decreasing', email],
  ['expect_column_value_lengths_to_equal', { ...email, value: 1 }],
  ['expect_column_values_to_be_json_parseable', email],
  ['expect_column_values_to_be_dateutil_parseable', email],
  ['expect_column_values_to_match_strftime_format', { ...email, strftime_format: '%Y' }],
  ['expect_column_values_to_have_consistent_casing', email],
  ['expect_column_values_to_exist_in_other_table', { ...email, other_table_name: 'others', other_column: 'email' }],
  ['expect_column_distinct_values_to_be_in_set', { ...email, value_set: ['a'] }],
  ['expect_column_distinct_values_to_contain_set', { ...email, value_set: ['a'] }],
  ['expect_column_distinct_values_to_equal_set', { ...email, value_set: ['a'] }],
  ['expect_column_most_common_value_to_be_in_set', { ...email, value_set: ['a'], ties_okay: true }],
  ['expect_column_min_to_be_between', { ...email, max_value: 'A' }],
  ['expect_column_max_to_be_between', { ...email, max_value: 'A' }],
  ['expect_column_pair_values_to_be_equal', pair],
  ['expect_column_pair_values_to_be_in_set', { ...pair, value_pairs_set: [['a', 'b']] }],
  ['expect_multicolumn_values_to_be_equal', list],
  ['expect_column_values_to_be_in_set', { column: 'id', value_set: [], row_condition: "email <> 'a'" }],
  ['unexpected_rows_expectation', { unexpected_rows_query: 'SELECT email AS other_name FROM {batch}' }],
  ['unexpected_rows_expectation', { unexpected_rows_query: 'SELECT CAST(email AS INTEGER) FROM {batch}' }],
  [
    'expect_query_results_to_match_comparison',
    { base_query: 'SELECT email FROM {batch}', comparison_query: "SELECT 'a'" },
  ],
]

test.each(['mask', 'hash', 'drop', 'option'] as const)(
  'values of a secret column (%s) are in no result and no report',
  async (how) => {
    const sensitive = how === 'option' ? {} : { sensitive: how }
    const contract = {
      contract: 'people',
      version: 1,
      schema: { columns: { email: { type: 'VARCHAR', ...sensitive } } },
      expectations: CHECKS.map(([type, kwargs]) => ({ type, kwargs })),
    }
    const result = await validate(session, { table: 'people' }, contract, {
      resultFormat: { result_format: 'COMPLETE', include_unexpected_rows: true },
      indexColumns: ['id', 'email'],
      tables: { others: { table: 'others' } },
      maskedColumns: how === 'option' ? ['email'] : [],
      explain: true,
    })
    const failed = result.results.filter((item) => !item.success)
    expect(failed).toHaveLength(CHECKS.length)
    const report = reportOf(result)
    const all = [
      JSON.stringify(result),
      renderJUnit(report),
      renderMarkdown(report),
      renderGithubAnnotations(report),
      renderGithubSummary(report),
    ]
    for (const text of all) expect(text).not.toMatch(/secret[0-9]/i)
  },
)
