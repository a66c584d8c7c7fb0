import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { rowRules } from '../rows/row-rules.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'
import type { OtherTable } from './definition.ts'

const TYPES = { k: 'INTEGER', t: 'VARCHAR' } as const
const ROWS = [
  ['1', "'x'"],
  ['2', "'y'"],
  ['2', "'x'"],
  ['3', "'x'"],
  ['NULL', "'x'"],
  ['2', 'NULL'],
]
const AIRPORTS: OtherTable = {
  sql: `(VALUES (1, 'x', DATE '2024-01-01'), (2, 'y', NULL), (NULL, 'x', NULL), (2, 'z', NULL)) v(k, "odd ""name", day)`,
  columns: [
    { name: 'k', type: 'BIGINT' },
    { name: 'odd "name', type: 'VARCHAR' },
    { name: 'day', type: 'DATE' },
  ],
}

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(async () => session.close())

async function check(type: string, kwargs: Record<string, JsonValue>): Promise<CheckResult | undefined> {
  const relation = literalRelation(session, TYPES, { f: ROWS })
  const tables = new Map([
    ['airports', AIRPORTS],
    ['empty', { ...AIRPORTS, sql: '(SELECT 1 AS k WHERE false)' }],
  ])
  const compiled = compileContract(contractOf(TYPES, [[type, kwargs]]), relation.columns, { schema: false, tables })
  return (await evaluateChecks(session, planChecks(compiled, relation, session.dialect))).get('f')?.[0]
}

describe('expect_column_values_to_exist_in_other_table', () => {
  const type = 'expect_column_values_to_exist_in_other_table'
  const reference = async (kwargs: Record<string, JsonValue>): Promise<CheckResult | undefined> =>
    check(type, { other_table_name: 'airports', ...kwargs })

  test('values without a match are unexpected, nulls are not considered, NULL keys of the other table match nothing', async () => {
    expect(await reference({ column: 'k', other_column: 'k' })).toMatchObject({
      outcome: 'failed',
      elementCount: 6,
      missingCount: 1,
      unexpectedCount: 1,
      partialUnexpected: [3],
    })
  })

  test('the other column is called the same unless said otherwise', async () => {
    expect(await reference({ column: 'k' })).toMatchObject({ unexpectedCount: 1 })
    expect(await reference({ column: 't', other_column: 'odd "name' })).toMatchObject({ outcome: 'passed' })
  })

  test('keys of several columns match together; a key with a null is not considered', async () => {
    const kwargs = { column_list: ['k', 't'], other_column_list: ['k', 'odd "name'] }
    expect(await reference(kwargs)).toMatchObject({
      elementCount: 6,
      missingCount: 2,
      // (2, x) and (3, x).
      unexpectedCount: 2,
      partialUnexpected: [
        { k: 2, t: 'x' },
        { k: 3, t: 'x' },
      ],
    })
  })

  test('mostly, a condition, and limits', async () => {
    expect(await reference({ column: 'k', mostly: 0.8 })).toMatchObject({ outcome: 'passed' })
    expect(await reference({ column: 'k', row_condition: 'k < 3' })).toMatchObject({
      outcome: 'passed',
      elementCount: 4,
    })
  })

  test('in an empty table nothing is found', async () => {
    expect(await reference({ column: 'k', other_table_name: 'empty' })).toMatchObject({ unexpectedCount: 5 })
  })

  test('rows can be split by it', async () => {
    const relation = literalRelation(session, TYPES, { f: ROWS })
    const contract = contractOf(TYPES, [[type, { column: 'k', other_table_name: 'airports' }]])
    const tables = new Map([['airports', AIRPORTS]])
    const compiled = compileContract(contract, relation.columns, { schema: false, tables })
    const [rule] = rowRules(compiled, relation, session.dialect)
    const { rows } = await session.query(
      `SELECT __tg_row FROM (SELECT __tg_row, ${rule?.violatedSql ?? ''} AS bad FROM ${relation.sql}) WHERE bad`,
    )
    expect(rows).toEqual([[3]])
  })

  test.each<readonly [kwargs: Record<string, JsonValue>, code: string, hint: RegExp]>([
    [{ column: 'k', other_table_name: 'airport' }, 'CHECK_TABLE', /Known are airports, empty/],
    [{ column: 'k', other_column: 'kk' }, 'CHECK_TABLE', /Did you mean k/],
    [{ column: 'kk' }, 'CHECK_COLUMN_MISSING', /Did you mean k/],
    [{ column: 'k', other_column: 'day' }, 'CHECK_TYPE', /cannot be looked up/],
    [{}, 'CHECK_KWARG', /either column or column_list/],
    [{ column: 'k', column_list: ['k'] }, 'CHECK_KWARG', /either column or column_list/],
    [{ column_list: ['k', 't'], other_column_list: ['k'] }, 'CHECK_KWARG', /2 columns cannot be looked up in 1/],
    [{ column_list: [] }, 'CHECK_KWARG', /0 columns/],
  ])('%j: %s', async (kwargs, code, words) => {
    expect(await reference(kwargs)).toMatchObject({
      outcome: 'error',
      error: { code, message: expect.stringMatching(words) },
    })
  })
})

test('rows of another table times a factor', async () => {
  const type = 'expect_table_row_count_to_equal_other_table_times_factor'
  const kwargs = { other_table_name: 'airports', factor: 1.5 }
  expect(await check(type, kwargs)).toMatchObject({ outcome: 'passed', observedValue: { self: 6, other: 4 } })
  expect(await check(type, { ...kwargs, factor: 1 })).toMatchObject({ outcome: 'failed' })
  expect(await check(type, { ...kwargs, other_table_name: 'x' })).toMatchObject({ error: { code: 'CHECK_TABLE' } })
})
