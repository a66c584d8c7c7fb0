import { expect, test } from 'vitest'
import type { SchemaVersionFact } from '@tidegate/core'
import { schemaChangesSince } from './schema-changes.ts'

function version(firstSeenMs: number, columns: Readonly<Record<string, string>>): SchemaVersionFact {
  const list = Object.entries(columns).map(([name, type]) => ({ name, type }))
  const place = { location: 'l', source: 's', dataset: 'd', id: String(firstSeenMs), seq: firstSeenMs }
  return { ...place, columns: list as unknown as SchemaVersionFact['columns'], firstSeenMs }
}

test('columns that are new, gone or of another type are a change; the same ones and a first schema are none', () => {
  const first = version(1, { id: 'BIGINT', amount: 'DOUBLE' })
  expect(schemaChangesSince([first], 1)).toEqual([])
  expect(schemaChangesSince([first, version(2, { id: 'VARCHAR', city: 'VARCHAR' })], 2)).toEqual([
    { dataset: 'd', added: ['city'], removed: ['amount'], changed: ['id'] },
  ])
  expect(schemaChangesSince([first, version(2, { amount: 'DOUBLE', id: 'BIGINT' })], 2)).toEqual([])
  expect(schemaChangesSince([first, version(2, { id: 'VARCHAR' })], 3)).toEqual([])
})

test('a file of which no column is known is no schema before the first one', () => {
  const first = version(2, { id: 'BIGINT' })
  expect(schemaChangesSince([version(1, {}), first], 2)).toEqual([])
  expect(schemaChangesSince([first, version(3, {})], 3)).toEqual([])
})
