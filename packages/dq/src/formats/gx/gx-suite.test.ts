import type { Contract, JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixture, harbour, verdicts } from '../../testing/harbour.ts'
import { importGxSuite } from './gx-contract.ts'
import { readGxSuite } from './read-gx-suite.ts'
import { writeGxSuite } from './write-gx-suite.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(async () => {
  await session.close()
})

test('a suite of 0.18 runs with its parameters', async () => {
  const { contract } = importGxSuite(fixture('suite-0.18.json'))
  expect(await verdicts(session, contract, harbour(session), { parameters: { most: 100 } })).toEqual({
    'table:row_count': 'passed',
    'tons:between': 'passed 1',
    'ship:not_null': 'failed 1',
    'flag:in_set': 'failed 1',
  })
})

test('a suite of 1.x runs', async () => {
  const { contract } = importGxSuite(fixture('suite-1.json'))
  expect(await verdicts(session, contract, harbour(session))).toEqual({
    'id:unique': 'passed 0',
    'flag:length': 'passed 0',
    'ship:matches': 'failed 1',
  })
})

test.each([
  ['suite-0.18.json', '0.18'],
  ['suite-1.json', '1.x'],
] as const)('%s comes back from a contract as it was', (name, generation) => {
  const { contract } = importGxSuite(fixture(name))
  const { suite } = writeGxSuite(contract, generation)
  expect(withoutOurs(suite)).toEqual(withoutEmpty(fixture(name)))
})

test('a suite of 0.18 written as 1.x has the keys of 1.x, and its own come back', () => {
  const { contract } = importGxSuite(fixture('suite-0.18.json'))
  const later = writeGxSuite(contract, '1.x').suite
  expect(later).toMatchObject({ name: 'harbour.warning', suite_parameters: { most: 100 } })
  expect(JSON.stringify(withoutOurs(later))).not.toMatch(/expectation_type|evaluation_parameters|ge_cloud_id/)
  const again = importGxSuite(later).contract
  expect(withoutOurs(writeGxSuite(again, '0.18').suite)).toEqual(withoutEmpty(fixture('suite-0.18.json')))
})

const FULL: Contract = {
  contract: 'calls',
  version: 3,
  description: 'Calls of ships.',
  file: { name: '*.parquet' },
  schema: {
    columns: {
      id: { type: 'BIGINT', nullable: false },
      'na"me': { type: 'VARCHAR', sensitive: 'hash' },
      late: { type: 'DATE', required: false },
    },
  },
  expectations: [
    { type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' }, id: 'key', severity: 'info' },
    { type: 'expect_row_values_to_have_recent_data', kwargs: { column: 'late', max_age: '2d' } },
    {
      type: 'expect_column_values_to_be_in_set',
      kwargs: { column: 'na"me', value_set: ['a'] },
      fail: { fraction: 0.1, count: 3 },
      warn: { count: 1 },
      severity: 'warning',
      meta: { owner: 'quay', gx: { notes: 'x' } },
    },
    { type: 'expect_table_row_count_to_equal', kwargs: { value: 3 } },
  ],
  gate: { threshold: 90, on_fail: 'split' },
  meta: { dbt: { resource_type: 'seed' } },
}

test.each(['0.18', '1.x'] as const)('a contract comes back from a suite of %s', (generation) => {
  const { suite } = writeGxSuite(FULL, generation)
  expect(importGxSuite(JSON.parse(JSON.stringify(suite)) as JsonValue).contract).toEqual(FULL)
})

test('the schema is asked for by expectations, and what a suite cannot say is noted', () => {
  const { suite, notes } = writeGxSuite(FULL, '0.18')
  expect(
    readGxSuite(suite)
      .suite.expectations.slice(0, 5)
      .map(({ type, kwargs }) => [type, kwargs['column']]),
  ).toEqual([
    ['expect_column_to_exist', 'id'],
    ['expect_column_values_to_be_of_type', 'id'],
    ['expect_column_values_to_not_be_null', 'id'],
    ['expect_column_to_exist', 'na"me'],
    ['expect_column_values_to_be_of_type', 'na"me'],
  ])
  expect(new Set(notes.map((note) => note.path))).toEqual(
    new Set([
      'schema.columns.id.type',
      'schema.columns.na"me.type',
      'schema.columns.na"me.sensitive',
      'schema.columns.late',
      'expectations[0].severity',
      'expectations[0].id',
      'expectations[1]',
      'expectations[2].severity',
      'expectations[2].warn',
      'expectations[2].fail',
      'description',
      'file',
      'gate',
      'meta',
    ]),
  )
  // A limit of a tenth is nine tenths of success.
  expect(JSON.stringify(suite)).toContain('"mostly":0.9')
})

test('checks that a generation does not have stay out of its list', () => {
  const contract: Contract = {
    contract: 'c',
    version: 1,
    schema: { columns: {} },
    expectations: [{ type: 'expect_multicolumn_values_to_be_equal', kwargs: { column_list: ['a', 'b'] } }],
  }
  expect(writeGxSuite(contract, '1.x').suite).toMatchObject({ expectations: [{ kwargs: { column_list: ['a', 'b'] } }] })
  expect(writeGxSuite(contract, '0.18').suite).toMatchObject({ expectations: [] })
})

test('an unknown type and a wrong argument are noted; they answer with an error', () => {
  const { notes } = importGxSuite({
    name: 's',
    expectations: [
      { type: 'expect_the_moon', kwargs: {} },
      { type: 'expect_column_values_to_be_unique', kwargs: { colum: 'a' } },
    ],
  })
  expect(notes.map((note) => note.path)).toEqual(['expectations[0]', 'expectations[1]', 'expectations[1]'])
})

test("somebody else's gx in the meta keeps its place", () => {
  const json = { name: 's', expectations: [{ type: 't', kwargs: {}, id: 'i', meta: { gx: [1] } }] }
  const { contract } = importGxSuite(json)
  expect(withoutOurs(writeGxSuite({ ...contract, expectations: contract.expectations }, '1.x').suite)).toMatchObject({
    expectations: [],
  })
  expect(contract.expectations[0]?.meta).toEqual({ gx: { id: 'i', meta: { gx: [1] } } })
})

test.each([
  [null, 'a suite is'],
  [[], 'a suite is'],
  [{ name: 's' }, 'expectations'],
  [{ name: 's', expectations: [1] }, 'expectations\\[0\\]'],
  [{ name: 's', expectations: [{ kwargs: {} }] }, 'no type'],
  [{ name: 's', expectations: [{ type: 't', kwargs: [] }] }, 'kwargs'],
] as const)('%j is no suite', (json, message) => {
  expect(() => readGxSuite(json as JsonValue)).toThrow(
    expect.objectContaining({ code: 'CHECK_FORMAT', message: expect.stringMatching(message) as string }) as Error,
  )
})

/** The suite as it was: without what is null and empty, and without our part of the meta. */
function withoutOurs(suite: JsonValue): JsonValue {
  return withoutEmpty(
    JSON.parse(JSON.stringify(suite), (key, value: unknown) => (key === 'tidegate' ? undefined : value)) as JsonValue,
  )
}

function withoutEmpty(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value), (_, item: unknown) =>
    item === null || (typeof item === 'object' && !Array.isArray(item) && Object.keys(item as object).length === 0)
      ? undefined
      : item,
  ) as JsonValue
}

test.each(['0.18', '1.x'] as const)('parameters of a %s suite are those of the contract, and go back', (generation) => {
  const contract = {
    contract: 'c',
    version: 1,
    schema: { columns: {} },
    parameters: { most: 100, codes: ['a', null], __proto__x: "it's" },
    expectations: [],
  }
  const { suite } = writeGxSuite(contract, generation)
  expect(suite).toMatchObject({
    [generation === '0.18' ? 'evaluation_parameters' : 'suite_parameters']: contract.parameters,
  })
  expect(importGxSuite(suite).contract).toEqual(contract)
})
