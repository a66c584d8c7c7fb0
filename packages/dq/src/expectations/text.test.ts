import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'
import { openValueTester } from '../value-tests/open-value-tester.ts'
import type { ValueTester } from '../value-tests/value-test.ts'

let session: Session
let tester: ValueTester
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
  tester = openValueTester({ timeLimitMs: 2000 })
})
afterAll(async () => {
  await tester.close()
  await session.close()
})

async function ask(
  type: string,
  cells: readonly string[],
  expectations: readonly (readonly [string, Record<string, JsonValue>])[],
): Promise<readonly CheckResult[]> {
  const relation = literalRelation(session, { x: type }, { f: cells.map((cell) => [cell]) })
  const contract = contractOf(
    { x: type },
    expectations.map(([name, kwargs]) => [`expect_column_values_to_${name}`, { column: 'x', ...kwargs }]),
  )
  return (await evaluateAll(session, contract, relation, { tester })).get('f') ?? []
}

type Case = readonly [
  expectation: string,
  kwargs: Record<string, JsonValue>,
  cells: readonly string[],
  outcome: 'passed' | 'failed',
  /** unexpected, missing */
  counts: readonly [number, number],
  type?: string,
]

const WORDS = ["'foo'", "'foobar'", "'bar'", "'foo'", 'NULL']
const DAYS = ["'2024-02-29'", "'2023-02-29'", "'2024-2-9'", "'2024-02-29'", 'NULL', "''"]
const DOCUMENTS = [`'{"a": 1}'`, `'{"a": "1"}'`, "'{}'", "'[1,'", "'NaN'", 'NULL']
const AN_INTEGER = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }

/** Worked out by hand from Great Expectations' rules and from what Python's modules do. */
const CASES: readonly Case[] = [
  ['match_regex', { regex: 'o+b' }, WORDS, 'failed', [3, 1]],
  ['match_regex', { regex: '^f', mostly: 0.75 }, WORDS, 'passed', [1, 1]],
  ['match_regex', { regex: '^f', mostly: 0.76 }, WORDS, 'failed', [1, 1]],
  ['match_regex', { regex: 'foo$' }, ["'foo' || chr(10)", "'foo' || chr(10) || chr(10)"], 'failed', [1, 0]],
  ['match_regex', { regex: '^foo(?!bar)' }, WORDS, 'failed', [2, 1]],
  ['match_regex', { regex: '(o)\\1' }, WORDS, 'failed', [1, 1]],
  ['match_regex', { regex: '^\\d+$' }, ['1', '22', 'NULL'], 'passed', [0, 1], 'INTEGER'],
  ['match_regex', { regex: '^2024-' }, ["'2024-01-31'", "'2023-01-31'"], 'failed', [1, 0], 'DATE'],
  ['match_regex', { regex: '\\.5$' }, ['1.5', '2'], 'failed', [1, 0], 'DECIMAL(4,1)'],
  ['match_regex', { regex: '(?<=b)a' }, ["'ba'", "'ab'", "'ab'"], 'failed', [2, 0], "ENUM('ba', 'ab')"],
  ['match_regex', { regex: 'x' }, [], 'passed', [0, 0]],
  ['match_regex', { regex: '(?=x)' }, [], 'passed', [0, 0]],
  ['match_regex', { regex: '(?=x)' }, ['NULL', 'NULL'], 'passed', [0, 2]],
  ['match_regex', { regex: "'; DROP TABLE t; --" }, ["'a'"], 'failed', [1, 0]],
  ['not_match_regex', { regex: 'o' }, WORDS, 'failed', [3, 1]],
  ['not_match_regex', { regex: 'o(?=b)' }, WORDS, 'failed', [1, 1]],
  ['not_match_regex', { regex: 'z' }, WORDS, 'passed', [0, 1]],
  ['not_match_regex', { regex: 'o', mostly: 0.25 }, WORDS, 'passed', [3, 1]],
  ['match_regex_list', { regex_list: ['^f', 'r$'] }, WORDS, 'passed', [0, 1]],
  ['match_regex_list', { regex_list: ['^f', 'r$'], match_on: 'any' }, WORDS, 'passed', [0, 1]],
  ['match_regex_list', { regex_list: ['^f', 'r$'], match_on: 'all' }, WORDS, 'failed', [3, 1]],
  ['match_regex_list', { regex_list: ['^f', '(?<=a)r$'], match_on: 'all', mostly: 0.25 }, WORDS, 'passed', [3, 1]],
  ['match_regex_list', { regex_list: ['^x'] }, WORDS, 'failed', [4, 1]],
  ['not_match_regex_list', { regex_list: ['^f', 'r$'] }, WORDS, 'failed', [4, 1]],
  ['not_match_regex_list', { regex_list: ['^x', '^ba'] }, WORDS, 'failed', [1, 1]],
  ['not_match_regex_list', { regex_list: ['^x', '^y(?!z)'] }, WORDS, 'passed', [0, 1]],
  ['match_like_pattern', { like_pattern: 'foo%' }, WORDS, 'failed', [1, 1]],
  ['match_like_pattern', { like_pattern: 'FOO%' }, WORDS, 'failed', [4, 1]],
  ['match_like_pattern', { like_pattern: '___' }, WORDS, 'failed', [1, 1]],
  ['match_like_pattern', { like_pattern: '100\\%' }, ["'100%'", "'100\\x'"], 'failed', [1, 0]],
  ['match_like_pattern', { like_pattern: '100\\%', escape: '\\' }, ["'100%'", "'100\\x'"], 'failed', [1, 0]],
  ['match_like_pattern', { like_pattern: '1!%_!!%', escape: '!' }, ["'1%a!'", "'1%a!b'", "'1ab!'"], 'failed', [1, 0]],
  ['not_match_like_pattern', { like_pattern: '%b%' }, WORDS, 'failed', [2, 1]],
  ['match_like_pattern_list', { like_pattern_list: ['f%', '%r'] }, WORDS, 'passed', [0, 1]],
  ['match_like_pattern_list', { like_pattern_list: ['f%', '%r'], match_on: 'all' }, WORDS, 'failed', [3, 1]],
  ['not_match_like_pattern_list', { like_pattern_list: ['x%', '%ar'] }, WORDS, 'failed', [2, 1]],
  ['not_match_like_pattern_list', { like_pattern_list: ['x%'] }, WORDS, 'passed', [0, 1]],
  ['match_strftime_format', { strftime_format: '%Y-%m-%d' }, DAYS, 'failed', [2, 1]],
  ['match_strftime_format', { strftime_format: '%Y-%m-%d', mostly: 0.6 }, DAYS, 'passed', [2, 1]],
  ['match_strftime_format', { strftime_format: '%d' }, [], 'passed', [0, 0]],
  [
    'be_dateutil_parseable',
    {},
    ["'5 Jan 2024'", "'2024-01-05T10:00Z'", "'soon'", "'99/99/99'", 'NULL'],
    'failed',
    [2, 1],
  ],
  ['be_dateutil_parseable', { mostly: 0.5 }, ["'1'", "'soon'"], 'passed', [1, 0]],
  ['be_dateutil_parseable', {}, ['NULL'], 'passed', [0, 1]],
  ['be_json_parseable', {}, DOCUMENTS, 'failed', [1, 1]],
  ['be_json_parseable', { mostly: 0.8 }, DOCUMENTS, 'passed', [1, 1]],
  ['be_json_parseable', {}, [`'{"a": 1}'`, "'2'", 'NULL'], 'passed', [0, 1], 'JSON'],
  ['match_json_schema', { json_schema: AN_INTEGER }, DOCUMENTS, 'failed', [4, 1]],
  ['match_json_schema', { json_schema: AN_INTEGER, mostly: 0.2 }, DOCUMENTS, 'passed', [4, 1]],
  ['match_json_schema', { json_schema: AN_INTEGER }, [`'{"a": 1}'`, `'{"a": null}'`], 'failed', [1, 0], 'JSON'],
  ['match_json_schema', { json_schema: {} }, [], 'passed', [0, 0]],
]

const NAMED = CASES.map(([name, kwargs, cells, outcome, [unexpected, missing], type = 'VARCHAR']) => {
  return { name, kwargs, cells, outcome, unexpected, missing, type }
})

test.each(NAMED)('$name $kwargs', async ({ name, kwargs, cells, outcome, unexpected, missing, type }) => {
  expect(await ask(type, cells, [[name, kwargs]])).toMatchObject([
    {
      outcome,
      dimension: 'validity',
      rowLevel: true,
      elementCount: cells.length,
      unexpectedCount: unexpected,
      missingCount: missing,
    },
  ])
})

describe('what cannot be answered is an error and no pass', () => {
  test.each(
    asObjects([
      ['match_regex', { regex: 'a**' }, 'CHECK_REGEX', 'multiple repeat at position 2'],
      ['match_regex', { regex: '(?:(a)|b)(?(1)c|d)' }, 'CHECK_REGEX', 'may not have taken part'],
      ['match_regex_list', { regex_list: ['a', '['] }, 'CHECK_REGEX', 'unterminated character set at position 0'],
      ['match_regex_list', { regex_list: [] }, 'CHECK_KWARG', 'holds no pattern'],
      ['match_regex_list', { regex_list: ['a'], match_on: 'some' }, 'CHECK_KWARG', 'one of any, all'],
      ['not_match_regex_list', { regex_list: [] }, 'CHECK_KWARG', 'holds no pattern'],
      ['match_like_pattern_list', { like_pattern_list: [] }, 'CHECK_KWARG', 'holds no pattern'],
      ['match_like_pattern', { like_pattern: 'a', escape: 'ab' }, 'CHECK_KWARG', 'one character'],
      ['match_like_pattern', { like_pattern: 'a!', escape: '!' }, 'CHECK_KWARG', 'ends in its escape'],
      ['match_strftime_format', { strftime_format: '%Q' }, 'CHECK_KWARG', 'bad directive'],
      ['match_strftime_format', { strftime_format: '%Y' }, 'CHECK_TYPE', 'x is DATE', 'DATE'],
      ['be_dateutil_parseable', {}, 'CHECK_TYPE', 'x is INTEGER', 'INTEGER'],
      ['be_json_parseable', {}, 'CHECK_TYPE', 'x is STRUCT', 'STRUCT(a INTEGER)'],
      ['be_json_parseable', {}, 'CHECK_TYPE', 'x is BIGINT', 'BIGINT'],
      ['match_json_schema', { json_schema: { type: 'nope' } }, 'CHECK_VALUE_TEST', 'schema is invalid'],
      ['match_json_schema', { json_schema: 'x' }, 'CHECK_KWARG', 'a map'],
    ]),
  )('$name $kwargs is $code', async ({ name, kwargs, code, message, type }) => {
    const cell = type === 'VARCHAR' ? "'a'" : 'NULL'
    expect(await ask(type, [cell], [[name, kwargs]])).toMatchObject([
      { outcome: 'error', error: { code, message: expect.stringContaining(message) } },
    ])
  })

  test('a pattern that backtracks for ever runs into the time limit, and the others still answer', async () => {
    const cells = [`repeat('a', 40) || '!'`, "'b'"]
    const results = await ask('VARCHAR', cells, [
      ['match_regex', { regex: '^(?=(a+)+$)' }],
      ['match_regex', { regex: '^(a+)+$' }],
      ['match_regex', { regex: '^(?=b)' }],
    ])
    expect(results).toMatchObject([
      { outcome: 'error', error: { code: 'CHECK_TIMEOUT' } },
      { outcome: 'failed', unexpectedCount: 2 },
      { outcome: 'failed', unexpectedCount: 1 },
    ])
  })
})

type ErrorCase = readonly [
  name: string,
  kwargs: Record<string, JsonValue>,
  code: string,
  message: string,
  type?: string,
]

interface NamedError extends Record<'name' | 'code' | 'message' | 'type', string> {
  readonly kwargs: Record<string, JsonValue>
}

function asObjects(cases: readonly ErrorCase[]): readonly NamedError[] {
  return cases.map(([name, kwargs, code, message, type = 'VARCHAR']) => ({ name, kwargs, code, message, type }))
}

test('unexpected values are shown, whoever found them', async () => {
  const results = await ask('VARCHAR', WORDS, [
    ['match_regex', { regex: '^foo' }],
    ['match_regex', { regex: '^foo(?!bar)' }],
  ])
  expect(results.map((result) => result.partialUnexpected)).toEqual([['bar'], ['foobar', 'bar']])
})
