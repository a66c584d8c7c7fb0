import { codeOf } from '@tidegate/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { escapeGlob, matchFolder, matchGlob, splitGlob } from './index.ts'

describe('matchGlob', () => {
  const cases: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
    ['*.csv', ['a.csv', '.csv', '.hidden.csv'], ['a/b.csv', 'a.csv.gz', 'csv']],
    ['**/*.csv', ['a.csv', 'x/a.csv', 'x/y/z/a.csv'], ['a.tsv', 'x/a.csv/b']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a/c']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a/b/c', 'ab', 'a/xb']],
    ['**', ['a', 'a/b'], []],
    ['**/**/x', ['x', 'a/x', 'a/b/x'], ['a/y']],
    ['a**b', ['ab', 'axxb'], ['a/b']],
    ['file-?.txt', ['file-1.txt', 'file-ü.txt', 'file-😀.txt'], ['file-.txt', 'file-12.txt']],
    ['[a-c]x', ['ax', 'cx'], ['dx', 'x', '-x']],
    ['[!a-c]x', ['dx', '!x'], ['ax', 'x']],
    ['[]x]', [']', 'x'], ['[']],
    ['[a-]', ['a', '-'], ['b']],
    ['[z-a]', [], ['a', 'z', 'm', '-']],
    ['[ab', ['[ab'], ['a']],
    ['{a,b}/*.{csv,json}', ['a/x.csv', 'b/y.json'], ['c/x.csv', 'a/x.xml']],
    ['{a/b,c}/d', ['a/b/d', 'c/d'], ['a/d']],
    ['x{,y}z', ['xz', 'xyz'], ['xyyz']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['b', 'ad']],
    ['{one}', ['{one}'], ['one']],
    ['{a,b', ['{a,b'], ['a']],
    [String.raw`\*.csv`, ['*.csv'], ['a.csv']],
    [String.raw`\{a,b\}`, ['{a,b}'], ['a']],
    [String.raw`a\\b`, [String.raw`a\b`], ['ab']],
    ["it's; DROP TABLE x--*", ["it's; DROP TABLE x--", "it's; DROP TABLE x--1"], ['its']],
    ['a\nb*', ['a\nb', 'a\nbc'], ['ab']],
  ]
  for (const [pattern, matching, others] of cases)
    test(`${JSON.stringify(pattern)} matches what it says`, () => {
      const matches = matchGlob(pattern)
      expect(matching.filter((path) => !matches(path))).toEqual([])
      expect(others.filter((path) => matches(path))).toEqual([])
    })

  test('agrees with a naive matcher on random patterns and paths', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '/', '*', '**', '?', '[ab]', '[!a]', '.'), { maxLength: 8 })
    const path = fc.array(fc.constantFrom('a', 'b', '.', '/'), { maxLength: 8 })
    fc.assert(
      fc.property(pattern, path, (parts, chars) => {
        const glob = parts.join('')
        const text = chars.join('')
        expect([glob, text, matchGlob(glob)(text)]).toEqual([glob, text, naiveMatch(glob, text)])
      }),
      { numRuns: 3000, seed: 7 },
    )
  })

  test('hostile patterns take no exponential time', () => {
    const started = performance.now()
    expect(matchGlob('*a'.repeat(500))('a'.repeat(2000) + 'b')).toBe(false)
    expect(matchGlob('**/'.repeat(300) + 'x')('a/'.repeat(1000) + 'y')).toBe(false)
    expect(matchGlob('**/*a*/'.repeat(60) + 'x')('aa/'.repeat(500) + 'y')).toBe(false)
    expect(performance.now() - started).toBeLessThan(3000)
  })

  test('too many brace combinations are refused, not expanded', () => {
    expect(codeOf(caught(() => matchGlob('{a,b}'.repeat(40))))).toBe('GLOB_INVALID')
    expect(codeOf(caught(() => matchGlob('a'.repeat(5000))))).toBe('GLOB_INVALID')
    expect(matchGlob('{a,b}'.repeat(10))('abababbbba')).toBe(true)
  })

  test('an escaped text matches itself and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        fc.pre(!text.includes('/'))
        expect(matchGlob(escapeGlob(text))(text)).toBe(true)
        expect(matchGlob(escapeGlob(text))(`${text}x`)).toBe(false)
      }),
      { numRuns: 500, seed: 7 },
    )
  })
})

test('matchFolder says whether anything below can match', () => {
  expect(matchFolder('a/*.csv')('a')).toBe(true)
  expect(matchFolder('a/*.csv')('b')).toBe(false)
  expect(matchFolder('a/*.csv')('a/b')).toBe(false)
  expect(matchFolder('a/**/*.csv')('a/b/c')).toBe(true)
  expect(matchFolder('{a,b}/c/x')('b/c')).toBe(true)
  expect(matchFolder('x')('')).toBe(true)
})

test('splitGlob cuts a path at its first wildcard', () => {
  expect(splitGlob('/data/in/**/*.csv')).toEqual({ root: '/data/in', pattern: '**/*.csv' })
  expect(splitGlob('landing/x.csv')).toEqual({ root: 'landing', pattern: 'x.csv' })
  expect(splitGlob('*.csv')).toEqual({ root: '.', pattern: '*.csv' })
  expect(splitGlob('/*.csv')).toEqual({ root: '/', pattern: '*.csv' })
  expect(splitGlob('a/{b,c/d}/e')).toEqual({ root: 'a', pattern: '{b,c/d}/e' })
  expect(splitGlob(String.raw`a\[1\]/x*`)).toEqual({ root: 'a[1]', pattern: 'x*' })
  expect(splitGlob('s3://bucket/in/*.csv')).toEqual({ root: 's3://bucket/in', pattern: '*.csv' })
})

/** Tries everything: exponential, but easy to believe. Knows no braces and no escapes. */
function naiveMatch(glob: string, path: string): boolean {
  return naiveSegments(glob.split('/'), path.split('/'))
}

function naiveSegments(globs: readonly string[], parts: readonly string[]): boolean {
  const [glob, ...rest] = globs
  if (glob === undefined) return parts.length === 0
  if (glob === '**') {
    if (rest.length === 0) return parts.length > 0
    return parts.some((_, index) => naiveSegments(rest, parts.slice(index)))
  }
  const [part, ...others] = parts
  return part !== undefined && naiveText(glob, part) && naiveSegments(rest, others)
}

function naiveText(glob: string, text: string): boolean {
  if (glob === '') return text === ''
  if (glob.startsWith('*')) return naiveText(glob.slice(1), text) || (text !== '' && naiveText(glob, text.slice(1)))
  if (text === '') return false
  const first = text.charAt(0)
  if (glob.startsWith('[ab]')) return 'ab'.includes(first) && naiveText(glob.slice(4), text.slice(1))
  if (glob.startsWith('[!a]')) return first !== 'a' && naiveText(glob.slice(4), text.slice(1))
  return (glob.startsWith('?') || glob.startsWith(first)) && naiveText(glob.slice(1), text.slice(1))
}

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
