import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { visiblePathProblem } from './layout.ts'
import { safeName } from './safe-name.ts'

test('the readable part stays, what is not portable becomes a dash', () => {
  expect(safeName('2026/01/flights 1.parquet')).toMatch(/^2026-01-flights-1\.parquet-[0-9a-f]{16}$/)
  expect(safeName('Größe.csv')).toMatch(/^Gro-e\.csv-[0-9a-f]{16}$/)
})

test('hostile paths become portable names', () => {
  const hostile = [
    '',
    '.',
    '..',
    '../../etc/passwd',
    "'; DROP TABLE x; --",
    'a\nb',
    'a\0b',
    '"',
    '飛行.parquet',
    '-rf',
    'CON',
  ]
  hostile.push('x'.repeat(300), '._tidegate', '/abs', 'a\\b', '\u202Egnp.exe')
  for (const path of hostile) expect(safeName(path)).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,96}$/)
  expect(new Set(hostile.map((path) => safeName(path).toLowerCase())).size).toBe(hostile.length)
})

test('paths that differ only in case or in form get different names on any file system', () => {
  expect(safeName('A.csv').toLowerCase()).not.toBe(safeName('a.csv').toLowerCase())
  expect(safeName('\u00e9')).not.toBe(safeName('e\u0301'))
})

test('every name is a valid visible path without a data extension', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 300 }), (path) => {
      const name = safeName(path)
      expect(visiblePathProblem(name)).toBeUndefined()
      expect(name).not.toMatch(/\.(parquet|csv|json)$/)
      expect(name).toBe(safeName(path))
    }),
    { numRuns: 300 },
  )
})
