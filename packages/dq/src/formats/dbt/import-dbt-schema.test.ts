import type { Expectation, JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixture, harbour, verdicts } from '../../testing/harbour.ts'
import { EXPECTATION_TESTS } from './expectation-tests.ts'
import { importDbtSchema } from './import-dbt-schema.ts'
import { writeDbtSchema } from './write-dbt-schema.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(async () => {
  await session.close()
})

test('a schema file runs', async () => {
  const { contracts } = importDbtSchema(fixture('schema.yml'))
  const codes = { sql: "(VALUES ('NO'), ('DK')) AS t(code)", columns: [{ name: 'code', type: 'VARCHAR' }] }
  const [calls, source] = contracts
  if (calls === undefined || source === undefined) throw new Error('a contract is missing')
  const tables = new Map([['countries', { ...codes, sql: "(SELECT 'NO' AS code UNION ALL SELECT 'DK')" }]])
  expect(await verdicts(session, calls.contract, harbour(session), { tables })).toEqual({
    'id:unique': 'passed 0',
    'id:not_null': 'passed 0',
    'ship:not_null': 'failed 1',
    'ship:matches': 'passed 0',
    // Bo has two letters, and there are two of them.
    'ship:length_between': 'failed 2',
    // The unknown flag has −1 tons.
    flags_we_know: 'passed 0',
    'flag:in_table': 'failed 1',
    'tons:between': 'failed 1',
    'tons:not_null': 'passed 1',
    'ship+arrived:unique': 'failed 2',
    'table:unexpected_rows': 'failed',
    'table:row_count': 'failed',
    'left_at+arrived:greater': 'failed 1',
  })
  // The latest call is 27 hours old.
  const nowMs = Date.UTC(2024, 4, 3, 12)
  expect(await verdicts(session, source.contract, harbour(session), { nowMs })).toEqual({
    'id:not_null': 'passed 0',
    'arrived:recent': 'passed',
    'arrived:recent-2': 'failed',
  })
})

test('what has no equivalent is listed', () => {
  const { contracts, notes } = importDbtSchema(fixture('schema.yml'))
  expect(notes.map(({ kind, path }) => [kind, path])).toEqual([['dropped', 'exposures']])
  expect(
    contracts[0]?.notes.filter((note) => note.kind === 'dropped').map((note) => note.path.split('.').at(-1)),
  ).toEqual(['expect_column_mean_to_be_between', 'expect_column_max_to_be_between', 'unique'])
})

/** Checks of one test below a column of a type. */
function checksOf(entry: JsonValue, type?: string): readonly Expectation[] {
  const column = { name: 'x', tests: [entry], ...(type === undefined ? {} : { data_type: type }) }
  return importDbtSchema({ models: [{ name: 'm', columns: [column] }] }).contracts[0]?.contract.expectations ?? []
}

describe('limits', () => {
  const limits = (config: JsonValue): unknown => {
    const [check] = checksOf({ not_null: { config } })
    return [check?.severity, check?.fail?.count, check?.warn?.count]
  }
  test('an error comes before a warning, as in dbt', () => {
    expect(limits({})).toEqual(['critical', undefined, undefined])
    expect(limits({ severity: 'warn' })).toEqual(['warning', undefined, undefined])
    // Up to ten are a warning, because warn_if is != 0.
    expect(limits({ error_if: '>10' })).toEqual(['critical', 10, 0])
    expect(limits({ error_if: '>= 100', warn_if: '>10' })).toEqual(['critical', 99, 10])
    expect(limits({ severity: 'warn', warn_if: '>10', error_if: '>20' })).toEqual(['warning', 10, undefined])
    // Any failure is an error already.
    expect(limits({ warn_if: '>10' })).toEqual(['critical', undefined, undefined])
  })
  test('limits that are none are listed, and a check of a table has none', () => {
    const model = (tests: JsonValue): readonly string[] =>
      (importDbtSchema({ models: [{ name: 'm', tests: [tests] }] }).contracts[0]?.notes ?? []).map((note) => note.kind)
    expect(
      model({ 'dbt_expectations.expect_table_row_count_to_equal': { value: 1, config: { error_if: '>5' } } }),
    ).toEqual(['dropped'])
    expect(model({ not_null: { column_name: 'x', config: { error_if: '= 5' } } })).toEqual(['dropped'])
  })
})

describe('arguments', () => {
  test('values are texts for a text column and numbers for a column of numbers', () => {
    const set = (type: string | undefined, args: JsonValue): unknown =>
      checksOf({ accepted_values: args }, type)[0]?.kwargs['value_set']
    expect(set('varchar', { values: [1, 'a'] })).toEqual(['1', 'a'])
    expect(set('bigint', { values: ['1', 2] })).toEqual([1, 2])
    expect(set(undefined, { values: ['1', 2] })).toEqual(['1', 2])
    expect(set(undefined, { values: ["'it''s'", '3'], quote: false })).toEqual(["it's", 3])
  })
  test('a list of patterns that must not match needs match_on: all', () => {
    const type = 'dbt_expectations.expect_column_values_to_not_match_regex_list'
    expect(checksOf({ [type]: { regex_list: ['a', 'b'] } })).toEqual([])
    expect(checksOf({ [type]: { regex_list: ['a', 'b'], match_on: 'all', flags: 'i' } })[0]?.kwargs).toEqual({
      column: 'x',
      regex_list: ['(?i)a', '(?i)b'],
    })
  })
  test('increasing without a sort column asks that nothing repeats', () => {
    const type = 'dbt_expectations.expect_column_values_to_be_increasing'
    expect(checksOf(type)[0]?.type).toBe('expect_column_values_to_be_unique')
    expect(checksOf({ [type]: { sort_column: 'y' } })).toEqual([])
  })
  test('conditions are joined', () => {
    const [check] = checksOf({
      'dbt_expectations.expect_column_values_to_be_null': { row_condition: 'a = 1 or b = 2', config: { where: 'c' } },
    })
    expect(check?.kwargs['row_condition']).toBe('(c) AND (a = 1 or b = 2)')
  })
  test('a column with quotes in its name stays a name in SQL', () => {
    const column = { name: 'x"; DROP TABLE y', tests: [{ 'dbt_utils.expression_is_true': { expression: '> 0' } }] }
    const { contracts } = importDbtSchema({ models: [{ name: 'm', columns: [column] }] })
    expect(contracts[0]?.contract.expectations[0]?.kwargs['unexpected_rows_query']).toBe(
      'SELECT * FROM {batch} WHERE NOT ("x""; DROP TABLE y" > 0)',
    )
  })
  test('an argument that nobody knows drops the test', () => {
    expect(checksOf({ not_null: { group_by_columns: ['a'] } })).toEqual([])
    expect(checksOf({ constructor: {} })).toEqual([])
    expect(checksOf({ 'dbt_expectations.toString': {} })).toEqual([])
    expect(Object.keys(EXPECTATION_TESTS).length).toBeGreaterThan(50)
  })
})

test('versions have their own columns', () => {
  const { contracts } = importDbtSchema({
    models: [
      {
        name: 'm',
        columns: [
          { name: 'a', data_type: 'int', tests: ['unique'] },
          { name: 'b', data_type: 'text' },
        ],
        versions: [
          { v: 1 },
          {
            v: 2,
            columns: [
              { include: 'all', exclude: ['b'] },
              { name: 'c', data_type: 'date' },
            ],
          },
        ],
      },
    ],
  })
  expect(
    contracts.map(({ contract }) => [contract.contract, contract.version, Object.keys(contract.schema.columns)]),
  ).toEqual([
    ['m_v1', 1, ['a', 'b']],
    ['m_v2', 2, ['a', 'c']],
  ])
})

test('what is written to dbt is read as the same checks', () => {
  const [calls] = importDbtSchema(fixture('schema.yml')).contracts
  if (calls === undefined) throw new Error('no contract')
  const { schema, notes } = writeDbtSchema(calls.contract)
  const back = importDbtSchema(schema).contracts[0]?.contract
  const plain = (items: readonly Expectation[] = []): readonly Expectation[] =>
    items.map((item) => ({ ...item, meta: undefined }))
  expect(notes).toEqual([])
  expect(back?.expectations).toHaveLength(calls.contract.expectations.length)
  expect(plain(back?.expectations)).toEqual(expect.arrayContaining([...plain(calls.contract.expectations)]))
  expect(back?.schema).toEqual(calls.contract.schema)
})

test('what dbt cannot say is listed when it is written', () => {
  const { notes } = writeDbtSchema({
    contract: 'c',
    version: 1,
    schema: { columns: { a: { type: 'INTEGER', sensitive: 'mask' } } },
    expectations: [{ type: 'expect_column_kl_divergence_to_be_less_than', kwargs: { column: 'a', threshold: 1 } }],
    gate: { threshold: 1 },
  })
  expect(notes.map((note) => note.path)).toEqual(['expectations[0]', 'schema.columns.a', 'gate'])
})

test.each([
  [null],
  [{ version: 2 }],
  [{ models: {} }],
  [{ models: [{ columns: [] }] }],
  [{ models: [{ name: 'm', columns: 'x' }] }],
  [{ sources: [{ name: 's', tables: [1] }] }],
  [{ models: [{ name: 'm', versions: [{}] }] }],
] as const)('%j is no schema file', (json) => {
  expect(() => importDbtSchema(json as JsonValue)).toThrow(expect.objectContaining({ code: 'CHECK_FORMAT' }) as Error)
})

test.each([
  [{ mostly: 0.9, min_value: 1 }, undefined, ': no test there can say mostly'],
  [{ min_value: 1 }, 'info', ': no test there can say severity info'],
  [{ mostly: 0.9, min_value: 1 }, 'info', ': no test there can say severity info and mostly'],
] as const)('an export says why there is no test: %j %s', (kwargs, severity, why) => {
  const rule = { type: 'expect_column_values_to_be_between', kwargs: { column: 'a', ...kwargs }, severity }
  const { notes } = writeDbtSchema({ contract: 'c', version: 1, schema: { columns: {} }, expectations: [rule] })
  expect(notes.map(({ message }) => message)).toEqual([
    `expect_column_values_to_be_between has no test in dbt, dbt_utils or dbt-expectations that says the same${why}`,
  ])
})
