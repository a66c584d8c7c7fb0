import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'
import { queryIn, smallProject } from '../testing/small-project.ts'

const BETWEEN = { column: 'amount', min_value: 0, max_value: 100 }
const OLD_SUITE = {
  expectation_suite_name: 'orders',
  data_asset_type: 'Dataset',
  expectations: [
    { expectation_type: 'expect_column_values_to_be_between', kwargs: BETWEEN, meta: {} },
    { expectation_type: 'expect_column_values_to_not_be_null', kwargs: { column: 'id' }, meta: {} },
  ],
  meta: { great_expectations_version: '0.18.22' },
}
const YAML_SUITE = `name: orders
expectations:
  - type: expect_column_max_to_be_between
    kwargs: { column: amount, max_value: { $PARAMETER: upper } }
`
const CONTRACT = `contract: orders
version: 1
schema:
  columns:
    id: { type: BIGINT, nullable: false }
expectations:
  - type: expect_table_row_count_to_equal_other_table
    kwargs: { other_table_name: others }
`
const WRONG_CONTRACT = `contract: orders
version: 1
schema:
  columns:
    id: { type: BIGINT, nulable: false }
expectations:
  - type: expect_column_values_to_not_be_null
    kwargs: { column: id }
    mostly: 0.9
    severity: fatal
`
const PLUGIN = `export const expectations = [{
  type: 'expect_table_to_be_fine', kind: 'table', dimension: 'validity', label: 'fine', kwargs: {},
  compile: () => ({ kind: 'decided', judgement: { passed: true, message: 'fine' } }), judge: () => ({ passed: true, message: '' }),
}]`

const project = smallProject({
  'orders.csv': 'id,amount,city\n1,10.5,Oslo\n2,250,Bergen\n3,,Oslo\n4,-1,Oslo\n',
  'old.json': JSON.stringify(OLD_SUITE),
  'new.yaml': YAML_SUITE,
  'contract.yaml': CONTRACT,
  'plugin.mjs': PLUGIN,
  'plugged.json': JSON.stringify({ name: 'p', expectations: [{ type: 'expect_table_to_be_fine', kwargs: {} }] }),
  'sample.json': JSON.stringify([
    { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'x' } },
    { type: 'expect_column_values_to_be_between', kwargs: { column: 'x', min_value: 70 } },
    { type: 'expect_column_values_to_be_in_set', kwargs: { column: 'y', value_set: [0, 1, 2] } },
  ]),
  'no-suite.json': '{"name": "x"}',
  'broken.json': '{"name": ',
})
const cwd = project.directory
beforeAll(async () => {
  await queryIn(cwd, `COPY (FROM read_csv('${cwd}/orders.csv')) TO '${cwd}/orders.parquet'`)
  const sample = 'SELECT CASE WHEN i >= 68 THEN i END AS x, i % 3 AS y FROM range(100) t(i)'
  await queryIn(cwd, `COPY (${sample}) TO '${cwd}/sample.parquet'`)
})
afterAll(() => project.remove())

const base = ['validate', '--suite', 'old.json', '--data', 'orders.parquet']

test('json is the validation result of Great Expectations and nothing else; a failure exits with 3', async () => {
  const before = project.fingerprint()
  const { exitCode, stdout } = await runCli(
    [...base, '--result-format', 'complete', '--index-columns', 'id', '-o', 'json'],
    { cwd },
  )
  expect(exitCode).toBe(3)
  const result = JSON.parse(stdout) as Record<string, never>
  expect(Object.keys(result)).toEqual(['success', 'results', 'suite_name', 'suite_parameters', 'statistics', 'meta'])
  expect(result).toMatchObject({
    success: false,
    suite_name: 'orders',
    statistics: {
      evaluated_expectations: 2,
      successful_expectations: 1,
      unsuccessful_expectations: 1,
      success_percent: 50,
    },
    results: [
      {
        success: false,
        expectation_config: OLD_SUITE.expectations[0],
        result: {
          element_count: 4,
          missing_count: 1,
          unexpected_count: 2,
          unexpected_list: [250, -1],
          unexpected_index_list: [
            { amount: 250, id: 2 },
            { amount: -1, id: 4 },
          ],
        },
        exception_info: { raised_exception: false, exception_message: null, exception_traceback: null },
      },
      { success: true, expectation_config: OLD_SUITE.expectations[1], meta: { tidegate: { proved_by: 'metadata' } } },
    ],
  })
  expect(project.fingerprint()).toEqual(before)
})

test('for people: the verdict, what failed, example rows, what to do next', async () => {
  const { exitCode, stdout } = await runCli([...base, '--index-columns', 'id', 'city', '--explain'], { cwd })
  expect(exitCode).toBe(3)
  expect(stdout).toContain('Verdict: failed, 1 of 2 checks passed')
  expect(stdout).toContain('amount between 0 and 100: 2 of 3 rows unexpected')
  expect(stdout).toMatch(/amount +id +city/)
  expect(stdout).toMatch(/250 +2 +Bergen/)
  expect(stdout).toContain('Plan: ')
  expect(stdout).toContain('--result-format COMPLETE')
})

test('CSV files are validated like Parquet files, ndjson has one line per check', async () => {
  const { exitCode, stdout } = await runCli(['validate', '--suite', 'old.json', '--data', '*.csv', '-o', 'ndjson'], {
    cwd,
  })
  expect(exitCode).toBe(3)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { success: boolean })
  expect(lines.map((line) => line.success)).toEqual([false, true])
})

test('a YAML suite takes parameters, as JSON or from a file', async () => {
  const args = ['validate', '--suite', 'new.yaml', '--data', 'orders.parquet', '--parameters']
  expect((await runCli([...args, '{"upper": 250}'], { cwd })).exitCode).toBe(0)
  project.write('parameters.yaml', 'upper: 249\n')
  expect((await runCli([...args, 'parameters.yaml'], { cwd })).exitCode).toBe(3)
  const none = await runCli(args.slice(0, -1), { cwd })
  expect(none.exitCode).toBe(3)
  expect(none.stdout).toMatch(/error +critical/)
})

test('a contract and another table', async () => {
  const args = ['validate', '--suite', 'contract.yaml', '--data', 'orders.parquet']
  expect((await runCli([...args, '--table', 'others=orders.csv'], { cwd })).exitCode).toBe(0)
  expect((await runCli(args, { cwd })).exitCode).toBe(3)
})

test('a contract is read as by contract check: all its problems are told with their places', async () => {
  project.write('wrong.yaml', WRONG_CONTRACT)
  const args = ['validate', '--suite', 'wrong.yaml', '--data', 'orders.parquet']
  const { exitCode, stdout, stderr } = await runCli(args, { cwd })
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/wrong\.yaml:5:\d+[^]*nulable/)
  expect(stderr).toMatch(/wrong\.yaml:9:\d+[^]*mostly/)
  expect(stderr).toMatch(/wrong\.yaml:10:\d+/)
  expect(stderr).toContain('3 problems in wrong.yaml')
  project.write('wrong.json', '{"contract": "c", "version": 1, "expectation": []}')
  const json = await runCli(['validate', '--suite', 'wrong.json', '--data', 'orders.parquet'], { cwd })
  expect([json.exitCode, json.stdout]).toEqual([2, ''])
  expect(json.stderr).toContain('CONFIG_CONTRACT')
})

test('a suite item with a key that nobody knows is refused with what was meant', async () => {
  const item = { type: 'expect_column_to_exist', kwargs: { column: 'id' }, condition: 'id > 1' }
  project.write('odd.json', JSON.stringify({ name: 's', expectations: [item] }))
  const { exitCode, stderr } = await runCli(['validate', '--suite', 'odd.json', '--data', 'orders.parquet'], { cwd })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('expectations[0].condition')
  expect(stderr).toContain('Did you mean kwargs.row_condition?')
})

test('an item of a plug-in that is no expectation is named', async () => {
  project.write('bad-plugin.mjs', `${PLUGIN.slice(0, -1)}, { type: 'expect_half', compile: () => 1 }]`)
  const { exitCode, stderr } = await runCli([...base, '--plugin', './bad-plugin.mjs'], { cwd })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('expectations[1] of the plug-in ./bad-plugin.mjs ("expect_half") has no function judge')
})

test.each(['./gone.mjs', 'no-such-package-of-checks'])(
  'a plug-in that is not there is named as it was given: %s',
  async (name) => {
    const { exitCode, stderr } = await runCli([...base, '--plugin', name], { cwd })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`there is no plug-in ${name}: neither a file nor a package`)
    expect(stderr).not.toContain('load-plugins')
  },
)

test('examples of many rows are called so, the score is told by dimension, and data is named as it was given', async () => {
  const suite = ['validate', '--suite', 'sample.json', '--data', './sample.parquet']
  const { stdout } = await runCli(suite, { cwd })
  expect(stdout).toContain('x:not_null: 68 rows, for example NULL\n')
  // Of 68 to 99 these two are below 70: all of them are shown.
  expect(stdout).toContain('x:between: 68, 69\n')
  expect(stdout).toContain('./sample.parquet;')
  expect(stdout).toContain('\nScore 33.33: completeness 0 (1), validity 50 (2)\n')
  const { stdout: junit } = await runCli([...suite, '-o', 'junit'], { cwd })
  expect(junit).toContain('<testsuite name="./sample.parquet"')
  expect(junit).toContain('unexpected: 68 of 100 rows')
  const { stdout: markdown } = await runCli([...suite, '-o', 'markdown'], { cwd })
  expect(markdown).toContain('Scores: completeness 0 (1) · validity 50 (2)')
})

test('a plug-in by its file', async () => {
  const args = ['validate', '--suite', 'plugged.json', '--data', 'orders.parquet']
  expect((await runCli([...args, '--plugin', './plugin.mjs'], { cwd })).exitCode).toBe(0)
  expect((await runCli(args, { cwd })).exitCode).toBe(3)
})

test('reports for pipelines: JUnit, Markdown, GitHub annotations', async () => {
  const of = async (form: string): Promise<string> => (await runCli([...base, '-o', form], { cwd })).stdout
  expect(await of('junit')).toMatch(/^<\?xml[^]*<testsuites[^]*failure/)
  expect(await of('markdown')).toContain('amount between 0 and 100: 2 of 3 rows unexpected')
  const summary = path.join(cwd, 'summary.md')
  const { stdout } = await runCli([...base, '-o', 'github'], { cwd, env: { GITHUB_STEP_SUMMARY: summary } })
  expect(stdout).toMatch(/^::error /m)
  expect(project.read('summary.md')).toContain('orders')
})

test('--output-file takes the result, and stdout stays empty', async () => {
  const { stdout } = await runCli([...base, '-o', 'json', '--output-file', 'result.json'], { cwd })
  expect(stdout).toBe('')
  expect(JSON.parse(project.read('result.json'))).toMatchObject({ success: false })
})

describe('what cannot be used', () => {
  test.each([
    ['no suite', ['--data', 'orders.csv'], 2, 'suite'],
    ['no data', ['--suite', 'old.json'], 2, 'data'],
    ['a suite that is not there', ['--suite', 'gone.json', '--data', 'orders.csv'], 2, 'USAGE_SUITE'],
    ['a suite without expectations', ['--suite', 'no-suite.json', '--data', 'orders.csv'], 2, 'CHECK_SUITE'],
    ['a suite that is not JSON', ['--suite', 'broken.json', '--data', 'orders.csv'], 2, 'USAGE_SUITE'],
    [
      'an unknown format',
      ['--suite', 'old.json', '--data', 'orders.csv', '--result-format', 'ALL'],
      2,
      'CHECK_RESULT_FORMAT',
    ],
    [
      'an index column',
      ['--suite', 'old.json', '--data', 'orders.csv', '--index-columns', 'key'],
      2,
      'CHECK_INDEX_COLUMN',
    ],
    ['parameters', ['--suite', 'old.json', '--data', 'orders.csv', '--parameters', '[1]'], 2, 'USAGE_PARAMETERS'],
    ['a table', ['--suite', 'old.json', '--data', 'orders.csv', '--table', 'others'], 2, 'USAGE_TABLE'],
    ['a plug-in', ['--suite', 'old.json', '--data', 'orders.csv', '--plugin', './gone.mjs'], 2, 'CHECK_PLUGIN'],
    ['data that is not there', ['--suite', 'old.json', '--data', 'gone.parquet'], 1, 'CHECK_DATA'],
  ])('%s', async (_, args, exitCode, said) => {
    const run = await runCli(['validate', ...args], { cwd })
    expect([run.exitCode, run.stdout]).toEqual([exitCode, ''])
    expect(run.stderr).toContain(said)
  })
})

test('files are found from the folder of -C', async () => {
  const run = await runCli(['-C', cwd, ...base], { cwd: path.dirname(cwd) })
  expect(run.exitCode).toBe(3)
})
