import type { Contract } from '@tidegate/core'
import { expect, test } from 'vitest'
import { contractVersion } from './contract-version.ts'

const USE = { source: 's', dataset: 'd', firstUsedMs: 5, run: 'r' }
const CONTRACT: Contract = {
  contract: 'd',
  version: 3,
  schema: { columns: { id: { type: 'BIGINT', nullable: false }, name: { type: 'VARCHAR', sensitive: 'mask' } } },
  expectations: [
    { type: 'expect_column_values_to_be_between', kwargs: { column: 'id', min_value: 1, max_value: 9 } },
    { type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' }, severity: 'warning', id: 'one id' },
  ],
}

test('a version says what was asked of which column, without the values', () => {
  const version = contractVersion(CONTRACT, USE)
  expect(version).toMatchObject({
    ...USE,
    version: 3,
    columns: [
      { name: 'id', type: 'BIGINT', nullable: false, required: true, sensitive: false },
      { name: 'name', type: 'VARCHAR', nullable: true, required: true, sensitive: true },
    ],
    checks: [
      { id: 'id:between', type: 'expect_column_values_to_be_between', columns: ['id'], severity: 'critical' },
      { id: 'one id', type: 'expect_column_values_to_be_unique', columns: ['id'], severity: 'warning' },
    ],
  })
  expect(version.id).toMatch(/^[0-9a-f]{64}$/)
})

test('the order of keys makes no other version; a changed argument does, and its check shows it', () => {
  const [between, unique] = CONTRACT.expectations
  const moved: Contract = {
    expectations: [
      { kwargs: { max_value: 9, min_value: 1, column: 'id' }, type: 'expect_column_values_to_be_between' },
      ...(unique === undefined ? [] : [unique]),
    ],
    schema: CONTRACT.schema,
    version: 3,
    contract: 'd',
    description: undefined,
  }
  const before = contractVersion(CONTRACT, USE)
  expect(contractVersion(moved, USE)).toEqual(before)
  const changed = contractVersion(
    {
      ...CONTRACT,
      expectations: [
        { type: between?.type ?? '', kwargs: { ...between?.kwargs, max_value: 8 } },
        ...CONTRACT.expectations.slice(1),
      ],
    },
    USE,
  )
  expect(changed.id).not.toBe(before.id)
  expect(changed.checks.map((check, index) => check.digest === before.checks[index]?.digest)).toEqual([false, true])
})
