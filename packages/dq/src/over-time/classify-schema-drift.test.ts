import { describe, expect, test } from 'vitest'
import type { ColumnSchema } from '@tidegate/core'
import { classifySchemaDrift } from './classify-schema-drift.ts'

const columns = (types: Readonly<Record<string, string>>): readonly ColumnSchema[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }))

function drift(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly (readonly [string, string, boolean])[] {
  return classifySchemaDrift(columns(before), columns(after)).map(({ kind, column, to, breaking }) => [
    kind,
    to === undefined ? column : `${column}→${to}`,
    breaking,
  ])
}

test('nothing happened', () => {
  expect(drift({ a: 'INTEGER', b: 'VARCHAR' }, { a: 'int4', b: 'TEXT' })).toEqual([])
  expect(drift({}, {})).toEqual([])
})

test('columns come and go', () => {
  expect(drift({ a: 'INTEGER', gone: 'DATE' }, { a: 'INTEGER', fresh: 'VARCHAR' })).toEqual([
    ['removed', 'gone', true],
    ['added', 'fresh', false],
  ])
})

test('a type that no longer fits the old one breaks its readers; a narrower one does not', () => {
  expect(
    drift(
      { a: 'INTEGER', b: 'BIGINT', c: 'DATE', d: 'DECIMAL(10,2)' },
      { a: 'BIGINT', b: 'INTEGER', c: 'VARCHAR', d: 'DECIMAL(12,2)' },
    ),
  ).toEqual([
    ['widened', 'a', true],
    ['narrowed', 'b', false],
    ['type-changed', 'c', true],
    ['widened', 'd', true],
  ])
})

describe('a column is renamed', () => {
  test('when only case and underscores differ, wherever it stands', () => {
    expect(drift({ a: 'INTEGER', flight_no: 'VARCHAR' }, { FlightNo: 'VARCHAR', a: 'INTEGER' })).toEqual([
      ['renamed', 'flight_no→FlightNo', true],
    ])
  })

  test('when one of the same type and a like name stands in its place', () => {
    expect(drift({ a: 'INTEGER', delay: 'BIGINT' }, { a: 'INTEGER', delay_minutes: 'BIGINT' })).toEqual([
      ['renamed', 'delay→delay_minutes', true],
    ])
  })

  test('but not when the type, the place or the name is another', () => {
    expect(drift({ a: 'INTEGER', delay: 'BIGINT' }, { a: 'INTEGER', delays: 'VARCHAR' })).toEqual([
      ['removed', 'delay', true],
      ['added', 'delays', false],
    ])
    expect(drift({ delay: 'BIGINT', a: 'INTEGER' }, { a: 'INTEGER', delays: 'BIGINT' })).toContainEqual([
      'removed',
      'delay',
      true,
    ])
    expect(drift({ x: 'INTEGER' }, { y: 'INTEGER' })).toEqual([
      ['removed', 'x', true],
      ['added', 'y', false],
    ])
  })

  test('or when it holds the same, whatever it is called', () => {
    const changes = classifySchemaDrift(
      columns({ x: 'INTEGER', y: 'INTEGER' }),
      columns({ p: 'INTEGER', q: 'INTEGER' }),
      {
        sameContent: (before, after) => before.name === 'x' && after.name === 'q',
      },
    )
    expect(changes.map(({ kind, column, to }) => [kind, column, to])).toEqual([
      ['renamed', 'x', 'q'],
      ['removed', 'y', undefined],
      ['added', 'p', undefined],
    ])
  })
})

test('columns that moved are one change, which breaks nobody who reads by name', () => {
  expect(drift({ a: 'INTEGER', b: 'INTEGER', c: 'INTEGER' }, { c: 'INTEGER', a: 'INTEGER', b: 'INTEGER' })).toEqual([
    ['reordered', '', false],
  ])
  // One that came in between moved nobody.
  expect(drift({ a: 'INTEGER', b: 'INTEGER' }, { a: 'INTEGER', new: 'INTEGER', b: 'INTEGER' })).toEqual([
    ['added', 'new', false],
  ])
})

test('hostile names and 10,000 columns', () => {
  expect(drift({ ['__proto__']: 'INTEGER', "'; DROP": 'INTEGER' }, { "'; DROP": 'INTEGER' })).toEqual([
    ['removed', '__proto__', true],
  ])
  const wide = (prefix: string): readonly ColumnSchema[] =>
    Array.from({ length: 10_000 }, (_, index) => ({ name: `${prefix}${index}`, type: 'INTEGER' }))
  const started = performance.now()
  const changes = classifySchemaDrift(wide('before_'), wide('after_'))
  expect(changes.filter(({ kind }) => kind === 'added').length).toBeGreaterThan(0)
  expect(performance.now() - started).toBeLessThan(5000)
})
