import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineExpectation } from './define-expectation.ts'
import type { ExpectationDefinition } from './expectations/definition.ts'
import { compare } from './expression/expression.ts'
import type { GxExpectationResult } from './results/gx-types.ts'
import { validate } from './validate/validate.ts'

const ROWS = [
  { id: 1, iban: 'DE00', low: 1, high: 2 },
  { id: 2, iban: null, low: 5, high: 3 },
  { id: 3, iban: 'FR0', low: null, high: null },
  { id: 4, iban: "O'", low: 4, high: null },
]
let session: Session
let folder: string
beforeAll(async () => {
  session = await openDuckDB()
  folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
})
afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(
  definition: ExpectationDefinition,
  kwargs: Readonly<Record<string, JsonValue>>,
): Promise<GxExpectationResult> {
  const suite = [{ type: definition.type, kwargs }]
  const { results } = await validate(session, { rows: ROWS }, suite, {
    plugins: [definition],
    resultFormat: 'COMPLETE',
  })
  const [result] = results
  if (result === undefined) throw new Error('no result')
  return result
}

test('a condition in SQL: columns are quoted, arguments are literals, nulls are not considered', async () => {
  const definition = defineExpectation({
    type: 'expect_column_values_to_begin_with',
    kwargs: { prefix: { type: 'text', required: true } },
    holds: ({ columns: [value], kwargs, sql }) => sql`starts_with(${value ?? null}, ${kwargs['prefix'] ?? ''})`,
  })
  const result = await run(definition, { column: 'iban', prefix: 'DE' })
  expect(result.result).toMatchObject({
    element_count: 4,
    missing_count: 1,
    unexpected_count: 2,
    unexpected_list: ['FR0', "O'"],
    unexpected_index_list: [2, 3],
  })
  expect(result.meta.tidegate.id).toBe('iban:begin_with')
  expect((await run(definition, { column: 'iban', prefix: "O'" })).result).toMatchObject({ unexpected_count: 2 })
  expect((await run(definition, { column: 'iban' })).meta.tidegate.code).toBe('CHECK_KWARG')
  expect((await run(definition, { column: 'ibn', prefix: '' })).meta.tidegate.code).toBe('CHECK_COLUMN_MISSING')
})

test('a condition over several columns; where it is NULL the row is unexpected', async () => {
  const definition = defineExpectation({
    type: 'expect_low_below_high',
    over: 'columns',
    dimension: 'consistency',
    holds: ({ columns: [low, high] }) =>
      compare(low ?? { op: 'literal', value: null }, '<', high ?? { op: 'literal', value: null }),
  })
  const result = await run(definition, { column_list: ['low', 'high'] })
  expect(result.result).toMatchObject({
    element_count: 4,
    missing_count: 1,
    unexpected_count: 2,
    unexpected_list: [
      { low: 5, high: 3 },
      { low: 4, high: null },
    ],
  })
  expect(result.meta.tidegate.dimension).toBe('consistency')
})

test('a test in JavaScript, exported by a module', async () => {
  const file = path.join(folder, 'plugin.mjs')
  writeFileSync(file, 'export function isLong(text, kwargs) { return text.length >= kwargs.length }')
  const definition = defineExpectation({
    type: 'expect_column_values_to_be_long',
    kwargs: { length: { type: 'integer', required: true } },
    module: pathToFileURL(file).href,
    export: 'isLong',
  })
  const result = await run(definition, { column: 'iban', length: 3 })
  expect(result.result).toMatchObject({ unexpected_count: 1, missing_count: 1, unexpected_list: ["O'"] })
  const gone = defineExpectation({ type: 'expect_gone', module: `${pathToFileURL(folder).href}/none.mjs` })
  expect(await run(gone, { column: 'iban' })).toMatchObject({
    success: false,
    exception_info: { raised_exception: true },
  })
})

test('a row rule of a plug-in is found by the rest of the engine: mostly, row_condition', async () => {
  const definition = defineExpectation({
    type: 'expect_column_values_to_be_small',
    holds: ({ columns: [value], sql }) => sql`${value ?? null} < 3`,
  })
  expect((await run(definition, { column: 'id', mostly: 0.5 })).success).toBe(true)
  expect((await run(definition, { column: 'id', mostly: 0.51 })).success).toBe(false)
  const some = await run(definition, {
    column: 'id',
    row_condition: 'col("id") <= 3',
    condition_parser: 'great_expectations',
  })
  expect(some.result).toMatchObject({ element_count: 3, unexpected_count: 1 })
})

test.each([
  ['no name', { type: '', holds: () => compare({ op: 'group-size' }, '=', { op: 'group-size' }) }],
  ['nothing to check by', { type: 'expect_nothing' }],
])('%s: CHECK_PLUGIN', (_, given) => {
  expect(() => defineExpectation(given as never)).toThrow(expect.objectContaining({ code: 'CHECK_PLUGIN' }))
})

test('the name of a built-in expectation is taken', async () => {
  const definition = defineExpectation({ type: 'expect_column_values_to_be_unique', module: 'x' })
  await expect(run(definition, { column: 'id' })).rejects.toMatchObject({ code: 'CHECK_PLUGIN' })
})
