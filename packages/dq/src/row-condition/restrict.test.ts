import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { compileContract } from '../compile/compile-contract.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { rowRules } from '../rows/row-rules.ts'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'

const TYPES = { g: 'VARCHAR', v: 'INTEGER', w: 'INTEGER' } as const
// g = 'a': v = 1, 1, NULL, 9 · g = 'b': v = 1, 5 · g NULL: v = 1
const ROWS = [
  ["'a'", '1', '1'],
  ["'b'", '1', '2'],
  ["'a'", '1', '1'],
  ["'a'", 'NULL', '3'],
  ["'b'", '5', '2'],
  ['NULL', '1', '9'],
  ["'a'", '9', '4'],
]

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(async () => session.close())

async function answer(type: string, kwargs: Record<string, JsonValue>): Promise<CheckResult | undefined> {
  const relation = literalRelation(session, TYPES, { f: ROWS })
  const results = await evaluateAll(session, contractOf(TYPES, [[type, kwargs]]), relation)
  return results.get('f')?.[0]
}

const A = { row_condition: "g = 'a'" }

describe('only rows for which the condition is true take part', () => {
  test('in a check of single values: NULL conditions leave a row out', async () => {
    const result = await answer('expect_column_values_to_be_between', { column: 'v', max_value: 1, ...A })
    expect(result).toMatchObject({ elementCount: 4, missingCount: 1, unexpectedCount: 1, partialUnexpected: [9] })
    expect(result?.message).toBe("v at most 1 where g = 'a': 1 of 3 rows unexpected")
  })

  test('in checks of nulls', async () => {
    expect(await answer('expect_column_values_to_not_be_null', { column: 'v', ...A })).toMatchObject({
      elementCount: 4,
      unexpectedCount: 1,
    })
  })

  test('in uniqueness: a value repeated only outside is no repetition', async () => {
    expect(await answer('expect_column_values_to_be_unique', { column: 'v', ...A })).toMatchObject({
      outcome: 'failed',
      elementCount: 4,
      unexpectedCount: 2,
    })
    expect(await answer('expect_column_values_to_be_unique', { column: 'v', row_condition: "g = 'b'" })).toMatchObject({
      outcome: 'passed',
      elementCount: 2,
      unexpectedCount: 0,
    })
  })

  test('in pairs, keys of several columns, aggregates, distinct values, and counts of rows', async () => {
    const pair = { column_A: 'v', column_B: 'w', or_equal: true, ...A }
    expect(await answer('expect_column_pair_values_a_to_be_greater_than_b', pair)).toMatchObject({
      elementCount: 4,
      // (NULL, 3): one value missing makes the row unexpected.
      unexpectedCount: 1,
    })
    const keys = { column_list: ['v', 'w'], ...A }
    expect(await answer('expect_compound_columns_to_be_unique', keys)).toMatchObject({ unexpectedCount: 2 })
    const mean = { column: 'v', min_value: 3, max_value: 4, ...A }
    expect(await answer('expect_column_mean_to_be_between', mean)).toMatchObject({
      outcome: 'passed',
      // (1 + 1 + 9) / 3
      observedValue: 11 / 3,
      elementCount: 4,
      missingCount: 1,
    })
    const distinct = { column: 'v', min_value: 2, max_value: 2, ...A }
    expect(await answer('expect_column_unique_value_count_to_be_between', distinct)).toMatchObject({ observedValue: 2 })
    expect(await answer('expect_table_row_count_to_equal', { value: 4, ...A })).toMatchObject({ outcome: 'passed' })
  })

  test('in the order of rows: those between are skipped', async () => {
    // 1, 1, (NULL), 9 rise; all rows, 1 1 1 5 1 9, do not.
    expect(await answer('expect_column_values_to_be_increasing', { column: 'v', ...A })).toMatchObject({
      outcome: 'passed',
    })
    expect(await answer('expect_column_values_to_be_increasing', { column: 'v' })).toMatchObject({ outcome: 'failed' })
  })

  test('in deviations from a mean', async () => {
    // Among g = 'a': mean 11/3, deviation 4.62; 9 is 1.15 deviations away. Among all: mean 3, deviation 3.35.
    const kwargs = { column: 'v', sigma_threshold: 1.2 }
    expect(await answer('expect_column_values_to_be_within_n_stdevs', { ...kwargs, ...A })).toMatchObject({
      outcome: 'passed',
    })
    expect(await answer('expect_column_values_to_be_within_n_stdevs', kwargs)).toMatchObject({ unexpectedCount: 1 })
  })

  test('in a query: {batch} holds the rows that meet it', async () => {
    const kwargs = { unexpected_rows_query: 'SELECT * FROM {batch} WHERE v = 1', ...A }
    expect(await answer('unexpected_rows_expectation', kwargs)).toMatchObject({ observedValue: 2 })
  })

  test('none at all: nothing to judge, so it passes', async () => {
    const kwargs = { column: 'v', min_value: 100, row_condition: "g = 'z'" }
    expect(await answer('expect_column_values_to_be_between', kwargs)).toMatchObject({
      outcome: 'passed',
      elementCount: 0,
      unexpectedPercent: null,
    })
  })
})

test('a split takes only rows that meet the condition', async () => {
  const relation = literalRelation(session, TYPES, { f: ROWS })
  const contract = contractOf(TYPES, [
    ['expect_column_values_to_be_unique', { column: 'v', ...A }],
    ['expect_column_values_to_be_between', { column: 'v', min_value: 2, ...A }],
  ])
  const rules = rowRules(compileContract(contract, relation.columns, { schema: false }), relation, session.dialect)
  const select = rules.map(({ violatedSql }) => violatedSql).join(', ')
  const { rows } = await session.query(`SELECT ${select} FROM ${relation.sql} ORDER BY __tg_row`)
  expect(rows.map((row) => row.map(Number).join(''))).toEqual(['11', '00', '11', '00', '00', '00', '00'])
})

test('the same condition on many checks is one scan', () => {
  const relation = literalRelation(session, TYPES, { f: ROWS })
  const contract = contractOf(TYPES, [
    ['expect_column_values_to_be_between', { column: 'v', min_value: 2, ...A }],
    ['expect_column_values_to_be_between', { column: 'w', min_value: 2, ...A }],
    ['expect_column_mean_to_be_between', { column: 'w', min_value: 2 }],
  ])
  const plan = planChecks(compileContract(contract, relation.columns, { schema: false }), relation, session.dialect)
  expect(plan.queries.filter((query) => query.kind !== 'sample')).toHaveLength(1)
})
