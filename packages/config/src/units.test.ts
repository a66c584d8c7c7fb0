import { expect, test } from 'vitest'
import { cronProblem } from './cron-problem.ts'
import { splitSourcePath } from './source-location.ts'
import { editDistance, suggest } from './suggest.ts'
import { parseDuration, parseSize } from './units.ts'

test.each([
  ['500ms', 500],
  ['5s', 5000],
  ['30m', 1_800_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['1h30m', 5_400_000],
  ['0s', 0],
  ['1.5s', 1500],
  ['5', undefined],
  ['', undefined],
  ['-5s', undefined],
  ['5 s', undefined],
  ['5x', undefined],
  ['99999999999999999d', undefined],
])('the duration %j is %s ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test.each([
  ['2GB', 2_000_000_000],
  ['512MiB', 536_870_912],
  ['1KiB', 1024],
  ['1 kB', 1000],
  ['1.5GB', 1_500_000_000],
  ['4096', 4096],
  ['4096B', 4096],
  ['', undefined],
  ['GB', undefined],
  ['-1GB', undefined],
  ['1ib', undefined],
  ['9e9GB', undefined],
  ['99999999PB', undefined],
])('the size %j is %s bytes', (text, expected) => {
  expect(parseSize(text)).toBe(expected)
})

test.each([
  ['*/15 * * * *', true],
  ['0 6 * * mon-fri', true],
  ['0 0 1,15 jan,JUL *', true],
  ['0 0 29 2 *', true],
  ['0 0 31 2 *', false],
  ['0 0 31 4,6,9,11 *', false],
  ['0 0 31 2 mon', true],
  ['60 * * * *', false],
  ['* 24 * * *', false],
  ['*/0 * * * *', false],
  ['* * * *', false],
  ['* * * * * *', false],
  ['hourly', false],
  ['5-1 * * * *', false],
])('the cron expression %j is valid: %s', (text, expected) => {
  expect(cronProblem(text) === undefined).toBe(expected)
})

test.each([
  ['landing/a/**/*.csv', '/p/landing/a', '**/*.csv'],
  ['/abs/x-*/y.csv', '/abs', 'x-*/y.csv'],
  ['*.csv', '/p', '*.csv'],
  ['/*.csv', '/', '*.csv'],
  ['../up/*.csv', '/up', '*.csv'],
  ['in/x.parquet', '/p/in', 'x.parquet'],
  ['in', '/p/in', '**/*.parquet'],
  ['in/', '/p/in', '**/*.parquet'],
  ['in/x.parquet/', '/p/in/x.parquet', '**/*.parquet'],
  ['in/**', '/p/in', '**/*'],
  ['in/*/', '/p/in', '*/**/*.parquet'],
  ['file:///data/a%20b/*.csv', '/data/a b', '*.csv'],
])('the path %s is root %s and pattern %s', (written, root, pattern) => {
  expect(splitSourcePath(written, '/p', 'parquet')).toEqual({ kind: 'ok', root, pattern })
})

test('a folder of text files includes the compressed ones', () => {
  expect(splitSourcePath('in', '/p', 'csv')).toMatchObject({
    pattern: '**/*.{csv,csv.gz,csv.zst,tsv,tsv.gz,tsv.zst}',
  })
})

test('the distance counts insertions, deletions, substitutions and swaps', () => {
  expect([
    editDistance('kitten', 'sitting'),
    editDistance('ab', 'ba'),
    editDistance('', 'abc'),
    editDistance('same', 'same'),
  ]).toEqual([3, 1, 3, 0])
})

test('what is too far is not suggested', () => {
  expect(suggest('shedule', ['schedule', 'state'])).toBe('schedule')
  expect(suggest('onFail', ['on_fail', 'threshold'])).toBe('on_fail')
  expect(suggest('banana', ['on_fail', 'threshold'])).toBeUndefined()
})
