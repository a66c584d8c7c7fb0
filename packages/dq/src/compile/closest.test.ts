import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { closest } from './closest.ts'

test('the nearest one is suggested, if one is near', () => {
  expect(closest('delya', ['origin', 'delay', 'delayed'])).toBe('delay')
  expect(closest('DELAY', ['origin', 'delay'])).toBe('delay')
  expect(closest('weather', ['origin', 'delay'])).toBeUndefined()
  expect(closest('ab', ['abc', 'abcd', 'x'])).toBe('abc')
  expect(closest('', ['a'])).toBe('a')
  expect(closest('a', [])).toBeUndefined()
  expect(
    closest('expect_column_values_to_be_betwen', [
      'expect_column_values_to_be_in_set',
      'expect_column_values_to_be_between',
    ]),
  ).toBe('expect_column_values_to_be_between')
})

test('it is as near as a plain computation of the distance says', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 6 }), (given, candidates) => {
      const limit = Math.max(2, Math.floor(given.length / 3))
      const distances = candidates.map((candidate) => plainDistance(given, candidate))
      const nearest = Math.min(...distances)
      const expected = nearest <= limit ? candidates[distances.indexOf(nearest)] : undefined
      expect(closest(given, candidates)).toBe(expected)
    }),
    { numRuns: 500 },
  )
})

test('5,000 misspelt names among 10,000 that begin alike do not take long', () => {
  const columns = Array.from({ length: 10_000 }, (_, index) => `column_${String(index).padStart(4, '0')}`)
  const started = performance.now()
  for (let index = 0; index < 5_000; index++) {
    const name = String(index * 2).padStart(4, '0')
    expect(closest(`colunm_${name}`, columns)).toBe(`column_${name}`)
  }
  // A table for each pair took 10 s; this takes 0.2 s.
  expect(performance.now() - started).toBeLessThan(3_000)
})

test('among very many, only what differs by three letters is near', () => {
  const columns = Array.from({ length: 2_000 }, (_, index) => `a_name_as_long_as_those_of_vendors_are_${index}`)
  expect(closest('a_nam_as_long_s_those_f_vendors_are_7', columns)).toBe('a_name_as_long_as_those_of_vendors_are_7')
  expect(closest('a_nam_as_long_s_those_f_vendrs_are_7', columns)).toBeUndefined()
})

function plainDistance(left: string, right: string): number {
  if (left === '' || right === '') return left.length + right.length
  const table = Array.from({ length: left.length + 1 }, (_, row) =>
    Array.from({ length: right.length + 1 }, (__, column) => (row === 0 ? column : column === 0 ? row : 0)),
  )
  const at = (row: number, column: number): number => table[row]?.[column] ?? 0
  for (let row = 1; row <= left.length; row++)
    for (let column = 1; column <= right.length; column++) {
      const cost = left[row - 1] === right[column - 1] ? 0 : 1
      const line = table[row] ?? []
      line[column] = Math.min(at(row - 1, column - 1) + cost, at(row - 1, column) + 1, at(row, column - 1) + 1)
    }
  return at(left.length, right.length)
}
