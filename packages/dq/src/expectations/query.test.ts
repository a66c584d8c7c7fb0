import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const ROWS = 'unexpected_rows_expectation'
const MATCH = 'expect_query_results_to_match_comparison'
const OTHER = 'expect_table_row_count_to_equal_other_table'
const COLUMNS = { id: 'INTEGER', name: 'VARCHAR' }
const DATA = [
  ['1', "'a'"],
  ['2', "'b'"],
  ['2', "'b'"],
  ['3', 'NULL'],
]
const TABLES = new Map([
  ['warehouse', { sql: "(VALUES (1, 'a'), (2, 'b'), (3, NULL), (4, 'd')) t(id, name)", columns: [] }],
  ['odd name', { sql: '(SELECT 1 AS id)', columns: [] }],
])

async function check(
  expectation: string,
  kwargs: Record<string, JsonValue>,
  rows: readonly (readonly string[])[] = DATA,
): Promise<CheckResult | undefined> {
  const relation = literalRelation(session, COLUMNS, { f: rows })
  const contract = contractOf(COLUMNS, [[expectation, kwargs]])
  const compiled = compileContract(contract, relation.columns, { schema: false, tables: TABLES })
  return (await evaluateChecks(session, planChecks(compiled, relation, session.dialect))).get('f')?.[0]
}

describe('unexpected rows', () => {
  test.each<[string, 'passed' | 'failed', number]>([
    ['SELECT * FROM {batch} WHERE id > 9', 'passed', 0],
    ['SELECT * FROM {batch} WHERE id = 2', 'failed', 2],
    ['SELECT id FROM {batch} GROUP BY id HAVING count(*) > 1;', 'failed', 1],
    ['WITH twice AS (SELECT * FROM {batch}) SELECT a.id FROM twice a JOIN {batch} b USING (id)', 'failed', 6],
    ["SELECT * FROM {batch} WHERE name = ';' -- done", 'passed', 0],
  ])('%s: %s, %i rows', async (query, outcome, found) => {
    expect(await check(ROWS, { unexpected_rows_query: query })).toMatchObject({
      outcome,
      observedValue: found,
      rowLevel: false,
    })
  })

  test('are shown with their columns', async () => {
    const result = await check(ROWS, { unexpected_rows_query: 'SELECT * FROM {batch} WHERE id = 3' })
    expect(result?.details).toEqual({ unexpected_rows: [{ id: 3, name: null }] })
  })

  test('are counted beyond those that are shown', async () => {
    const result = await check(ROWS, { unexpected_rows_query: 'SELECT * FROM {batch}, range(1000)' })
    expect(result).toMatchObject({ observedValue: 4000, message: 'rows returned by the query: 4,000 rows' })
    expect(result?.details?.['unexpected_rows']).toHaveLength(200)
  })

  test.each(['', ';', 'DROP TABLE x', 'SELECT 1; DROP TABLE x', 'SELECT 1) AS x; DROP TABLE y; --', "SELECT 'a"])(
    '%j is not one query',
    async (query) => {
      expect(await check(ROWS, { unexpected_rows_query: query })).toMatchObject({
        outcome: 'error',
        error: { code: 'CHECK_SQL' },
      })
    },
  )

  test('a query that the engine refuses is an error', async () => {
    expect(await check(ROWS, { unexpected_rows_query: 'SELECT nothing FROM {batch}' })).toMatchObject({
      outcome: 'error',
      error: { code: 'CHECK_ENGINE' },
    })
  })
})

describe('two queries', () => {
  const base = 'SELECT id, name FROM {batch}'
  type Case = readonly [
    kwargs: Record<string, JsonValue>,
    outcome: 'passed' | 'failed',
    different: number,
    percent: number,
  ]

  test.each<Case>([
    [{ comparison_query: base }, 'passed', 0, 0],
    // Names and order of rows mean nothing.
    [{ comparison_query: 'SELECT id AS x, name AS y FROM {batch} ORDER BY id DESC' }, 'passed', 0, 0],
    // (2, b) is there twice and is found once.
    [{ comparison_query: 'SELECT DISTINCT id, name FROM {batch}' }, 'failed', 1, 25],
    [{ comparison_query: 'SELECT DISTINCT id, name FROM {batch}', mostly: 0.75 }, 'passed', 1, 25],
    [{ comparison_query: 'SELECT DISTINCT id, name FROM {batch}', mostly: 0.76 }, 'failed', 1, 25],
    // 3 matches of 4: one (2, b) too many here, (4, d) too few. NULL equals NULL.
    [{ comparison_data_source_name: 'warehouse', comparison_query: 'SELECT * FROM warehouse' }, 'failed', 1, 25],
    [
      { comparison_data_source_name: 'warehouse', comparison_query: 'SELECT id, name FROM {comparison}' },
      'failed',
      1,
      25,
    ],
    [{ comparison_query: 'SELECT id, name FROM {batch} WHERE id > 9' }, 'failed', 4, 100],
    // The longer of both is the whole: 4 of 12.
    [{ comparison_query: 'SELECT id, name FROM {batch}, range(3)' }, 'failed', 8, (1 - 4 / 12) * 100],
  ])('%j: %s, %i differ', async (kwargs, outcome, different, percent) => {
    expect(await check(MATCH, { base_query: base, ...kwargs })).toMatchObject({
      outcome,
      unexpectedCount: different,
      unexpectedPercent: percent,
      rowLevel: false,
    })
  })

  test('without rows on either side match', async () => {
    expect(await check(MATCH, { base_query: base, comparison_query: base }, [])).toMatchObject({
      outcome: 'passed',
      unexpectedCount: 0,
    })
  })

  test('a name that needs quotes is reached through {comparison}', async () => {
    const kwargs = {
      base_query: 'SELECT 1',
      comparison_data_source_name: 'odd name',
      comparison_query: 'FROM {comparison}',
    }
    expect(await check(MATCH, kwargs)).toMatchObject({ outcome: 'passed' })
  })

  test('rows that are missing and rows that are too many are shown', async () => {
    const kwargs = {
      base_query: base,
      comparison_data_source_name: 'warehouse',
      comparison_query: 'SELECT * FROM warehouse',
    }
    expect((await check(MATCH, kwargs))?.details).toEqual({
      missing_rows: [{ id: 4, name: 'd' }],
      unexpected_rows: [{ id: 2, name: 'b' }],
    })
  })

  test('more than 200 rows are compared', async () => {
    const kwargs = { base_query: 'SELECT range FROM range(1000)', comparison_query: 'SELECT range FROM range(1, 1001)' }
    expect(await check(MATCH, kwargs)).toMatchObject({ outcome: 'failed', unexpectedCount: 1, elementCount: 1000 })
  })

  test.each<[Record<string, JsonValue>, string]>([
    [{ comparison_data_source_name: 'elsewhere', comparison_query: 'SELECT 1' }, 'CHECK_TABLE'],
    [{ comparison_query: 'SELECT 1; SELECT 2' }, 'CHECK_SQL'],
    [{ comparison_query: 'SELECT 1' }, 'CHECK_ENGINE'],
    [{}, 'CHECK_KWARG'],
  ])('%j is %s', async (kwargs, code) => {
    expect(await check(MATCH, { base_query: base, ...kwargs })).toMatchObject({ outcome: 'error', error: { code } })
  })
})

describe('rows of another table', () => {
  test.each<[readonly (readonly string[])[], 'passed' | 'failed', number]>([
    [DATA, 'passed', 4],
    [DATA.slice(1), 'failed', 3],
    [[], 'failed', 0],
  ])('%j: %s', async (rows, outcome, self) => {
    expect(await check(OTHER, { other_table_name: 'warehouse' }, rows)).toMatchObject({
      outcome,
      observedValue: { self, other: 4 },
      dimension: 'volume',
    })
  })

  test('a table that nobody gave is an error that names those that are there', async () => {
    const result = await check(OTHER, { other_table_name: 'warehous' })
    expect(result).toMatchObject({ outcome: 'error', error: { code: 'CHECK_TABLE' } })
    expect(result?.message).toContain('warehouse')
  })
})
