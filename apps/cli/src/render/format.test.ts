import { expect, test } from 'vitest'
import {
  formatAge,
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatInstant,
  formatPercent,
  formatRate,
  sparkline,
} from './format.ts'

test('counts have commas, and what was not measured is a dash', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567')
  expect(formatCount(12_345_678_901_234_567_890n)).toBe('12,345,678,901,234,567,890')
  expect([null, undefined, Number.NaN, Infinity].map((value) => formatCount(value))).toEqual(['–', '–', '–', '–'])
  expect([formatAmount(1, 'file'), formatAmount(0, 'file'), formatAmount(2, 'batch', 'batches')]).toEqual([
    '1 file',
    '0 files',
    '2 batches',
  ])
})

test('bytes go up in thousands and never show a thousand of a unit', () => {
  expect([0, 999, 1000, 1536, 999_949, 999_950, 1e9, 1.5e18].map((value) => formatBytes(value))).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.5 kB',
    '999.9 kB',
    '1.0 MB',
    '1.0 GB',
    '1.5 EB',
  ])
  expect(formatBytes(2n ** 60n)).toBe('1.2 EB')
  expect(formatBytes(999.7)).toBe('1.0 kB')
})

test('durations change unit without showing 60 of the smaller one', () => {
  expect(
    [0, 850, 999.6, 12_340, 59_949, 59_950, 185_000, 3_599_600, 7_380_000, 371_000_000].map((ms) => formatDuration(ms)),
  ).toEqual([
    '0 ms',
    '850 ms',
    '1.0 s',
    '12.3 s',
    '59.9 s',
    '1 min 00 s',
    '3 min 05 s',
    '1 h 00 min',
    '2 h 03 min',
    '4 d 07 h',
  ])
  expect(formatDuration(-1500)).toBe('-1.5 s')
  expect(formatDuration(null)).toBe('–')
})

test('rates keep a decimal where they are small', () => {
  expect([
    formatRate(850_000, 'rows'),
    formatRate(3.456, 'files'),
    formatRate(0, 'files'),
    formatRate(12e6, 'bytes'),
  ]).toEqual(['850,000 rows/s', '3.5 files/s', '0 files/s', '12.0 MB/s'])
  expect(formatRate(null, 'rows')).toBe('–')
})

test('ages are coarse and know the future', () => {
  const now = 1_000_000_000_000
  expect(
    [0, 999, 12_000, 59_999, 60_000, 3_600_000, 86_400_000 * 2000, -300_000].map((ago) => formatAge(now, now - ago)),
  ).toEqual(['now', 'now', '12 s ago', '59 s ago', '1 min ago', '1 h ago', '2,000 d ago', 'in 5 min'])
  expect(formatAge(now, null)).toBe('never')
})

test('a percent is never rounded to all or to nothing', () => {
  const percents = [100, 99.996, 99.96, 99.94, 50, 0.04, 0.06, 0]
  expect(percents.map((percent) => formatPercent(percent))).toEqual([
    '100 %',
    '99.9 %',
    '99.9 %',
    '99.9 %',
    '50 %',
    '<0.1 %',
    '0.1 %',
    '0 %',
  ])
  expect(formatPercent(null)).toBe('–')
  expect(formatPercent(12.346, 2)).toBe('12.35 %')
})

test('instants are UTC', () => {
  expect(formatInstant(Date.UTC(2026, 10, 21, 5, 40, 4, 999))).toBe('2026-11-21 05:40:04Z')
  expect([formatInstant(null), formatInstant(Number.NaN), formatInstant(1e20)]).toEqual(['–', '–', '–'])
})

test('a sparkline spans lowest to highest, with gaps for what was not measured', () => {
  expect(sparkline([0, 7, null, 3.5, Number.NaN])).toBe('▁█ ▅ ')
  expect(sparkline([5, 5])).toBe('▄▄')
  expect(sparkline([0, null, 0])).toBe('▁ ▁')
  expect(sparkline([])).toBe('')
})
