import type { Contract, Expectation, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { validateExpectations } from '../compile/validate-expectations.ts'
import { learnContract, type LearnedContract, type LearnOptions } from './learn-contract.ts'
import { profileRelation } from './profile-relation.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(() => session.close())

/** Nine files of 300 rows: a number, a code of three, a day of twenty. */
async function learned(options: Partial<LearnOptions>): Promise<LearnedContract> {
  const sql = `(SELECT (i * 7919 + f * 104729) % 100 AS x, 'c' || (i % 3) AS code, DATE '2024-01-01' + CAST(i % 20 AS INTEGER) AS day,
    'f' || f AS __tg_file, i AS __tg_row FROM range(9) AS a(f), range(300) AS b(i))`
  const profile = await profileRelation(session, {
    sql,
    columns: [
      { name: 'x', type: 'BIGINT' },
      { name: 'code', type: 'VARCHAR' },
      { name: 'day', type: 'DATE' },
    ],
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: Array.from({ length: 9 }, (_, file) => ({ key: `f${file}`, path: `day-${file}.csv` })),
  })
  return learnContract(profile, { dataset: 'test', ...options })
}

const IMPORTED: Contract = { contract: 'test', version: 1, schema: { columns: {} }, expectations: [] }
const STRFTIME: Expectation = {
  type: 'expect_column_values_to_match_strftime_format',
  kwargs: { column: 'day', strftime_format: '%Y-%m-%d' },
}

test('an imported contract without a schema gets no rule of a kind that it has already', async () => {
  const imported: Contract = {
    ...IMPORTED,
    expectations: [
      { type: 'expect_column_values_to_be_in_set', kwargs: { column: 'code', value_set: ['c0'] }, id: 'codes' },
      { type: 'expect_column_values_to_be_between', kwargs: { column: 'x', max_value: 5 } },
      { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'x', mostly: 0.5 } },
    ],
  }
  const { contract } = await learned({ previous: imported })
  const own = contract.expectations.filter(({ kwargs }) => kwargs['column'] !== 'day')
  expect(own.map(({ type, kwargs, id }) => [type, kwargs['column'], id])).toEqual([
    ['expect_column_values_to_be_in_set', 'code', 'codes'],
    ['expect_column_values_to_be_between', 'x', undefined],
    ['expect_column_values_to_not_be_null', 'x', undefined],
  ])
  expect(contract.expectations[0]?.kwargs['value_set']).toEqual(['c0', 'c1', 'c2'])
  // The rule allows nulls, so the schema must not forbid them.
  expect(contract.schema.columns).toMatchObject({ code: { nullable: false }, x: { type: 'BIGINT' } })
  expect(contract.schema.columns['x']).not.toHaveProperty('nullable')
})

test('a rule with a parameter stays as it was written', async () => {
  const rule: Expectation = {
    type: 'expect_column_values_to_be_in_set',
    kwargs: { column: 'code', value_set: { $PARAMETER: 'codes' } },
  }
  const previous = { ...IMPORTED, parameters: { codes: ['z'] }, expectations: [rule] }
  const { contract } = await learned({ previous })
  expect(contract.expectations.filter(({ kwargs }) => kwargs['column'] === 'code')).toEqual([rule])
  expect(contract.parameters).toEqual({ codes: ['z'] })
})

test('a rule that asks for text keeps the column of a text file as text', async () => {
  const previous = { ...IMPORTED, expectations: [STRFTIME] }
  const { contract, dropped } = await learned({ previous, read: { format: 'csv' } })
  expect(contract.schema.columns['day']?.type).toBe('VARCHAR')
  // A range of dates was learned, which would be one of texts now.
  expect(contract.expectations.filter(({ kwargs }) => kwargs['column'] === 'day')).toEqual([STRFTIME])
  expect(dropped).toEqual([])
  expect(validateExpectations(contract)).toEqual([])
  const again = await learned({ previous: contract, read: { format: 'csv' } })
  expect(again.contract).toBe(contract)
})

test('a rule that asks for text goes, with a note, where the file has a type of its own', async () => {
  const previous = { ...IMPORTED, expectations: [STRFTIME] }
  const { contract, dropped } = await learned({ previous })
  expect(contract.schema.columns['day']?.type).toBe('DATE')
  expect(contract.expectations).not.toContain(STRFTIME)
  expect(dropped).toEqual([{ expectation: STRFTIME, reason: 'it asks for text, and day is DATE in the files' }])
  expect(validateExpectations(contract)).toEqual([])
})
