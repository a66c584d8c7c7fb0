import type { JsonValue } from '@tidegate/core'
import { expect, test } from 'vitest'
import { importDbtSchema } from './dbt/import-dbt-schema.ts'
import { importGxSuite } from './gx/gx-contract.ts'
import { writeGxSuite } from './gx/write-gx-suite.ts'
import { importOdcs } from './odcs/import-odcs.ts'
import { writeOdcs } from './odcs/write-odcs.ts'
import { duckdbTypeName } from './type-names.ts'

const NAMES = ['a"b', "'; DROP TABLE x; --", 'line\nbreak', '__proto__', 'constructor', '😀', ' ']

test('columns of any name come through every format', () => {
  const columns = NAMES.map((name) => ({
    name,
    data_type: 'text',
    tests: ['unique', { accepted_values: { values: ["'"] } }],
  }))
  const [found] = importDbtSchema({ models: [{ name: '__proto__', columns }] }).contracts
  if (found === undefined) throw new Error('no contract')
  expect(Object.keys(found.contract.schema.columns)).toEqual(NAMES)
  const gx = importGxSuite(JSON.parse(JSON.stringify(writeGxSuite(found.contract, '1.x').suite)) as JsonValue).contract
  expect(gx.expectations).toEqual(found.contract.expectations)
  const [odcs] = importOdcs(JSON.parse(JSON.stringify(writeOdcs(found.contract).document)) as JsonValue).contracts
  expect(Object.keys(odcs?.contract.schema.columns ?? {})).toEqual(NAMES)
  expect(odcs?.contract.expectations).toHaveLength(found.contract.expectations.length)
})

test('a suite of 5,000 checks and a table of 10,000 columns take no time to speak of', () => {
  const expectations = Array.from({ length: 5000 }, (_, index) => ({
    type: 'expect_column_values_to_be_unique',
    kwargs: { column: `c${index}` },
  }))
  expect(importGxSuite({ name: 's', expectations }).contract.expectations).toHaveLength(5000)
  const properties = Array.from({ length: 10_000 }, (_, index) => ({
    name: `c${index}`,
    logicalType: 'integer',
    unique: true,
  }))
  const [found] = importOdcs({
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    schema: [{ name: 't', properties }],
  }).contracts
  expect(found?.contract.expectations).toHaveLength(10_000)
})

test('types that are none are none, however long', () => {
  expect(duckdbTypeName(`a${' '.repeat(100_000)}!`)).toBeUndefined()
  expect(duckdbTypeName('array<'.repeat(50))).toBeUndefined()
  expect(duckdbTypeName("text'; DROP TABLE x")).toBeUndefined()
  expect(duckdbTypeName('decimal(99,1)')).toBe('DOUBLE')
  expect(duckdbTypeName('')).toBeUndefined()
})
