import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Contract, Relation, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { failedRules, rowRules } from './row-rules.ts'
import { sampleFailingRows } from './sample-failing-rows.ts'
import { splitSql } from './split-sql.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const columns = { a: 'INTEGER', s: 'VARCHAR' }
const contract: Contract = {
  ...contractOf(columns, [
    ['expect_column_values_to_be_between', { column: 'a', min_value: 0, max_value: 9 }],
    ['expect_column_values_to_be_unique', { column: 'a' }],
    ['expect_column_mean_to_be_between', { column: 'a', min_value: 0 }],
    ['expect_column_values_to_match_regex', { column: 's', regex: '(?<=x)y' }],
    ['expect_column_values_to_not_be_null', { column: 's', mostly: 0.1 }],
  ]),
  schema: { columns: { a: { type: 'INTEGER' }, s: { type: 'VARCHAR', sensitive: 'mask' } } },
}

function table(): Relation {
  return literalRelation(session, columns, {
    f: [
      ['1', "'x'"],
      ['10', "'y'"],
      ['NULL', 'NULL'],
      ['2', "'z'"],
      ['2', "'z'"],
    ],
    g: [['1', "'x'"]],
  })
}

test('only row-level checks that this engine can evaluate have a rule', () => {
  const relation = table()
  const rules = rowRules(compileContract(contract, relation.columns), relation, session.dialect)
  expect(rules.map((rule) => rule.check)).toEqual(['a:between', 'a:unique', 's:not_null'])
})

test('a rule is never NULL and sees only its own file', async () => {
  const relation = table()
  const rules = rowRules(compileContract(contract, relation.columns), relation, session.dialect)
  const list = rules.map((rule) => rule.violatedSql).join(', ')
  const { rows } = await session.query(`SELECT __tg_file, __tg_row, ${list} FROM ${relation.sql} ORDER BY 1, 2`)
  expect(rows).toEqual([
    ['f', 0, false, false, false],
    ['f', 1, true, false, false],
    ['f', 2, false, false, true],
    ['f', 3, false, true, false],
    ['f', 4, false, true, false],
    ['g', 0, false, false, false],
  ])
})

test('good and rejected rows are all rows, with the reasons', async () => {
  const relation = table()
  const compiled = compileContract(contract, relation.columns)
  const results = await evaluateChecks(session, planChecks(compiled, relation, session.dialect))
  const rules = failedRules(rowRules(compiled, relation, session.dialect), results.get('f') ?? [])
  // The NULL in s is allowed by `mostly`: not split off.
  expect(rules.map((rule) => rule.check)).toEqual(['a:between', 'a:unique'])
  const { good, rejected } = splitSql(relation, rules, session.dialect, {
    file: 'f',
    columns: [
      { name: 's', type: 'VARCHAR' },
      { name: 'a', type: 'BIGINT' },
      { name: 'later', type: 'DATE' },
    ],
  })
  const goodRows = await session.query(good)
  expect(goodRows.columns).toEqual([
    { name: 's', type: 'VARCHAR' },
    { name: 'a', type: 'BIGINT' },
    { name: 'later', type: 'DATE' },
  ])
  expect(goodRows.rows).toEqual([
    ['x', 1, null],
    [null, null, null],
  ])
  const rejectedRows = await session.query(`${rejected} ORDER BY "__tg_row"`)
  expect(rejectedRows.columns.map((column) => column.name)).toEqual(['a', 's', '__tg_rules', '__tg_file', '__tg_row'])
  expect(rejectedRows.rows).toEqual([
    [10, 'y', ['a:between'], 'f', 1],
    [2, 'z', ['a:unique'], 'f', 3],
    [2, 'z', ['a:unique'], 'f', 4],
  ])
})

test('without rules everything is good', async () => {
  const relation = {
    ...table(),
    files: [
      { key: 'f', path: '/in/f.csv' },
      { key: 'g', path: '/in/g.csv' },
    ],
  }
  const { good, rejected } = splitSql(relation, [], session.dialect, { columns: relation.columns })
  expect((await session.query(good)).rows).toHaveLength(6)
  expect((await session.query(rejected)).rows).toEqual([])
})

test('rejected rows name the path that people know', async () => {
  const relation = {
    ...table(),
    files: [
      { key: 'f', path: "/in/f's.csv" },
      { key: 'g', path: 'g' },
    ],
  }
  const rules = [{ check: 'all', severity: 'critical', violatedSql: 'TRUE' } as const]
  const { rejected } = splitSql(relation, rules, session.dialect, { columns: relation.columns })
  const { rows } = await session.query(`SELECT DISTINCT "__tg_file" FROM (${rejected}) ORDER BY 1`)
  expect(rows).toEqual([["/in/f's.csv"], ['g']])
})

test('a file or a type that does not exist is refused', () => {
  const relation = table()
  expect(() => splitSql(relation, [], session.dialect, { file: 'h', columns: [] })).toThrow(/no file with the key/)
  expect(() =>
    splitSql(relation, [], session.dialect, { columns: [{ name: 'a', type: 'INTEGER) FROM t; --' }] }),
  ).toThrow(/not a type/)
})

test('failing rows are sampled in the order of the file, masked', async () => {
  const relation = table()
  const rules = rowRules(compileContract(contract, relation.columns), relation, session.dialect)
  const rows = await sampleFailingRows(session, relation, rules, { file: 'f', limit: 3, contract })
  expect(rows).toEqual([
    { row: 1, rules: ['a:between'], values: { a: 10, s: '***' } },
    { row: 2, rules: ['s:not_null'], values: { a: null, s: null } },
    { row: 3, rules: ['a:unique'], values: { a: 2, s: '***' } },
  ])
})

test('cells that did not fit their type are a rule of the schema, where texts are read', async () => {
  const base = literalRelation(
    session,
    { a: 'INTEGER', m: 'VARCHAR[]' },
    {
      f: [
        ['NULL', "['a']"],
        ['1', 'NULL'],
        ['2', "['b']"],
      ],
    },
  )
  const typed = compileContract(contractOf({ a: 'BIGINT' }, []), [{ name: 'a', type: 'INTEGER' }])
  const relation = { ...base, columns: [{ name: 'a', type: 'INTEGER' }], misfitColumn: 'm' }
  const results = await evaluateChecks(session, planChecks(typed, relation, session.dialect))
  expect(results.get('f')).toMatchObject([
    { id: 'schema:a:type', type: 'schema', outcome: 'passed', rowLevel: false },
    {
      id: 'schema:a:misfit',
      type: 'schema',
      dimension: 'validity',
      outcome: 'failed',
      unexpectedCount: 1,
      rowLevel: true,
    },
  ])
  const rules = rowRules(typed, relation, session.dialect)
  expect((await sampleFailingRows(session, relation, rules, { contract })).map((row) => row.row)).toEqual([0])
  expect(rowRules(typed, { ...relation, misfitColumn: undefined }, session.dialect)).toEqual([])
})

test('nullable: false speaks of stored NULLs; a NaN is no NULL there', async () => {
  const relation = literalRelation(session, { d: 'DOUBLE' }, { f: [["'NaN'"], ['NULL'], ['1']] })
  const strict: Contract = { ...contractOf({}, []), schema: { columns: { d: { type: 'DOUBLE', nullable: false } } } }
  const compiled = compileContract(strict, relation.columns)
  const results = await evaluateChecks(session, planChecks(compiled, relation, session.dialect))
  expect(results.get('f')?.[1]).toMatchObject({ id: 'schema:d:nullable', outcome: 'failed', unexpectedCount: 1 })
  const rules = rowRules(compiled, relation, session.dialect)
  expect((await sampleFailingRows(session, relation, rules, { contract: strict })).map((row) => row.row)).toEqual([1])
})
