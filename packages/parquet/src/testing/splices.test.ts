import { expect, test } from 'vitest'

import { applySplices, byteMapOf, isUntouched, offsetAfter } from './splices.ts'

const original = Uint8Array.from({ length: 20 }, (_, index) => index)

test('replaced, inserted and deleted bytes are told apart; bytes that stay the same are not touched', () => {
  const splices = [
    { offset: 2, length: 3, bytes: Uint8Array.of(2, 99, 4) },
    { offset: 8, length: 0, bytes: Uint8Array.of(7, 7) },
    { offset: 10, length: 4, bytes: new Uint8Array() },
    { offset: 15, length: 3, bytes: Uint8Array.of(15, 16, 50, 17) },
  ]
  const bytes = applySplices(original, splices)
  expect([...bytes]).toEqual([0, 1, 2, 99, 4, 5, 6, 7, 7, 7, 8, 9, 14, 15, 16, 50, 17, 18, 19])
  const map = byteMapOf(original, splices)
  expect(map).toEqual({
    changed: [[3, 4]],
    deleted: [[10, 14]],
    inserted: [
      { offset: 8, length: 2 },
      { offset: 17, length: 1 },
    ],
  })
  const untouched = (start: number, end: number): boolean => isUntouched(map, [start, end])
  expect([untouched(0, 3), untouched(0, 4), untouched(3, 4), untouched(4, 8)]).toEqual([true, false, false, true])
  // Pushed apart only where bytes come in between.
  expect([untouched(8, 10), untouched(7, 9), untouched(9, 11), untouched(14, 17)]).toEqual([true, false, false, true])
  expect([untouched(14, 18), untouched(17, 20)]).toEqual([false, true])
  expect([offsetAfter(splices, 7), offsetAfter(splices, 8), offsetAfter(splices, 14)]).toEqual([7, 10, 12])
  expect(bytes[offsetAfter(splices, 14)]).toBe(14)
})

test('splices that overlap are refused', () => {
  const splices = [
    { offset: 2, length: 3, bytes: new Uint8Array() },
    { offset: 4, length: 1, bytes: new Uint8Array() },
  ]
  expect(() => applySplices(original, splices)).toThrow('overlaps')
})
