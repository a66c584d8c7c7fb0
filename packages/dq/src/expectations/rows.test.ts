import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { evaluateOne } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

type Case = readonly [
  type: string,
  cells: readonly string[],
  expectation: string,
  kwargs: Record<string, JsonValue>,
  outcome: 'passed' | 'failed',
  /** unexpected, missing; elements are the cells. */
  counts: readonly [number, number],
]

const NULLS = ['NULL', 'NULL']

/** Worked out by hand from Great Expectations' rules. */
const CASES: readonly Case[] = [
  // not null: all rows are considered, none is missing
  ['INTEGER', ['1', 'NULL', '3', 'NULL'], 'expect_column_values_to_not_be_null', {}, 'failed', [2, 0]],
  ['INTEGER', ['1', 'NULL', '3', 'NULL'], 'expect_column_values_to_not_be_null', { mostly: 0.5 }, 'passed', [2, 0]],
  ['INTEGER', ['1', 'NULL', '3', 'NULL'], 'expect_column_values_to_not_be_null', { mostly: 0.51 }, 'failed', [2, 0]],
  ['INTEGER', [], 'expect_column_values_to_not_be_null', {}, 'passed', [0, 0]],
  ['DOUBLE', ['1', "'NaN'", 'NULL'], 'expect_column_values_to_not_be_null', {}, 'failed', [2, 0]],
  ['INTEGER[]', ['[1]', 'NULL'], 'expect_column_values_to_not_be_null', {}, 'failed', [1, 0]],
  ['VARCHAR', NULLS, 'expect_column_values_to_be_null', {}, 'passed', [0, 0]],
  ['VARCHAR', ["''", 'NULL'], 'expect_column_values_to_be_null', {}, 'failed', [1, 0]],
  ['FLOAT', ["'NaN'", 'NULL'], 'expect_column_values_to_be_null', {}, 'passed', [0, 0]],
  // between
  [
    'INTEGER',
    ['1', '5', '10'],
    'expect_column_values_to_be_between',
    { min_value: Number.NEGATIVE_INFINITY, max_value: 5 },
    'failed',
    [1, 0],
  ],
  [
    'INTEGER',
    ['1', 'NULL'],
    'expect_column_values_to_be_between',
    { min_value: Number.NEGATIVE_INFINITY, max_value: Number.POSITIVE_INFINITY },
    'passed',
    [0, 1],
  ],
  [
    'INTEGER',
    ['1', '5', '10', 'NULL'],
    'expect_column_values_to_be_between',
    { min_value: 1, max_value: 10 },
    'passed',
    [0, 1],
  ],
  [
    'INTEGER',
    ['1', '5', '10'],
    'expect_column_values_to_be_between',
    { min_value: 1, max_value: 10, strict_min: true },
    'failed',
    [1, 0],
  ],
  [
    'INTEGER',
    ['1', '5', '10'],
    'expect_column_values_to_be_between',
    { min_value: 1, max_value: 10, strict_min: true, strict_max: true },
    'failed',
    [2, 0],
  ],
  ['INTEGER', ['1', '2', '3'], 'expect_column_values_to_be_between', { min_value: 1.5 }, 'failed', [1, 0]],
  [
    'INTEGER',
    ['1', '2', '3'],
    'expect_column_values_to_be_between',
    { max_value: 2.5, strict_max: true },
    'failed',
    [1, 0],
  ],
  [
    'TINYINT',
    ['1', '-128'],
    'expect_column_values_to_be_between',
    { min_value: -1000, max_value: 1000 },
    'passed',
    [0, 0],
  ],
  ['TINYINT', ['1', 'NULL'], 'expect_column_values_to_be_between', { min_value: 1000 }, 'failed', [1, 1]],
  [
    'BIGINT',
    ['9007199254740993', '9007199254740992'],
    'expect_column_values_to_be_between',
    { min_value: '9007199254740993' },
    'failed',
    [1, 0],
  ],
  [
    'HUGEINT',
    ["'170141183460469231731687303715884105727'", "'170141183460469231731687303715884105726'"],
    'expect_column_values_to_be_between',
    { max_value: '170141183460469231731687303715884105726' },
    'failed',
    [1, 0],
  ],
  ['BIGINT', ['1'], 'expect_column_values_to_be_between', { max_value: 1e300 }, 'passed', [0, 0]],
  [
    'DOUBLE',
    ['0.5', "'NaN'", "'Infinity'", 'NULL'],
    'expect_column_values_to_be_between',
    { min_value: 0, max_value: 1 },
    'failed',
    [1, 2],
  ],
  ['DOUBLE', ['0.1::DOUBLE + 0.2::DOUBLE'], 'expect_column_values_to_be_between', { max_value: 0.3 }, 'failed', [1, 0]],
  ['FLOAT', ['0.1'], 'expect_column_values_to_be_between', { min_value: 0.1, max_value: 0.1 }, 'passed', [0, 0]],
  [
    'DECIMAL(18,2)',
    ['1.50', '1.51', 'NULL'],
    'expect_column_values_to_be_between',
    { max_value: 1.505 },
    'failed',
    [1, 1],
  ],
  [
    'DECIMAL(38,10)',
    ['1234567890123456789012345678.0000000001'],
    'expect_column_values_to_be_between',
    { max_value: '1234567890123456789012345678' },
    'failed',
    [1, 0],
  ],
  [
    'DECIMAL(38,10)',
    ['1.5'],
    'expect_column_values_to_be_between',
    { max_value: 1e30, min_value: 1e-20 },
    'passed',
    [0, 0],
  ],
  [
    'VARCHAR',
    ["'a'", "'b'", "'c'", 'NULL'],
    'expect_column_values_to_be_between',
    { min_value: 'b' },
    'failed',
    [1, 1],
  ],
  [
    'DATE',
    ["'2024-01-01'", "'2024-01-02'", 'NULL'],
    'expect_column_values_to_be_between',
    { min_value: '2024-01-02' },
    'failed',
    [1, 1],
  ],
  [
    'DATE',
    ["'2024-01-01'", "'2024-01-02'"],
    'expect_column_values_to_be_between',
    { min_value: '2024-01-01T12:00:00' },
    'failed',
    [1, 0],
  ],
  [
    'DATE',
    ["'2024-01-01'", "'2024-01-02'"],
    'expect_column_values_to_be_between',
    { max_value: '2024-01-01T12:00:00', strict_max: true },
    'failed',
    [1, 0],
  ],
  [
    'TIMESTAMP',
    ["'2024-01-01 00:00:00'", "'2024-01-01 12:00:00.000001'"],
    'expect_column_values_to_be_between',
    { max_value: '2024-01-01T12:00:00' },
    'failed',
    [1, 0],
  ],
  [
    'TIMESTAMP',
    ["'2024-01-01 10:00:00'"],
    'expect_column_values_to_be_between',
    { min_value: '2024-01-01T12:00:00+02:00', max_value: '2024-01-01T10:00:00Z' },
    'passed',
    [0, 0],
  ],
  [
    'TIMESTAMP WITH TIME ZONE',
    ["'2024-01-01 10:00:00+00'"],
    'expect_column_values_to_be_between',
    { min_value: '2024-01-01 10:00', max_value: '2024-01-01T12:00:00+02:00' },
    'passed',
    [0, 0],
  ],
  [
    'TIMESTAMP_NS',
    ["'2024-01-01 10:00:00.000000001'"],
    'expect_column_values_to_be_between',
    { max_value: '2024-01-01 10:00:00' },
    'failed',
    [1, 0],
  ],
  [
    'TIMESTAMP_S',
    ["'2024-01-01 10:00:01'"],
    'expect_column_values_to_be_between',
    { max_value: '2024-01-01 10:00:00.9' },
    'failed',
    [1, 0],
  ],
  [
    'TIME',
    ["'10:00:00'", "'23:00:00'"],
    'expect_column_values_to_be_between',
    { max_value: '12:30' },
    'failed',
    [1, 0],
  ],
  ["ENUM('z', 'a')", ["'z'", "'a'"], 'expect_column_values_to_be_between', { min_value: 'b' }, 'failed', [1, 0]],
  ['INTEGER', NULLS, 'expect_column_values_to_be_between', { min_value: 1 }, 'passed', [0, 2]],
  // The engine counts only NULLs as NULL, not as 0.
  ['DOUBLE', NULLS, 'expect_column_values_to_be_between', { min_value: 1 }, 'passed', [0, 2]],
  // sets
  ['INTEGER', ['1', '2', '3', 'NULL'], 'expect_column_values_to_be_in_set', { value_set: [1, 2.0] }, 'failed', [1, 1]],
  ['FLOAT', ['1'], 'expect_column_values_to_be_in_set', { value_set: [1e300] }, 'failed', [1, 0]],
  ['DOUBLE', ['1e20'], 'expect_column_values_to_be_in_set', { value_set: ['100000000000000000000'] }, 'passed', [0, 0]],
  ['DOUBLE', ['2', "'NaN'"], 'expect_column_values_to_be_in_set', { value_set: [2] }, 'passed', [0, 1]],
  ['FLOAT', ['0.1'], 'expect_column_values_to_be_in_set', { value_set: [0.1] }, 'passed', [0, 0]],
  [
    'DECIMAL(9,2)',
    ['2.00', '2.50', '3'],
    'expect_column_values_to_be_in_set',
    { value_set: [2, 2.5, '3.00'] },
    'passed',
    [0, 0],
  ],
  ['INTEGER', ['2'], 'expect_column_values_to_be_in_set', { value_set: ['2'] }, 'failed', [1, 0]],
  ['VARCHAR', ["'2'"], 'expect_column_values_to_be_in_set', { value_set: [2] }, 'failed', [1, 0]],
  ['VARCHAR', ["'it''s'", "'b'"], 'expect_column_values_to_be_in_set', { value_set: ["it's", null] }, 'failed', [1, 0]],
  ['VARCHAR', ["'a'", 'NULL'], 'expect_column_values_to_be_in_set', { value_set: [] }, 'failed', [1, 1]],
  ['DOUBLE', ['1', "'NaN'"], 'expect_column_values_to_be_in_set', { value_set: [] }, 'failed', [1, 1]],
  ['VARCHAR', ["'a'"], 'expect_column_values_to_be_in_set', { value_set: null }, 'passed', [0, 0]],
  ['BOOLEAN', ['true', 'false'], 'expect_column_values_to_be_in_set', { value_set: [true] }, 'failed', [1, 0]],
  [
    'DATE',
    ["'2024-01-01'", "'2024-01-02'"],
    'expect_column_values_to_be_in_set',
    { value_set: ['2024-01-01', 'soon'] },
    'failed',
    [1, 0],
  ],
  [
    'BIGINT',
    ['9007199254740993'],
    'expect_column_values_to_be_in_set',
    { value_set: ['9007199254740993'] },
    'passed',
    [0, 0],
  ],
  ['VARCHAR', ["'a'", "'b'", 'NULL'], 'expect_column_values_to_not_be_in_set', { value_set: ['a'] }, 'failed', [1, 1]],
  ['VARCHAR', ["'a'"], 'expect_column_values_to_not_be_in_set', { value_set: [] }, 'passed', [0, 0]],
  // lengths: characters, of the text
  [
    'VARCHAR',
    ["'äö'", "'🌊'", "''", 'NULL'],
    'expect_column_value_lengths_to_be_between',
    { min_value: 1, max_value: 2 },
    'failed',
    [1, 1],
  ],
  [
    'VARCHAR',
    ["'ab'", "'abc'"],
    'expect_column_value_lengths_to_be_between',
    { max_value: 3, strict_max: true },
    'failed',
    [1, 0],
  ],
  ['INTEGER', ['10', '-1', '100'], 'expect_column_value_lengths_to_equal', { value: 2 }, 'failed', [1, 0]],
  // patterns: searched, not anchored
  ['VARCHAR', ["'xay'", "'b'", 'NULL'], 'expect_column_values_to_match_regex', { regex: 'a' }, 'failed', [1, 1]],
  ['VARCHAR', ["'xay'", "'b'"], 'expect_column_values_to_match_regex', { regex: '^[a-z]+$' }, 'passed', [0, 0]],
  ['INTEGER', ['123', '45'], 'expect_column_values_to_match_regex', { regex: '^\\d{3}$' }, 'failed', [1, 0]],
  ['VARCHAR', ["'xay'", "'b'", 'NULL'], 'expect_column_values_to_not_match_regex', { regex: "a|'" }, 'failed', [1, 1]],
  // uniqueness: every member of a group counts
  [
    'INTEGER',
    ['1', '1', '2', '3', '3', '3', 'NULL', 'NULL'],
    'expect_column_values_to_be_unique',
    {},
    'failed',
    [5, 2],
  ],
  [
    'INTEGER',
    ['1', '1', '2', '3', '4', 'NULL'],
    'expect_column_values_to_be_unique',
    { mostly: 0.6 },
    'passed',
    [2, 1],
  ],
  ['DOUBLE', ["'NaN'", "'NaN'", '1'], 'expect_column_values_to_be_unique', {}, 'passed', [0, 2]],
  ['VARCHAR', ["'a'", "'A'", "'a '"], 'expect_column_values_to_be_unique', {}, 'passed', [0, 0]],
  ['DATE', ["'2024-01-01'", "'2024-01-01'"], 'expect_column_values_to_be_unique', {}, 'failed', [2, 0]],
  ['INTEGER[]', ['[1]', '[1]', '[2]'], 'expect_column_values_to_be_unique', {}, 'failed', [2, 0]],
  ['INTEGER', [], 'expect_column_values_to_be_unique', {}, 'passed', [0, 0]],
]

test.each(CASES)('%s %j %s %j: %s', async (type, cells, expectation, kwargs, outcome, [unexpected, missing]) => {
  const result = await evaluateOne(session, type, cells, expectation, kwargs)
  const considered = cells.length - missing
  expect(result).toMatchObject({
    outcome,
    elementCount: cells.length,
    missingCount: missing,
    unexpectedCount: unexpected,
    unexpectedPercent: considered === 0 ? null : (100 * unexpected) / considered,
    rowLevel: true,
    provedBy: 'scan',
  })
})

describe('samples', () => {
  test('show unexpected values, 20 at most', async () => {
    const cells = Array.from({ length: 50 }, (_, index) => String(index))
    const result = await evaluateOne(session, 'INTEGER', cells, 'expect_column_values_to_be_between', { max_value: 9 })
    expect(result.unexpectedCount).toBe(40)
    expect(result.partialUnexpected).toHaveLength(20)
    expect(result.partialUnexpected?.every((value) => Number(value) > 9)).toBe(true)
  })

  test('of duplicates show every occurrence', async () => {
    const result = await evaluateOne(session, 'INTEGER', ['7', '7', '8'], 'expect_column_values_to_be_unique', {})
    expect(result.partialUnexpected).toEqual([7, 7])
  })
})
