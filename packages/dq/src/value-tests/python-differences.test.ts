import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Session } from '@tidegate/core'
import { translatePattern, translateToScript } from '../python-regex/translate-pattern.ts'
import { evaluateOne } from '../testing/tables.ts'
import { isDateutilParseable } from './dateutil.ts'
import { prepareJsonSchema } from './json-schema.ts'
import { isJsonParseable } from './python-json.ts'
import { prepareStrptime } from './strptime.ts'

// The rows of docs/python-differences.md that are not shown by the tests of each reader. "Python" is what the row says of it.

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

function accepts(format: string, text: string): boolean {
  const prepared = prepareStrptime(format)
  return prepared.kind === 'format' && prepared.accepts(text)
}

test('a letter of Unicode 16 is one to JavaScript, and not yet to RE2 or to Python 3.11', async () => {
  const script = translateToScript('^\\w$')
  if (script.kind === 'problem') throw new Error(script.message)
  expect(new RegExp(script.source, script.flags).test('\u1c89')).toBe(true)
  const engine = translatePattern('^\\w$')
  if (engine.kind !== 'engine') throw new Error('not for the engine')
  const { dialect } = session
  const found = await session.query(`SELECT ${dialect.regexSearch(dialect.literal('\u1c89'), engine.pattern)}`)
  expect(found.rows).toEqual([[false]])
})

test('the text of a boolean is true or false, that of a timestamp always has its time', async () => {
  const regex = 'expect_column_values_to_match_regex'
  expect(await evaluateOne(session, 'BOOLEAN', ['true', 'NULL'], regex, { regex: '^true$' })).toMatchObject({
    outcome: 'passed',
  })
  const midnight = ["'2024-01-31 00:00:00'"]
  expect(await evaluateOne(session, 'TIMESTAMP', midnight, regex, { regex: '^2024-01-31 00:00:00$' })).toMatchObject({
    outcome: 'passed',
  })
  expect(await evaluateOne(session, 'INTEGER', ['1', 'NULL'], regex, { regex: '^1$' })).toMatchObject({
    outcome: 'passed',
  })
})

test('formats know English names and the zones UTC and GMT', () => {
  expect(accepts('%d %B', '1 march')).toBe(true)
  expect(accepts('%d %B', '1 März')).toBe(false)
  expect(['UTC', 'gmt', 'CET'].map((zone) => accepts('%Z', zone))).toEqual([true, true, false])
})

test('ISO weeks that a year does not have are counted on', () => {
  expect(accepts('%G-W%V-%u', '2021-W53-1')).toBe(true)
  expect(accepts('%G-W%V-%u', '2021-W0-1')).toBe(true)
})

test('dates that leave the month or the year open do not depend on today', () => {
  expect(['31', 'Feb 29', '2/29'].map(isDateutilParseable)).toEqual([true, true, true])
})

test('JSON may nest 990 deep', () => {
  expect(isJsonParseable('['.repeat(990) + ']'.repeat(990))).toBe(true)
  expect(isJsonParseable('['.repeat(991) + ']'.repeat(991))).toBe(false)
})

test('numbers of JSON are doubles to a schema', async () => {
  const fits = await prepareJsonSchema({ maximum: 9_007_199_254_740_992 })
  expect(fits('9007199254740993')).toBe(true)
  const draft4 = await prepareJsonSchema({ $schema: 'http://json-schema.org/draft-04/schema#', type: 'integer' })
  expect(draft4('1.0')).toBe(true)
  const atLeastOne = await prepareJsonSchema({ minimum: 1 })
  expect(atLeastOne('NaN')).toBe(false)
})
