import type { Contract, JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fixture, harbour, verdicts } from '../../testing/harbour.ts'
import { importOdcs } from './import-odcs.ts'
import { typeOfProperty } from './odcs-types.ts'
import { writeOdcs } from './write-odcs.ts'

const OPTIONS = { parseText: (text: string) => parse(text) as JsonValue }

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(async () => {
  await session.close()
})

function harbourContract(): { readonly contract: Contract; readonly dropped: readonly string[] } {
  const [found] = importOdcs(fixture('contract.odcs.yaml'), OPTIONS).contracts
  if (found === undefined) throw new Error('no contract')
  return {
    contract: found.contract,
    dropped: found.notes.filter((note) => note.kind === 'dropped').map((note) => note.path),
  }
}

test('a contract of the standard runs', async () => {
  const { contract, dropped } = harbourContract()
  const nowMs = Date.UTC(2024, 4, 3, 12)
  expect(await verdicts(session, contract, harbour(session), { nowMs })).toEqual({
    'ship:length_between': 'failed 2',
    'ship:matches': 'failed 1',
    // One unknown flag is allowed, and one NULL in five rows is less than 30 percent.
    'flag:in_set': 'passed 1',
    'flag:not_null': 'passed 1',
    'tons:between': 'failed 1',
    // 80.25 is no multiple of 0.5.
    'table:unexpected_rows': 'failed',
    'id:unique': 'passed 0',
    'table:row_count': 'failed',
    'ship+arrived:unique': 'failed 2',
    'table:unexpected_rows-2': 'passed',
    'table:column_count': 'failed',
    'arrived:recent': 'passed',
  })
  expect(dropped).toEqual(['schema[0].quality[2]', 'schema[0].quality[5]'])
})

test('schema, version and sensitive columns', () => {
  const { contract } = harbourContract()
  expect(contract).toMatchObject({ contract: 'calls', version: 2, description: 'One row per call.' })
  expect(Object.entries(contract.schema.columns)).toEqual([
    ['id', { type: 'BIGINT', nullable: false }],
    ['ship', { type: 'VARCHAR', nullable: false }],
    ['flag', { type: 'VARCHAR' }],
    ['tons', { type: 'DECIMAL(10,2)' }],
    ['captain_phone', { type: 'VARCHAR', sensitive: 'mask' }],
    ['arrived', { type: 'TIMESTAMP' }],
  ])
})

test('it comes back: the same contract, and all that had no effect', () => {
  const { contract } = harbourContract()
  const { document } = writeOdcs(contract)
  expect(importOdcs(document, OPTIONS).contracts[0]?.contract).toEqual(contract)
  const whole = fixture('contract.odcs.yaml') as Record<string, JsonValue>
  const rest = Object.entries(whole).filter(([key]) => key !== 'schema')
  expect(document).toMatchObject(Object.fromEntries(rest))
  expect(JSON.stringify(document)).toContain('Captains are asked twice.')
})

test('a contract of ours comes back from the standard', () => {
  const contract: Contract = {
    contract: 'calls',
    version: 4,
    description: 'Calls.',
    file: { min_bytes: 1 },
    schema: {
      columns: {
        id: { type: 'BIGINT', nullable: false },
        'a "b"': { type: 'STRUCT("x" INTEGER, "y" VARCHAR[])', sensitive: 'drop' },
        at: { type: 'TIMESTAMP WITH TIME ZONE', required: false },
        list: { type: 'VARCHAR[]', sensitive: 'mask' },
      },
    },
    expectations: [
      { type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' } },
      { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'id' }, fail: { fraction: 0.07 } },
      { type: 'expect_column_values_to_match_regex', kwargs: { column: 'other', regex: '^a' }, severity: 'info' },
      {
        type: 'expect_column_values_to_be_in_set',
        kwargs: { column: 'id', value_set: [1] },
        id: 'mine',
        warn: { count: 2 },
      },
      { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1 } },
      { type: 'expect_row_values_to_have_recent_data', kwargs: { column: 'at', max_age: '36h' } },
      { type: 'expect_column_distinct_count_to_equal', kwargs: { column: 'id', value: 2 }, meta: { why: 'x' } },
    ],
    gate: { threshold: 80 },
    meta: { dbt: { a: 1 } },
  }
  const { document } = writeOdcs(contract)
  const back = importOdcs(JSON.parse(JSON.stringify(document)) as JsonValue).contracts[0]?.contract
  expect(back?.expectations).toHaveLength(contract.expectations.length)
  expect(back?.expectations).toEqual(expect.arrayContaining([...contract.expectations]))
  expect({ ...back, expectations: [], meta: undefined }).toEqual({ ...contract, expectations: [], meta: undefined })
  expect(back?.meta?.['dbt']).toEqual({ a: 1 })
})

test('a check that is gone from the contract is gone from the properties', () => {
  const { contract } = harbourContract()
  const without = {
    ...contract,
    expectations: contract.expectations.filter((item) => item.kwargs['regex'] === undefined),
  }
  const back = importOdcs(writeOdcs(without).document, OPTIONS).contracts[0]?.contract
  expect(back?.expectations.some((item) => item.kwargs['regex'] !== undefined)).toBe(false)
  expect(back?.expectations).toHaveLength(contract.expectations.length - 1)
})

describe('library rules', () => {
  const checksOf = (rule: JsonValue): readonly (readonly [string, unknown])[] => {
    const schema = [
      { name: 't', properties: [{ name: 'p', physicalName: 'c', logicalType: 'string', quality: [rule] }] },
    ]
    const { contracts } = importOdcs({ apiVersion: 'v3.0.2', kind: 'DataContract', schema })
    return (contracts[0]?.contract.expectations ?? []).map((item) => [
      item.type.replace(/^expect_(column_values_to_)?/, ''),
      item.fail ?? item.kwargs,
    ])
  }
  test('operators are limits', () => {
    expect(checksOf({ metric: 'nullValues', mustBe: 0 })).toEqual([['not_be_null', { column: 'c' }]])
    expect(checksOf({ rule: 'nullCheck' })).toEqual([['not_be_null', { column: 'c' }]])
    expect(checksOf({ metric: 'nullValues', mustBeLessThan: 10 })).toEqual([['not_be_null', { count: 9 }]])
    expect(checksOf({ metric: 'nullValues', mustBeBetween: [0, 7] })).toEqual([['not_be_null', { count: 7 }]])
    expect(checksOf({ metric: 'nullValues', mustBeLessOrEqualTo: 5, unit: 'percent' })).toEqual([
      ['not_be_null', { fraction: 0.05 }],
    ])
    expect(checksOf({ metric: 'duplicateValues', mustBeLessOrEqualTo: 3 })).toEqual([['be_unique', { count: 3 }]])
  })
  test('an operator that asks for wrong rows has no equivalent', () => {
    expect(checksOf({ metric: 'nullValues', mustBeGreaterThan: 1 })).toEqual([])
    expect(checksOf({ metric: 'nullValues', mustBe: 3 })).toEqual([])
    expect(checksOf({ metric: 'nullValues', mustBeLessThan: 'many' })).toEqual([])
    expect(checksOf({ metric: 'freshness', mustBe: 0 })).toEqual([])
  })
  test('missing and invalid values', () => {
    expect(checksOf({ metric: 'missingValues', arguments: { missingValues: [null, '', 'n/a'] }, mustBe: 0 })).toEqual([
      ['not_be_null', { column: 'c' }],
      ['not_be_in_set', { column: 'c', value_set: ['', 'n/a'] }],
    ])
    expect(checksOf({ metric: 'missingValues', arguments: { missingValues: [null, ''] }, mustBeLessThan: 5 })).toEqual(
      [],
    )
    expect(checksOf({ metric: 'invalidValues', mustBe: 0, arguments: null, pattern: '^a' })).toEqual([
      ['match_regex', { column: 'c', regex: '^a' }],
    ])
  })
  test('a number of rows is a range of whole numbers', () => {
    expect(checksOf({ metric: 'rowCount', mustBeGreaterThan: 10, mustBeLessThan: 20.5 })).toEqual([
      ['table_row_count_to_be_between', { min_value: 11, max_value: 20 }],
    ])
    expect(checksOf({ metric: 'rowCount', mustNotBe: 3 })).toEqual([])
  })
})

test('types: physical before logical, nested ones from their parts', () => {
  expect(typeOfProperty({ logicalType: 'string', physicalType: 'NUMBER(38,2)' })).toBe('DECIMAL(38,2)')
  expect(typeOfProperty({ logicalType: 'integer', logicalTypeOptions: { format: 'u16' } })).toBe('USMALLINT')
  expect(typeOfProperty({ logicalType: 'timestamp', logicalTypeOptions: { timezone: true } })).toBe(
    'TIMESTAMP WITH TIME ZONE',
  )
  expect(typeOfProperty({ physicalType: 'array<struct<a:int,b:array<string>>>' })).toBe(
    'STRUCT("a" INTEGER, "b" VARCHAR[])[]',
  )
  const items = { logicalType: 'object', properties: [{ name: 'x', logicalType: 'date' }] }
  expect(typeOfProperty({ logicalType: 'array', items })).toBe('STRUCT("x" DATE)[]')
  expect(typeOfProperty({ logicalType: 'money', physicalType: 'nothing of ours' })).toBeUndefined()
})

test.each([
  [[]],
  [{ kind: 'DataContract' }],
  [{ apiVersion: 'v2.2.2', kind: 'DataContract' }],
  [{ apiVersion: 'v3.0.0', kind: 'Table' }],
  [{ apiVersion: 'v3.0.0', kind: 'DataContract', schema: {} }],
  [{ apiVersion: 'v3.0.0', kind: 'DataContract', schema: [{}] }],
  [{ apiVersion: 'v3.0.0', kind: 'DataContract', schema: [{ name: 't', properties: [{}] }] }],
] as const)('%j is no contract of the standard', (json) => {
  expect(() => importOdcs(json as JsonValue)).toThrow(expect.objectContaining({ code: 'CHECK_FORMAT' }) as Error)
})
