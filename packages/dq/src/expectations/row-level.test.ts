import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { rowRules } from '../rows/row-rules.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'
import type { OtherTable } from './definition.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const COLUMNS = { x: 'DOUBLE', y: 'INTEGER' }
const ROWS = [
  ['1', '1'],
  ['2', '2'],
  ['NULL', '3'],
  ['2', '4'],
  ['1', 'NULL'],
  ["'NaN'", 'NULL'],
  ['90', '9'],
]
const TABLES = new Map<string, OtherTable>([
  ['target', { sql: '(SELECT 90 AS x)', columns: [{ name: 'x', type: 'INTEGER' }] }],
])
const X = { column: 'x' }
const XY = { column_A: 'x', column_B: 'y' }
const LIST = { column_list: ['x', 'y'] }

/** The rows that a split would take out, by their number. */
test.each<[string, Record<string, JsonValue>, readonly number[]]>([
  ['expect_column_values_to_not_be_null', X, [2, 5]],
  ['expect_column_values_to_be_null', X, [0, 1, 3, 4, 6]],
  ['expect_column_values_to_be_unique', X, [0, 1, 3, 4]],
  ['expect_column_values_to_be_unique', { ...X, scope: 'batch' }, [0, 1, 3, 4]],
  ['expect_column_values_to_be_unique', { ...X, scope: 'target' }, [0, 1, 3, 4, 6]],
  ['expect_column_values_to_be_between', { ...X, max_value: 1 }, [1, 3, 6]],
  ['expect_column_values_to_be_in_set', { ...X, value_set: [1, 90] }, [1, 3]],
  ['expect_column_values_to_not_be_in_set', { ...X, value_set: [90, null] }, [6]],
  // 1 comes after 2; the missing value between the twos is skipped
  ['expect_column_values_to_be_increasing', X, [4]],
  ['expect_column_values_to_be_increasing', { ...X, strictly: true }, [3, 4]],
  ['expect_column_values_to_be_decreasing', X, [1, 6]],
  // mean 19.2, deviation 39.6: only 90 is above by more than one
  ['expect_column_value_z_scores_to_be_less_than', { ...X, threshold: 1 }, [6]],
  ['expect_column_values_to_not_be_outliers', X, [6]],
  ['expect_column_values_to_not_be_outliers', { ...X, method: 'std' }, [6]],
  ['expect_column_pair_values_to_be_equal', XY, [2, 3, 4, 6]],
  ['expect_column_pair_values_a_to_be_greater_than_b', { ...XY, ignore_row_if: 'either_value_is_missing' }, [0, 1, 3]],
  ['expect_column_pair_values_to_be_in_set', { ...XY, value_pairs_set: [[null, 3]] }, [0, 1, 3, 4, 6]],
  ['expect_compound_columns_to_be_unique', LIST, []],
  ['expect_select_column_values_to_be_unique_within_record', LIST, [0, 1]],
  ['expect_multicolumn_values_to_be_equal', { ...LIST, ignore_row_if: 'never' }, [2, 3, 4, 6]],
  ['expect_multicolumn_sum_to_equal', { ...LIST, sum_total: 2 }, [1, 2, 3, 4, 6]],
])('%s %j: rows %j, and as many are counted', async (type, kwargs, expected) => {
  const relation = literalRelation(session, COLUMNS, { f: ROWS })
  const compiled = compileContract(contractOf(COLUMNS, [[type, kwargs]]), relation.columns, {
    schema: false,
    tables: TABLES,
  })
  const [rule] = rowRules(compiled, relation, session.dialect)
  const sql = `SELECT n FROM (SELECT __tg_row AS n, ${rule?.violatedSql ?? 'NULL'} AS broken FROM ${relation.sql}) WHERE broken ORDER BY n`
  const { rows } = await session.query(sql)
  expect(rows.map(([row]) => row)).toEqual(expected)
  const results = await evaluateChecks(session, planChecks(compiled, relation, session.dialect))
  expect(results.get('f')?.[0]?.unexpectedCount).toBe(expected.length)
})
