import type { Contract, Expectation } from '@tidegate/core'
import { expect, test } from 'vitest'
import { diffContracts } from './diff-contracts.ts'

function contract(over: Partial<Expectation>): Contract {
  const rule: Expectation = { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'x' }, ...over }
  return { contract: 'd', version: 1, schema: { columns: { x: { type: 'BIGINT' } } }, expectations: [rule] }
}

test('a limit that allows fewer rows is breaking, one that allows more is not', () => {
  const change = (a: Partial<Expectation>, b: Partial<Expectation>): unknown =>
    diffContracts(contract(a), contract(b)).map(({ kind, breaking, message }) => [kind, breaking, message])
  expect(change({ fail: { count: 10 } }, { fail: { count: 5 } })).toEqual([
    ['tightened', true, 'x: not null, at most 10 rows allowed to break it became at most 5 rows allowed to break it'],
  ])
  expect(change({}, { fail: { fraction: 0.01 } })).toMatchObject([['loosened', false, expect.stringContaining('1%')]])
  expect(change({ fail: { count: 1 } }, {})).toMatchObject([
    ['tightened', true, expect.stringContaining('no exception')],
  ])
  expect(change({ fail: { count: 1 } }, { fail: { fraction: 0.5 } })).toMatchObject([
    ['changed', true, expect.anything()],
  ])
  // A limit for warnings holds no file.
  expect(change({ warn: { count: 1 } }, { warn: { count: 2 } })).toMatchObject([['loosened', false, expect.anything()]])
  expect(change({}, { warn: { count: 2 } })).toMatchObject([['tightened', false, expect.anything()]])
  expect(change({ fail: { count: 1 } }, { fail: { count: 1 } })).toEqual([])
})

test('a limit takes the place of mostly: what counts is how many rows may break the rule', () => {
  const kwargs = (mostly?: number): Pick<Expectation, 'kwargs'> => ({
    kwargs: { column: 'x', ...(mostly === undefined ? {} : { mostly }) },
  })
  const change = (a: Partial<Expectation>, b: Partial<Expectation>): unknown =>
    diffContracts(contract(a), contract(b)).map(({ kind, breaking }) => [kind, breaking])
  // Half of the rows, then a twentieth of them, whether or not mostly still stands there.
  expect(change(kwargs(0.5), { ...kwargs(0.5), fail: { fraction: 0.05 } })).toEqual([['tightened', true]])
  expect(change(kwargs(0.5), { ...kwargs(), fail: { fraction: 0.05 } })).toEqual([['tightened', true]])
  expect(change({ ...kwargs(), fail: { fraction: 0.05 } }, kwargs(0.5))).toEqual([['loosened', false]])
  // 1 − 0.95 is not 0.05 in binary.
  expect(change(kwargs(0.95), { ...kwargs(), fail: { fraction: 0.05 } })).toEqual([])
  // Five rows may be more or fewer than half of them.
  expect(change(kwargs(0.5), { ...kwargs(), fail: { count: 5 } })).toEqual([['changed', true]])
  const [message] = diffContracts(contract(kwargs(0.5)), contract({ ...kwargs(0.5), fail: { fraction: 0.05 } }))
  expect(message?.message).toContain('at most 50% allowed to break it became at most 5% allowed to break it')
})

test('a parameter that changes may hold what was admitted', () => {
  const contract = { contract: 'c', version: 1, schema: { columns: {} }, expectations: [] }
  const found = diffContracts(
    { ...contract, parameters: { a: 1, b: [2] } },
    { ...contract, parameters: { a: 3, b: [2], c: 4 } },
  )
  expect(found.map(({ path, kind, breaking }) => [path, kind, breaking])).toEqual([
    ['parameters.a', 'changed', true],
    ['parameters.c', 'added', false],
  ])
})
