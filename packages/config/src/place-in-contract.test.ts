import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { placeInContract } from './place-in-contract.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-place-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = path.join(folder, 'orders.yaml')
writeFileSync(
  file,
  `contract: orders
version: 1
schema:
  columns:
    amount: { type: DUBLE }
expectations:
  - type: expect_nothing
    kwargs: { column: amount }
`,
)

test('a value stands where it was written', async () => {
  expect(await placeInContract(file, ['schema', 'columns', 'amount', 'type'])).toMatchObject({
    line: 5,
    column: 21,
    endColumn: 26,
    excerpt: '    amount: { type: DUBLE }',
  })
})

test('an expectation stands at its first line, and what is not there at its nearest ancestor', async () => {
  expect(await placeInContract(file, ['expectations', 0])).toMatchObject({ line: 7, column: 5 })
  expect(await placeInContract(file, ['expectations', 0, 'id'])).toMatchObject({ line: 7, column: 5 })
})

test('a file that is gone, or no YAML, has no places', async () => {
  expect(await placeInContract(path.join(folder, 'gone.yaml'), ['schema'])).toBeUndefined()
})
