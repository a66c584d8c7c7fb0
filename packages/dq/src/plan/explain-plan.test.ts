import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { explainPlan } from './explain-plan.ts'
import { planChecks } from './plan-checks.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const columns = { a: 'INTEGER', b: 'INTEGER', s: 'VARCHAR' }

test('says how each check is answered, what it shares and how many statements there are', () => {
  const relation = literalRelation(session, columns, { one: [], two: [] })
  const contract = contractOf(columns, [
    ['expect_column_values_to_be_between', { column: 'a', min_value: 0 }],
    ['expect_column_values_to_be_unique', { column: 'a' }],
    ['expect_column_values_to_not_be_null', { column: 'b' }],
    ['expect_column_to_exist', { column: 's' }],
    ['expect_column_max_to_be_between', { column: 'nope', max_value: 1 }],
  ])
  const explain = (): ReturnType<typeof explainPlan> =>
    explainPlan(planChecks(compileContract(contract, relation.columns, { schema: false }), relation, session.dialect))
  const { rows, json } = explain()
  expect(rows.map(({ check, how, sharedWith }) => [check, how, sharedWith])).toEqual([
    ['a:between', 'scan-1', 2],
    ['a:unique', 'scan-1, group-1', 2],
    ['b:not_null', 'scan-1', 2],
    ['s:exists', 'schema', 0],
    ['nope:max', 'CHECK_COLUMN_MISSING', 0],
  ])
  expect(json).toMatchObject({
    counts: { checks: 5, proved: 0, withoutData: 2, queries: 2, scans: 2, samples: 2 },
  })
  expect(explain().json).toEqual(json)
})

test('5,000 checks on 1,000 columns are planned, explained and answered', async () => {
  const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index}`, 'INTEGER']))
  const contract = contractOf(
    wide,
    Object.keys(wide).flatMap((column) => [
      ['expect_column_values_to_be_between', { column, min_value: 0, max_value: 1 }] as const,
      ['expect_column_values_to_not_be_null', { column }] as const,
      ['expect_column_values_to_be_in_set', { column, value_set: [1, 2, 3] }] as const,
      ['expect_column_mean_to_be_between', { column, min_value: 1, max_value: 2 }] as const,
      ['expect_column_sum_to_be_between', { column, min_value: 1, max_value: 2 }] as const,
    ]),
  )
  const relation = literalRelation(session, wide, { f: [Object.keys(wide).map(() => '2')] })
  const compiled = compileContract(contract, relation.columns, { schema: false })
  const plan = planChecks(compiled, relation, session.dialect)
  expect(explainPlan(plan).rows).toHaveLength(5000)
  const results = (await evaluateChecks(session, plan)).get('f') ?? []
  expect(results.slice(0, 5).map((result) => result.outcome)).toEqual([
    'failed',
    'passed',
    'passed',
    'passed',
    'passed',
  ])
  expect(results).toHaveLength(5000)
})

test('a table of 10,000 columns is planned', () => {
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`c${index}`, 'INTEGER']))
  const contract = contractOf(wide, [
    ['expect_column_values_to_be_unique', { column: 'c9999' }],
    ['expect_column_values_to_not_be_null', { column: 'c1' }],
  ])
  const relation = {
    sql: 't',
    columns: Object.entries(wide).map(([name, type]) => ({ name, type })),
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: [{ key: 'f', path: 'f' }],
  }
  const plan = planChecks(compileContract(contract, relation.columns), relation, session.dialect)
  expect(plan.order.length).toBeGreaterThan(10_000)
})
