import { describe, expect, test } from 'vitest'
import type { ColumnSchema, Contract, Expectation, JsonValue } from '@tidegate/core'
import { compileContract, type CompileOptions } from './compile-contract.ts'
import type { ExpectationDefinition } from '../expectations/definition.ts'
import { createRegistry } from '../expectations/registry.ts'
import { judgeRows } from '../expectations/row-judgement.ts'
import { contractOf } from '../testing/tables.ts'
import { validateExpectations } from './validate-expectations.ts'

const COLUMNS: readonly ColumnSchema[] = [{ name: 'a', type: 'INTEGER' }]

function compiled(type: string, kwargs: Record<string, JsonValue>, options: CompileOptions = {}): unknown {
  const contract = contractOf({ a: 'INTEGER' }, [[type, kwargs]])
  const { answer } = compileContract(contract, COLUMNS, { schema: false, ...options }).checks[0] ?? {}
  return answer?.kind === 'problem' ? answer.problem : answer?.kind
}

describe('suite parameters', () => {
  const between = 'expect_column_values_to_be_between'

  test('stand for their values', () => {
    const kwargs = { column: { $PARAMETER: 'key' }, max_value: { $PARAMETER: 'top * 2' } }
    const contract = contractOf({}, [[between, kwargs]])
    const [check] = compileContract(contract, COLUMNS, { schema: false, parameters: { key: 'a', top: 4 } }).checks
    expect(check).toMatchObject({ columns: ['a'], kwargs: { column: 'a', max_value: 8 }, answer: { kind: 'measured' } })
  })

  test('are judged by what they stand for', () => {
    const kwargs = { column: 'a', mostly: { $PARAMETER: 'm' } }
    expect(compiled(between, { ...kwargs, max_value: 1 }, { parameters: { m: 2 } })).toMatchObject({
      code: 'CHECK_KWARG',
      message: 'argument mostly must be a number from 0 to 1, not 2',
    })
  })

  test('without a value are an error of the check, and a warning of the contract', () => {
    const kwargs = { column: 'a', max_value: { $PARAMETER: 'top' } }
    expect(compiled(between, kwargs)).toMatchObject({ code: 'CHECK_PARAMETER' })
    const problems = (expression: string): readonly (readonly string[])[] =>
      validateExpectations(
        contractOf({ a: 'INTEGER' }, [[between, { column: 'a', max_value: { $PARAMETER: expression } }]]),
      ).map(({ code, severity }) => [code, severity])
    expect(problems('top + 1')).toEqual([['CHECK_PARAMETER', 'warning']])
    expect(problems('1 +')).toEqual([['CHECK_PARAMETER', 'error']])
    expect(problems('now() - timedelta(days=1)')).toEqual([['CHECK_BOUNDS', 'error']])
  })

  test('in a condition, too', () => {
    const row_condition = {
      type: 'comparison',
      column: { name: 'a' },
      operator: '>',
      parameter: { $PARAMETER: 'low' },
    }
    expect(
      compiled('expect_column_values_to_not_be_null', { column: 'a', row_condition }, { parameters: { low: 3 } }),
    ).toBe('measured')
  })
})

describe('conditions', () => {
  test('stand on any expectation; a wrong one is an error with its place', () => {
    const condition = { row_condition: 'a >', condition_parser: 'pandas' }
    for (const [type, kwargs] of [
      ['expect_column_values_to_not_be_null', { column: 'a' }],
      ['expect_column_mean_to_be_between', { column: 'a', min_value: 1 }],
      ['expect_table_row_count_to_equal', { value: 1 }],
      ['unexpected_rows_expectation', { unexpected_rows_query: 'SELECT * FROM {batch}' }],
    ] as const) {
      expect(compiled(type, { ...kwargs, ...condition })).toMatchObject({
        code: 'CHECK_CONDITION',
        message: expect.stringContaining('character 4'),
      })
      expect(compiled(type, { ...kwargs, row_condition: 'a > 1' })).toBe('measured')
    }
  })

  test('a column that only the condition names may come with the data', () => {
    const contract = contractOf({ a: 'INTEGER' }, [
      ['expect_column_values_to_not_be_null', { column: 'a', row_condition: 'b > 1' }],
    ])
    expect(validateExpectations(contract)).toMatchObject([{ code: 'CHECK_COLUMN_MISSING', severity: 'warning' }])
  })

  test('a misspelt argument is suggested', () => {
    expect(compiled('expect_column_values_to_not_be_null', { column: 'a', row_conditon: 'a > 1' })).toMatchObject({
      code: 'CHECK_KWARG',
      hint: 'Did you mean row_condition?',
    })
  })
})

test('expectations of plug-ins are compiled, labelled and suggested', () => {
  const even: ExpectationDefinition = {
    type: 'expect_column_values_to_be_even',
    kind: 'column-map',
    dimension: 'validity',
    label: 'even',
    kwargs: { column: { type: 'column', required: true } },
    compile: () => ({ kind: 'measured', description: 'even', metrics: { elements: { kind: 'rows' } } }),
    judge: judgeRows,
  }
  const registry = createRegistry([even])
  const contract = contractOf({}, [[even.type, { column: 'a' }]])
  expect(compileContract(contract, COLUMNS, { schema: false, registry }).checks[0]).toMatchObject({
    id: 'a:even',
    answer: { kind: 'measured' },
  })
  expect(validateExpectations(contract, { registry })).toEqual([])
  expect(compiled('expect_column_values_to_be_evne', { column: 'a' }, { registry })).toMatchObject({
    code: 'CHECK_UNKNOWN',
    hint: 'Did you mean expect_column_values_to_be_even?',
  })
  expect(compiled(even.type, { column: 'a' })).toMatchObject({ code: 'CHECK_UNKNOWN' })
})

describe('large and hostile', () => {
  const expectations = (make: (index: number) => Expectation, length = 5000): Contract => ({
    ...contractOf({}, []),
    expectations: Array.from({ length }, (_, index) => make(index)),
  })
  const wide: readonly ColumnSchema[] = Array.from({ length: 10_000 }, (_, index) => ({
    name: `column_${index}`,
    type: 'INTEGER',
  }))

  function seconds(contract: Contract): number {
    const started = performance.now()
    expect(compileContract(contract, wide).checks).toHaveLength(contract.expectations.length)
    return (performance.now() - started) / 1000
  }

  test('5,000 checks on 10,000 columns compile at once', () => {
    expect(
      seconds(
        expectations((index) => ({
          type: 'expect_column_values_to_be_between',
          kwargs: { column: `column_${index}`, min_value: 1, row_condition: `column_${index + 1} > 1` },
        })),
      ),
    ).toBeLessThan(3)
  })

  test('a suggestion is looked for in 10,000 names in milliseconds', () => {
    expect(
      seconds(
        expectations(
          (index) =>
            index % 2 === 0
              ? { type: 'expect_column_values_to_not_be_null', kwargs: { column: `colunm_${index}` } }
              : { type: `expect_column_values_to_be_betwen_${index}`, kwargs: {} },
          600,
        ),
      ),
    ).toBeLessThan(10)
  })

  test('column names of any kind', () => {
    for (const name of ["'; DROP TABLE x; --", 'a"b', 'new\nline', '', '__proto__', 'ünï', '$PARAMETER']) {
      const contract = contractOf({}, [['expect_column_values_to_not_be_null', { column: name }]])
      const compiledOne = compileContract(contract, [{ name, type: 'INTEGER' }], { schema: false })
      expect(compiledOne.checks[0]?.answer.kind).toBe('measured')
    }
  })

  test('columns that differ only in case are two columns', () => {
    const contract = contractOf({}, [['expect_column_values_to_not_be_null', { column: 'ID' }]])
    const columns = [
      { name: 'id', type: 'INTEGER' },
      { name: 'ID', type: 'VARCHAR' },
    ]
    expect(compileContract(contract, columns, { schema: false }).checks[0]?.answer).toMatchObject({
      kind: 'measured',
      description: 'ID not null',
    })
  })
})
