import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli, startCli } from '../testing/run-cli.ts'
import { queryIn, smallProject } from '../testing/small-project.ts'

const notNull = (column: string): object => ({ type: 'expect_column_values_to_not_be_null', kwargs: { column } })
const suite = (expectations: readonly object[]): string => JSON.stringify({ name: 's', expectations })
const NAMES = ["a'b", 'q"uo', 'new\nline', "'; DROP TABLE t; --", 'ünï😀', '__proto__', 'constructor', '<b>&']

const project = smallProject({
  'id.json': suite([notNull('id')]),
  'none.json': suite([]),
  'names.json': suite(NAMES.map((column) => ({ type: 'expect_column_values_to_be_null', kwargs: { column } }))),
  'pattern.json': suite([
    { type: 'expect_column_values_to_match_regex', kwargs: { column: 'id', regex: `(${'a'.repeat(100_000)}` } },
  ]),
  'sets.json': suite(
    Array.from({ length: 60 }, () => ({
      type: 'expect_column_values_to_be_in_set',
      kwargs: { column: 'id', value_set: Array.from({ length: 20_000 }, (_, index) => index) },
    })),
  ),
  'deep.json': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  'slow.json': suite([
    {
      type: 'unexpected_rows_expectation',
      kwargs: { unexpected_rows_query: 'SELECT 1 FROM {batch} a, range(100000000000) b(n) WHERE xor(a.id, n) = -7' },
    },
  ]),
  'zero.parquet': '',
  'folder/one.csv': 'id\n1\n',
})
const cwd = project.directory
beforeAll(async () => {
  mkdirSync(path.join(cwd, 'empty.parquet'))
  const columns = NAMES.map((name) => `'<v> & "${name.length}"' AS "${name.replaceAll('"', '""')}"`)
  await queryIn(cwd, `COPY (SELECT 1 AS id, ${columns.join(', ')}) TO '${cwd}/names.parquet'`)
})
afterAll(() => project.remove())

describe('data that is none', () => {
  test.each([
    ['no bytes', 'zero.parquet', 'too small'],
    ['a folder', 'folder', 'is a folder'],
    ['a folder with the name of a file', 'empty.parquet', 'there is no file'],
    ['a pattern without a match', 'gone*.parquet', 'there is no file'],
  ])('%s is an error with its code, not a result', async (_, data, said) => {
    const run = await runCli(['validate', '--suite', 'id.json', '--data', data], { cwd })
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toContain('CHECK_DATA')
    expect(run.stderr).toContain(said)
  })
})

test('a suite without expectations lets nothing pass, and says that nothing was checked', async () => {
  const run = await runCli(['validate', '--suite', 'none.json', '--data', 'names.parquet'], { cwd })
  expect(run.exitCode).toBe(3)
  expect(run.stderr).toContain('nothing was checked')
})

test('a suite of over a million values is read as JSON', async () => {
  // Read as YAML it would not end within this time.
  const run = await runCli(['validate', '--suite', 'sets.json', '--data', 'names.parquet'], { cwd })
  expect([run.exitCode, run.stderr]).toEqual([0, ''])
}, 120_000)

test('a suite that nests too deeply is refused', async () => {
  const run = await runCli(['validate', '--suite', 'deep.json', '--data', 'names.parquet'], { cwd })
  expect([run.exitCode, run.stdout]).toEqual([2, ''])
  expect(run.stderr).toContain('USAGE_SUITE')
})

test('a pattern of 100,000 letters does not fill the screen', async () => {
  const run = await runCli(['validate', '--suite', 'pattern.json', '--data', 'names.parquet'], { cwd })
  expect(run.exitCode).toBe(3)
  expect(run.stdout).toContain('CHECK_REGEX')
  expect(run.stdout.length).toBeLessThan(5_000)
})

test.each(['table', 'json', 'junit', 'github'])('hostile names and values in %s', async (form) => {
  const run = await runCli(['validate', '--suite', 'names.json', '--data', 'names.parquet', '-o', form], { cwd })
  expect([run.exitCode, run.stderr]).toEqual([3, ''])
  if (form === 'json') expect(JSON.parse(run.stdout)).toMatchObject({ statistics: { unsuccessful_expectations: 8 } })
  if (form === 'junit') expect(run.stdout).not.toContain('<v>')
  if (form === 'github')
    expect(
      run.stdout
        .trim()
        .split('\n')
        .every((line) => line.startsWith('::')),
    ).toBe(true)
})

test('a result that cannot be written is an error with its code', async () => {
  const args = ['validate', '--suite', 'id.json', '--data', 'names.parquet', '-o', 'json', '--output-file']
  for (const file of ['gone/result.json', 'folder']) {
    const run = await runCli([...args, file], { cwd })
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toContain('USAGE_PATH')
  }
})

test('SIGINT ends a long check with 130', async () => {
  const running = startCli(['validate', '--suite', 'slow.json', '--data', 'names.parquet'], { cwd })
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  running.process.kill('SIGINT')
  const { exitCode, stdout } = await running.result
  expect([exitCode, stdout]).toEqual([130, ''])
}, 30_000)
