import { expect, test } from 'vitest'
import { ageText, parseAge } from './parse-age.ts'

test.each<readonly [text: string, ms: number | undefined]>([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['24h', 86_400_000],
  ['1.5 hours', 5_400_000],
  ['2d', 172_800_000],
  ['1 week', 604_800_000],
  ['500ms', 500],
  ['0d', 0],
  ['1 fortnight', undefined],
  ['h', undefined],
  ['-1h', undefined],
  ['1h 30m', undefined],
  ['1constructor', undefined],
  ['', undefined],
])('%j', (text, ms) => {
  expect(parseAge(text)).toBe(ms)
})

test('ages are told in their two largest units', () => {
  expect([90_061_000, 86_400_000, 3_600_000, 125_000, 5, 0].map(ageText)).toEqual([
    '1 d 1 h',
    '1 d',
    '1 h',
    '2 min 5 s',
    '5 ms',
    '0 ms',
  ])
})
