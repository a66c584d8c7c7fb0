import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlob, globsOverlap } from './glob-overlap.ts'

/** The same globs as regular expressions: an independent reading of them. */
function toRegExp(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((part, index, all) => {
      const last = index === all.length - 1
      if (part === '**') return last ? '.*' : '(?:[^/]+/)*'
      const name = part.replaceAll('*', '[^/]*').replaceAll('?', '[^/]').replaceAll('[!', '[^')
      return last ? name : `${name}/`
    })
    .join('')
  return new RegExp(`^${source}$`)
}

/** All sequences of one to `most` of the items. */
function sequences(items: readonly string[], most: number): readonly (readonly string[])[] {
  const shorter = most === 1 ? [] : sequences(items, most - 1)
  const ends = most === 1 ? [[]] : shorter.filter((sequence) => sequence.length === most - 1)
  return [...shorter, ...ends.flatMap((sequence) => items.map((item) => [...sequence, item]))]
}

function overlap(one: string, other: string): boolean {
  return compileGlob('/', one).some((a) => compileGlob('/', other).some((b) => globsOverlap(a, b)))
}

test('names overlap exactly if some short name matches both', () => {
  // Two patterns of two tokens each have a common name of at most four letters, or none; c stands for all other letters.
  const names = sequences(['a', 'b', 'c'], 4).map((letters) => letters.join(''))
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '*', '?', '[a]', '[ab]', '[b-c]', '[!a]', '[!ab]'), { minLength: 1, maxLength: 2 })
    .map((tokens) => tokens.join('').replaceAll('**', '*'))
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const [first, second] = [toRegExp(one), toRegExp(other)]
      expect(overlap(one, other)).toBe(names.some((name) => first.test(name) && second.test(name)))
    }),
    { numRuns: 1000 },
  )
})

test('paths overlap exactly if some short path matches both', () => {
  const paths = sequences(['a', 'b', 'c'], 6).map((names) => names.join('/'))
  const pattern = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', '*', '**'), { maxLength: 2 }), fc.constantFrom('a', 'b', '*'))
    .map(([above, last]) => [...above, last].join('/'))
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const [first, second] = [toRegExp(one), toRegExp(other)]
      expect(overlap(one, other)).toBe(paths.some((path) => first.test(path) && second.test(path)))
    }),
    { numRuns: 200 },
  )
})

test.each([
  ['*.csv', '*.parquet', false],
  ['{a,b}*.csv', '{c,d}*.csv', false],
  ['{a,b}*.csv', '{b,c}*.csv', true],
  ['**/x/*.csv', 'y/**', true],
  ['[a-c]x', '[!a-c]x', false],
  ['[!a]x', '[!b]x', true],
  ['a?c', 'a*c', true],
  ['**', 'a', true],
  ['x/{a/b,c}/*.csv', 'x/a/*/*.csv', true],
])('%s and %s: %s', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected)
})
