import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { compileContract } from '../compile/compile-contract.ts'
import { contractOf, evaluateOne } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(async () => session.close())

const one = async (
  type: string,
  cells: readonly string[],
  expectation: string,
  kwargs: Record<string, JsonValue> = {},
): Promise<CheckResult> => evaluateOne(session, type, cells, expectation, kwargs)

test('deviations from the mean: as far as the threshold is fine', async () => {
  const type = 'expect_column_values_to_be_within_n_stdevs'
  // Mean 2, deviation 1 for 1, 2, 3.
  expect(await one('INTEGER', ['1', '2', '3', 'NULL'], type, { sigma_threshold: 1 })).toMatchObject({
    unexpectedCount: 0,
  })
  expect(await one('INTEGER', ['1', '2', '3'], type, { sigma_threshold: 0.5 })).toMatchObject({ unexpectedCount: 2 })
  expect(await one('INTEGER', ['5'], type)).toMatchObject({ outcome: 'passed' })
  expect(await one('INTEGER', [], type)).toMatchObject({ outcome: 'passed' })
  expect(await one('VARCHAR', ["'a'"], type)).toMatchObject({ error: { code: 'CHECK_TYPE' } })
  expect(await one('INTEGER', ['1'], type, { sigma_threshold: -1 })).toMatchObject({ error: { code: 'CHECK_KWARG' } })
})

test('casing: two spellings of a word are one too many', async () => {
  const type = 'expect_column_values_to_have_consistent_casing'
  expect(await one('VARCHAR', ["'a'", "'b'", "'a'", 'NULL'], type)).toMatchObject({
    outcome: 'passed',
    observedValue: 0,
  })
  expect(await one('VARCHAR', ["'a'", "'A'", "'Ä'", "'ä'", "'b'"], type)).toMatchObject({
    outcome: 'failed',
    observedValue: 2,
  })
  expect(await one('VARCHAR', [], type)).toMatchObject({ outcome: 'passed' })
  expect(await one('INTEGER', ['1'], type)).toMatchObject({ error: { code: 'CHECK_TYPE' } })
})

test('distinct values, nulls not counted', async () => {
  const cells = ['1', '2', '2', 'NULL']
  const outcome = async (name: string, value: number): Promise<string> =>
    (await one('INTEGER', cells, `expect_column_distinct_count_${name}`, { value })).outcome
  expect(await outcome('to_equal', 2)).toBe('passed')
  expect(await outcome('to_equal', 3)).toBe('failed')
  expect(await outcome('to_be_greater_than', 2)).toBe('failed')
  expect(await outcome('to_be_greater_than', 1)).toBe('passed')
  expect(await outcome('to_be_less_than', 2)).toBe('failed')
  expect(await outcome('to_be_less_than', 3)).toBe('passed')
})

test('a row for every day', async () => {
  const type = 'expect_row_values_to_have_data_for_every_n_datepart'
  const days = (...dates: readonly string[]): string[] => dates.map((date) => `'${date}'`)
  expect(await one('DATE', days('2024-02-28', '2024-02-29', '2024-03-01', '2024-02-28'), type)).toMatchObject({
    outcome: 'passed',
    observedValue: 0,
  })
  expect(await one('TIMESTAMP', days('2024-02-28 23:59', '2024-03-01 00:00'), type)).toMatchObject({
    outcome: 'failed',
    observedValue: 1,
    message: 'x without a day missing: 1 of 3 days missing',
  })
  expect(await one('DATE', [], type)).toMatchObject({ outcome: 'failed' })
  expect(await one('DATE', [], type, { interval: 2 })).toMatchObject({
    error: { code: 'CHECK_KWARG', message: expect.stringContaining('every day must have a row, so it is 1') as string },
  })
  expect(await one('INTEGER', [], type)).toMatchObject({ error: { code: 'CHECK_TYPE' } })
})

describe('what the schema answers', () => {
  const decided = (
    type: string,
    kwargs: Record<string, JsonValue>,
    columns: Readonly<Record<string, string>>,
  ): unknown => {
    const declared = contractOf({ a: 'INTEGER', b: 'VARCHAR' }, [[type, kwargs]])
    const actual = Object.entries(columns).map(([name, text]) => ({ name, type: text }))
    const answer = compileContract(declared, actual, { schema: false }).checks[0]?.answer
    return answer?.kind === 'decided'
      ? [answer.judgement.passed, answer.judgement.message]
      : answer?.kind === 'problem'
        ? answer.problem.code
        : answer?.kind
  }
  const DATA = { a: 'INTEGER', b: 'VARCHAR', C: 'DATE' }

  test('columns that must be there, or must not', () => {
    const has = 'expect_table_columns_to_contain_set'
    const hasNot = 'expect_table_columns_to_not_contain_set'
    expect(decided(has, { column_list: ['b', 'a'] }, DATA)).toEqual([true, 'columns: as expected'])
    expect(decided(has, { column_list: ['a', 'c'] }, DATA)).toEqual([false, 'columns: missing c'])
    expect(decided(has, { column_list: ['c'], transform: 'upper' }, DATA)).toEqual([true, 'columns: as expected'])
    expect(decided(hasNot, { column_list: ['x'] }, DATA)).toEqual([true, 'columns: as expected'])
    expect(decided(hasNot, { column_list: ['x', 'b'] }, DATA)).toEqual([false, 'columns: not wanted, but there: b'])
    expect(decided(has, { column_list: [] }, DATA)).toBe('CHECK_KWARG')
  })

  const drift = 'expect_table_schema_to_not_drift'

  test('drift from the contract: what breaks nobody passes', () => {
    expect(decided(drift, {}, { a: 'INTEGER', b: 'VARCHAR' })).toEqual([true, 'schema: as expected'])
    expect(decided(drift, {}, { b: 'VARCHAR', a: 'SMALLINT', c: 'DATE' })).toEqual([
      true,
      'schema: 3 changes, all allowed',
    ])
    expect(decided(drift, {}, { a: 'BIGINT' })).toEqual([
      false,
      'schema: column b (VARCHAR) is gone; type of a: INTEGER became BIGINT',
    ])
  })

  test('drift from given columns, with a choice of what is allowed', () => {
    const columns = { a: 'INTEGER' }
    expect(decided(drift, { columns, allow: [] }, { a: 'INTEGER', c: 'DATE' })).toEqual([
      false,
      'schema: column c (DATE) is new',
    ])
    expect(decided(drift, { columns, allow: ['widened'] }, { a: 'BIGINT' })).toEqual([
      true,
      'schema: 1 change, all allowed',
    ])
    expect(decided(drift, { columns, allow: ['grown'] }, { a: 'BIGINT' })).toBe('CHECK_KWARG')
    expect(decided(drift, { columns: { a: 'INTEGR' } }, { a: 'BIGINT' })).toBe('CHECK_TYPE')
    expect(decided(drift, { columns: {} }, { a: 'BIGINT' })).toBe('CHECK_KWARG')
  })
})
