import type { Contract, ContractColumn, Expectation } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { diffContracts } from './diff-contracts.ts'

function contract(
  columns: Record<string, ContractColumn>,
  expectations: readonly Expectation[] = [],
  more: Partial<Contract> = {},
): Contract {
  return { contract: 'flights', version: 1, schema: { columns }, expectations, ...more }
}

function changes(a: Contract, b: Contract): readonly (readonly [string, string, boolean])[] {
  return diffContracts(a, b).map(({ path, kind, breaking }) => [path, kind, breaking])
}

function between(kwargs: Expectation['kwargs'], severity?: Expectation['severity']): Contract {
  const rule = { type: 'expect_column_values_to_be_between', kwargs: { column: 'x', ...kwargs } }
  return contract({}, [severity === undefined ? rule : { ...rule, severity }])
}

test('equal contracts have no changes, whatever their version', () => {
  const a = contract({ x: { type: 'BIGINT' } })
  expect(diffContracts(a, { ...a, version: 9 })).toEqual([])
})

describe('columns', () => {
  test('removed, added, may be missing', () => {
    const a = contract({ x: { type: 'BIGINT' } })
    expect(changes(a, contract({}))).toEqual([['schema.columns.x', 'removed', true]])
    expect(changes(contract({}), a)).toEqual([['schema.columns.x', 'added', true]])
    expect(changes(contract({}), contract({ x: { type: 'BIGINT', required: false } }))).toEqual([
      ['schema.columns.x', 'added', false],
    ])
  })

  test('renamed is one change, and the rest of the column is compared', () => {
    const a = contract({ id: { type: 'BIGINT' }, delay: { type: 'BIGINT' } })
    const b = contract({ id: { type: 'BIGINT' }, delay_minutes: { type: 'BIGINT', nullable: false } })
    expect(diffContracts(a, b).map(({ message, breaking }) => [message, breaking])).toEqual([
      ['column delay is called delay_minutes now', true],
      ['delay_minutes must not be null any more', true],
    ])
  })

  test('types widen freely; narrower and other types break', () => {
    const of = (type: string): Contract => contract({ x: { type } })
    expect(changes(of('INTEGER'), of('BIGINT'))).toEqual([['schema.columns.x.type', 'loosened', false]])
    expect(changes(of('BIGINT'), of('INTEGER'))).toEqual([['schema.columns.x.type', 'tightened', true]])
    expect(changes(of('BIGINT'), of('VARCHAR'))).toEqual([['schema.columns.x.type', 'changed', true]])
    expect(changes(of('int'), of('INTEGER'))).toEqual([])
  })

  test('nullable, required and sensitive', () => {
    const a = contract({ x: { type: 'BIGINT' } })
    expect(changes(a, contract({ x: { type: 'BIGINT', nullable: false } }))).toEqual([
      ['schema.columns.x.nullable', 'tightened', true],
    ])
    expect(changes(contract({ x: { type: 'BIGINT', nullable: false } }), a)).toEqual([
      ['schema.columns.x.nullable', 'loosened', false],
    ])
    expect(changes(a, contract({ x: { type: 'BIGINT', required: false } }))).toEqual([
      ['schema.columns.x.required', 'loosened', false],
    ])
    expect(changes(a, contract({ x: { type: 'BIGINT', sensitive: 'mask' } }))).toEqual([
      ['schema.columns.x.sensitive', 'changed', false],
    ])
    expect(changes(a, contract({ x: { type: 'BIGINT', sensitive: 'drop' } }))).toEqual([
      ['schema.columns.x.sensitive', 'changed', true],
    ])
  })
})

describe('expectations', () => {
  const path = 'expectations.x:between'

  test('a bound that moves inward tightens, outward loosens, both at once change', () => {
    const a = between({ min_value: 0, max_value: 100 })
    expect(changes(a, between({ min_value: 1, max_value: 100 }))).toEqual([[path, 'tightened', true]])
    expect(changes(a, between({ min_value: 0, max_value: '99.5' }))).toEqual([[path, 'tightened', true]])
    expect(changes(a, between({ min_value: 0, max_value: 101 }))).toEqual([[path, 'loosened', false]])
    expect(changes(a, between({ min_value: 0 }))).toEqual([[path, 'loosened', false]])
    expect(changes(between({ min_value: 0 }), a)).toEqual([[path, 'tightened', true]])
    expect(changes(a, between({ min_value: 10, max_value: 200 }))).toEqual([[path, 'changed', true]])
    expect(changes(a, between({ min_value: '0.0', max_value: 100 }))).toEqual([])
  })

  test('numbers beyond doubles and dates are compared exactly', () => {
    expect(
      changes(between({ max_value: '12345678901234567890' }), between({ max_value: '12345678901234567891' })),
    ).toEqual([[path, 'loosened', false]])
    expect(changes(between({ min_value: '2001-01-01' }), between({ min_value: '2000-01-01' }))).toEqual([
      [path, 'loosened', false],
    ])
  })

  test('mostly and severity', () => {
    expect(changes(between({ max_value: 1 }), between({ max_value: 1, mostly: 0.9 }))).toEqual([
      [path, 'loosened', false],
    ])
    expect(changes(between({ max_value: 1, mostly: 0.9 }), between({ max_value: 1 }))).toEqual([
      [path, 'tightened', true],
    ])
    expect(changes(between({ max_value: 1 }), between({ max_value: 1 }, 'warning'))).toEqual([
      [path, 'loosened', false],
    ])
    expect(changes(between({ max_value: 1 }, 'warning'), between({ max_value: 0 }, 'warning'))).toEqual([
      [path, 'tightened', false],
    ])
    expect(changes(between({ max_value: 1 }), between({ max_value: 1 }, 'critical'))).toEqual([])
  })

  test('sets: fewer values tighten, unless they are the forbidden ones', () => {
    const set = (type: string, value_set: readonly string[]): Contract =>
      contract({}, [{ type, kwargs: { column: 'x', value_set } }])
    const [in_, not] = ['expect_column_values_to_be_in_set', 'expect_column_values_to_not_be_in_set']
    expect(changes(set(in_, ['a', 'b']), set(in_, ['a']))[0]?.slice(1)).toEqual(['tightened', true])
    expect(changes(set(in_, ['a']), set(in_, ['b', 'a']))[0]?.slice(1)).toEqual(['loosened', false])
    expect(changes(set(in_, ['a', 'b']), set(in_, ['b', 'a']))).toEqual([])
    expect(changes(set(in_, ['a']), set(in_, ['b']))[0]?.slice(1)).toEqual(['changed', true])
    expect(changes(set(not, ['a', 'b']), set(not, ['a']))[0]?.slice(1)).toEqual(['loosened', false])
  })

  test('a new check breaks only if it can hold a file', () => {
    expect(changes(contract({}), between({ max_value: 1 }))).toEqual([[path, 'added', true]])
    expect(changes(contract({}), between({ max_value: 1 }, 'warning'))).toEqual([[path, 'added', false]])
    expect(changes(between({ max_value: 1 }), contract({}))).toEqual([[path, 'removed', false]])
  })

  test('the message says what was and what is', () => {
    const [change] = diffContracts(
      between({ min_value: 0, max_value: 1800 }),
      between({ min_value: 0, max_value: 2500 }),
    )
    expect(change?.message).toBe('x: between 0 and 1,800 became x: between 0 and 2,500')
  })
})

test('file rules, read options and gate', () => {
  const base = contract({}, [], {
    file: { name: '*.csv', min_bytes: 1 },
    read: { delimiter: ',' },
    gate: { threshold: 95 },
  })
  const next = contract({}, [], {
    file: { min_bytes: 10 },
    read: { delimiter: ';' },
    gate: { threshold: 90, on_fail: 'fail' },
  })
  expect(changes(base, next)).toEqual([
    ['file.name', 'loosened', false],
    ['file.min_bytes', 'tightened', true],
    ['read.delimiter', 'changed', true],
    ['gate.threshold', 'loosened', false],
    ['gate.on_fail', 'tightened', true],
  ])
})

test('limits: more is looser, and none at all allows no row', () => {
  const limited = (fail?: Expectation['fail'], warn?: Expectation['warn']): Contract =>
    contract({}, [{ type: 'expect_column_values_to_not_be_null', kwargs: { column: 'x' }, fail, warn }])
  const kinds = (a: Contract, b: Contract): readonly unknown[] => changes(a, b).map(([, kind]) => kind)
  expect(kinds(limited({ count: 1 }), limited({ count: 1 }))).toEqual([])
  expect(kinds(limited({ count: 1 }), limited({ count: 2 }))).toEqual(['loosened'])
  expect(kinds(limited({ count: 2 }), limited({ count: 1 }))).toEqual(['tightened'])
  expect(kinds(limited({ count: 2 }), limited({ count: 1, fraction: 0.1 }))).toEqual(['tightened'])
  expect(kinds(limited({ count: 2, fraction: 0.1 }), limited({ count: 1, fraction: 0.2 }))).toEqual(['changed'])
  expect(kinds(limited(), limited({ count: 1 }))).toEqual(['loosened'])
  expect(kinds(limited({ count: 1 }), limited())).toEqual(['tightened'])
  expect(kinds(limited(), limited(undefined, { count: 1 }))).toEqual(['tightened'])
  expect(kinds(limited(undefined, { count: 1 }), limited())).toEqual(['loosened'])
})
