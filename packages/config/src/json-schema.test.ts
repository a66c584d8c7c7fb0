import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configJsonSchema, contractJsonSchema } from './json-schema.ts'

test.each([
  ['tidegate.schema.json', configJsonSchema],
  ['contract.schema.json', contractJsonSchema],
])('schema/%s is up to date', (name, schema) => {
  const committed: unknown = JSON.parse(readFileSync(new URL(`../schema/${name}`, import.meta.url), 'utf8'))
  expect(committed).toEqual(JSON.parse(JSON.stringify(schema())))
})

test('an overlay may name any key and needs none', () => {
  const { environments } = configJsonSchema()['properties'] as { environments: unknown }
  expect(JSON.stringify(environments)).toContain('"on_missing_contract"')
  expect(JSON.stringify(environments)).not.toContain('"required":[')
})
