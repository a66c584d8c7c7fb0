import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupBy, groupByDataset, isoTime, keyOf, quantile } from './figures.ts'

test('times are told as a date tells them, whatever they are', () => {
  const slow = (ms: number): string | null => {
    const date = new Date(ms)
    return Number.isNaN(date.getTime()) ? null : date.toISOString()
  }
  const special = [
    0,
    -1,
    -86_400_000,
    -62_198_755_200_000,
    8.64e15,
    8.64e15 + 1,
    -8.64e15,
    1.5,
    -1.5,
    Number.NaN,
    1e300,
  ]
  for (const ms of special) expect(isoTime(ms), String(ms)).toBe(slow(ms))
  fc.assert(
    fc.property(
      fc.maxSafeInteger(),
      fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
      (any, usual) => {
        expect(isoTime(any)).toBe(slow(any))
        expect(isoTime(usual)).toBe(slow(usual))
      },
    ),
    { seed: 20261121, numRuns: 500 },
  )
  expect([isoTime(null), isoTime(undefined)]).toEqual([null, null])
})

test('quantiles lie between neighbours, and the order of the values does not matter', () => {
  expect([quantile([], 0.5), quantile([7], 0.95), quantile([30, 10, 20, 40], 0.5)]).toEqual([null, 7, 25])
  // 95 % of the way from the first of three to the last: 90 % of the way from 10 to 20.
  expect(quantile([10, 20, 0], 0.95)).toBeCloseTo(19)
})

test('groups hold every item once, in order, as a plain look at each would say', () => {
  const name = fc.constantFrom('a', 'b', "c'\u0000", '')
  fc.assert(
    fc.property(fc.array(fc.record({ source: name, dataset: name })), (items) => {
      const plain = new Map<string, typeof items>()
      for (const item of items) {
        const key = keyOf(item.source, item.dataset)
        plain.set(key, [...(plain.get(key) ?? []), item])
      }
      expect(groupByDataset(items).map((group) => group.items)).toEqual([...plain.values()])
      expect([...groupBy(items, ({ source, dataset }) => keyOf(source, dataset))]).toEqual([...plain])
    }),
    { seed: 20261121, numRuns: 200 },
  )
})
