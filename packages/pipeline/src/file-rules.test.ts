import { expect, test } from 'vitest'
import type { Contract, FileRules } from '@tidegate/core'
import { checkFileRules } from './file-rules.ts'

function failed(file: FileRules, name: string, bytes = 10): string[] {
  const contract: Contract = { contract: 'd', version: 1, file, schema: { columns: {} }, expectations: [] }
  return checkFileRules(contract, { name, bytes })
    .filter((result) => result.outcome === 'failed')
    .map((result) => result.id)
}

test('no contract, or one without file rules, asks nothing', () => {
  expect(checkFileRules(undefined, { name: 'x', bytes: 0 })).toEqual([])
  expect(failed({}, 'x')).toEqual([])
})

test.each([
  ['flights-*.parquet', 'flights-2001.parquet', true],
  ['flights-*.parquet', 'flights-.parquet', true],
  ['flights-*.parquet', 'Flights-2001.parquet', false],
  ['flights-*.parquet', 'flights-2001.parquet.tmp', false],
  ['flights-????.csv', 'flights-2001.csv', true],
  ['flights-????.csv', 'flights-201.csv', false],
  ['*', '', true],
  ['?', '', false],
  ['', '', true],
  ['', 'x', false],
  ['a.c', 'abc', false],
  ['a[b]c', 'abc', false],
  ['a[b]c', 'a[b]c', true],
  ['*.*', 'a.b.c', true],
  ['*a*b*', 'xxaxxbxx', true],
  ['*a*b*', 'xxbxxaxx', false],
])('the pattern %j and the name %j', (pattern, name, matches) => {
  expect(failed({ name: pattern }, name)).toEqual(matches ? [] : ['file:name'])
})

test('a pattern made to explode takes no time', () => {
  const started = performance.now()
  expect(failed({ name: `${'*a'.repeat(50)}*b` }, 'a'.repeat(5_000))).toEqual(['file:name'])
  expect(performance.now() - started).toBeLessThan(1_000)
})

test('the limits of size are inclusive', () => {
  const rules = { min_bytes: 10, max_bytes: 20 }
  expect([9, 10, 20, 21].map((bytes) => failed(rules, 'x', bytes))).toEqual([
    ['file:min_bytes'],
    [],
    [],
    ['file:max_bytes'],
  ])
})

test('the message quotes a hostile name', () => {
  const contract: Contract = {
    contract: 'd',
    version: 1,
    file: { name: 'a' },
    schema: { columns: {} },
    expectations: [],
  }
  expect(checkFileRules(contract, { name: 'x\n"', bytes: 1 })[0]?.message).toContain(String.raw`"x\n\""`)
})
