import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePaths } from './compare-paths.ts'

test('paths are in the order of their bytes, whatever is in them', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '-', 'é', '\u07FF', '\uD7FF', '\uE000', '\uFFFD', '😀', '𐀀'),
  })
  fc.assert(
    fc.property(text, text, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right))
      expect(Math.sign(comparePaths(left, right))).toBe(bytes)
    }),
    { seed: 5, numRuns: 2000 },
  )
})
