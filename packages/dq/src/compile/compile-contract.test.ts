import { describe, expect, test } from 'vitest'
import type { Contract } from '@tidegate/core'
import { compileContract } from './compile-contract.ts'
import { validateExpectations } from './validate-expectations.ts'
import { contractOf } from '../testing/tables.ts'

const schema = (columns: Contract['schema']['columns']): Contract => ({ ...contractOf({}, []), schema: { columns } })

describe('checks of the schema', () => {
  const ids = (contract: Contract, ...columns: (readonly [string, string])[]): readonly string[] =>
    compileContract(
      contract,
      columns.map(([name, type]) => ({ name, type })),
    ).checks.map((check) => check.id)

  test('a column that is there is asked for its type, for NULLs where it must have none, and for misfits', () => {
    const contract = schema({ a: { type: 'BIGINT', nullable: false }, s: { type: 'VARCHAR' } })
    expect(ids(contract, ['a', 'INTEGER'], ['s', 'VARCHAR'])).toEqual([
      'schema:a:type',
      'schema:a:nullable',
      'schema:a:misfit',
      'schema:s:type',
    ])
  })

  test('a column that is missing fails, unless it need not be there', () => {
    const contract = schema({ a: { type: 'BIGINT' }, b: { type: 'BIGINT', required: false } })
    expect(ids(contract)).toEqual(['schema:a:missing'])
    expect(compileContract(contract, []).checks[0]).toMatchObject({
      severity: 'critical',
      answer: { judgement: { passed: false } },
    })
  })

  test('a narrower type is fine, another one fails', () => {
    const contract = schema({ a: { type: 'BIGINT' } })
    const passed = (type: string): unknown => compileContract(contract, [{ name: 'a', type }]).checks[0]?.answer
    expect(passed('INTEGER')).toMatchObject({ judgement: { passed: true } })
    expect(passed('DOUBLE')).toMatchObject({ judgement: { passed: false } })
  })
})

test('an optional column that is absent counts as NULLs', () => {
  const contract: Contract = {
    ...schema({ b: { type: 'BIGINT', required: false } }),
    expectations: [{ type: 'expect_column_values_to_be_between', kwargs: { column: 'b', min_value: 1 } }],
  }
  expect(compileContract(contract, []).checks[0]?.answer.kind).toBe('measured')
})

describe('without data', () => {
  test('a sound contract has no problems', () => {
    const contract = contractOf({ a: 'INTEGER' }, [
      ['expect_column_values_to_be_between', { column: 'a', min_value: 1 }],
    ])
    expect(validateExpectations(contract)).toEqual([])
  })

  test('all problems come at once, with their place', () => {
    const contract = contractOf({ a: 'INTEGER', b: 'NUMBRE' }, [
      ['expect_column_values_to_be_betwen', { column: 'a' }],
      ['expect_column_values_to_be_between', { column: 'a', min: 1, mostly: 2 }],
      ['expect_column_values_to_not_be_null', { column: 'elsewhere' }],
      { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'a' }, id: 'x' },
      { type: 'expect_column_values_to_be_null', kwargs: { column: 'a' }, id: 'x' },
    ])
    expect(validateExpectations(contract).map(({ severity, code, path }) => [severity, code, path.join('.')])).toEqual([
      ['error', 'CHECK_TYPE', 'schema.columns.b.type'],
      ['error', 'CHECK_UNKNOWN', 'expectations.0'],
      ['error', 'CHECK_KWARG', 'expectations.1'],
      ['error', 'CHECK_KWARG', 'expectations.1'],
      ['warning', 'CHECK_COLUMN_MISSING', 'expectations.2'],
      ['error', 'CHECK_ID', 'expectations.4.id'],
    ])
  })
})

describe('problems that only data could show', () => {
  const check = (
    columns: Contract['schema']['columns'],
    type = 'expect_column_values_to_be_unique',
  ): ReturnType<typeof validateExpectations> =>
    validateExpectations({
      contract: 'c',
      version: 1,
      schema: { columns },
      expectations: [{ type, kwargs: { column: 'x' } }],
    })

  test('a column that the schema does not name is a warning that speaks of the schema', () => {
    expect(check({ other: { type: 'BIGINT' } })).toMatchObject([
      { severity: 'warning', code: 'CHECK_COLUMN_MISSING', message: 'the schema does not name the column "x"' },
    ])
  })
  test('without a schema nothing is missing from it', () => {
    expect(check({})).toEqual([])
  })
  test('a name like one that was removed is not sent there', () => {
    const [problem] = check({}, 'expect_column_chisquare_test_p_value_to_be_greater_then')
    expect(problem).toMatchObject({ code: 'CHECK_UNKNOWN' })
    expect(problem?.hint).not.toContain('chisquare')
  })
})
