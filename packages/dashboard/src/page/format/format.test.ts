import { expect, test } from 'vitest'
import { bytes, count, percent, signed } from './amounts.ts'
import { ago, duration, moment } from './times.ts'

test('counts are short where they are large, and exact below 100,000', () => {
  expect([0, 7, 1234, 99_999, 100_000, 999_999, 1_234_567, 45e9, 2e12].map((value) => count(value))).toEqual([
    '0',
    '7',
    '1,234',
    '99,999',
    '100k',
    '1M',
    '1.23M',
    '45B',
    '2T',
  ])
  expect([null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map((value) => count(value))).toEqual([
    '–',
    '–',
    '–',
    '–',
  ])
})

test('bytes go in powers of 1000', () => {
  expect([0, 999, 1000, 1_500_000, 2e9].map((value) => bytes(value))).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.5 MB',
    '2.0 GB',
  ])
})

test('what is nearly all is not all, and what is nearly nothing is not nothing', () => {
  expect([0, 0.001, 12.34, 99.5, 99.996, 100, null].map((value) => percent(value))).toEqual([
    '0 %',
    '<0.1 %',
    '12.3 %',
    '99.5 %',
    '99.9 %',
    '100 %',
    '–',
  ])
})

test('a difference always has its sign', () => {
  expect([3, -3, 0, null].map((value) => signed(value, count))).toEqual(['+3', '−3', '±0', '–'])
})

test('durations have the two units that matter', () => {
  const times = [0, 850, 12_400, 59_990, 200_000, 7_500_000, 273_600_000]
  expect(times.map((ms) => duration(ms))).toEqual([
    '0 ms',
    '850 ms',
    '12.4 s',
    '1 min 00 s',
    '3 min 20 s',
    '2 h 05 min',
    '3 d 04 h',
  ])
  expect(duration(Number.NaN)).toBe('–')
})

test('times are UTC and say how long ago they were', () => {
  const nowMs = Date.UTC(2026, 10, 21, 12)
  expect(moment('2026-11-20T09:05:00Z', nowMs)).toBe('20 Nov 09:05')
  expect(moment('2025-11-20T09:05:00Z', nowMs)).toBe('20 Nov 2025 09:05')
  expect(moment('nonsense', nowMs)).toBe('–')
  expect([nowMs, nowMs - 180_000, nowMs - 50 * 3_600_000, nowMs + 7_200_000].map((at) => ago(at, nowMs))).toEqual([
    'just now',
    '3 min ago',
    '2 d ago',
    'in 2 h',
  ])
})
