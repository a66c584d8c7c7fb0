import { expect, test } from 'vitest'
import { amount, bytes, duration, listing, percent, signedPercent } from './wording.ts'

test('what is not all is never told as 100 percent, what is not nothing never as 0', () => {
  expect([0, 0.01, 12.34, 99.99, 100, -3.26, null].map((value) => percent(value))).toEqual([
    '0 %',
    '<0.1 %',
    '12.3 %',
    '99.9 %',
    '100 %',
    '-3.3 %',
    'unknown',
  ])
  expect([signedPercent(5), signedPercent(-5)]).toEqual(['+5 %', '-5 %'])
})

test('durations and sizes are told in units that people read, and never as a thousand of one', () => {
  expect([850, 999.6, 12_345, 59_960, 3_600_000, 4 * 86_400_000 + 7 * 3_600_000].map((ms) => duration(ms))).toEqual([
    '850 ms',
    '1.0 s',
    '12.3 s',
    '1 min 00 s',
    '1 h 00 min',
    '4 d 07 h',
  ])
  expect([0, 999, 999.6, 1500, 999_960, 2.5e12].map((value) => bytes(value))).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.5 kB',
    '1.0 MB',
    '2.5 TB',
  ])
})

test('nouns are in the right number, and of many names the rest is counted', () => {
  expect([amount(1, 'file'), amount(1234, 'file')]).toEqual(['1 file', '1,234 files'])
  expect([listing([]), listing(['a']), listing(['a', 'b', 'c']), listing(['a', 'b', 'c', 'd', 'e'])]).toEqual([
    '',
    'a',
    'a, b and c',
    'a, b, c and 2 more',
  ])
})
