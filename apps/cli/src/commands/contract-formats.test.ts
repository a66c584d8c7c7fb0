import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCli, runJson } from '../testing/run-cli.ts'
import { smallProject } from '../testing/small-project.ts'

const SCHEMA = `version: 2
models:
  - name: orders
    columns:
      - name: id
        data_type: bigint
        data_tests: [unique, not_null]
      - name: state
        data_tests:
          - accepted_values: { values: [new, paid], config: { severity: warn } }
          - dbt_utils.sequential_values
  - name: ../../evil name
    columns: [{ name: x, data_type: text }]
`

const SUITE = JSON.stringify({
  name: 'orders',
  expectations: [{ type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' }, severity: 'warning' }],
  meta: {},
})

const project = smallProject({
  'schema.yml': SCHEMA,
  'suite.json': SUITE,
  'broken.json': '{"name": ',
  'list.json': '[1]',
})
const cwd = project.directory
afterAll(() => project.remove())

const read = (file: string): string => readFileSync(path.join(cwd, file), 'utf8')

test('one contract is printed, and what has no equivalent is said on stderr', async () => {
  const { exitCode, stdout, stderr } = await runCli(
    ['contract', 'import', 'schema.yml', '--from', 'dbt', '--model', 'orders'],
    { cwd },
  )
  expect(stdout).toContain('contract: orders')
  expect(stdout).toContain('expect_column_values_to_be_in_set')
  expect(stderr).toContain('dbt_utils.sequential_values: it has no equivalent here')
  expect(stderr).toContain('1 note, 1 of them without an equivalent')
  expect(exitCode).toBe(0)
})

test('--strict is 3 if anything has no equivalent', async () => {
  const args = ['contract', 'import', 'schema.yml', '--from', 'dbt', '--strict']
  expect((await runCli([...args, '--model', 'orders'], { cwd })).exitCode).toBe(3)
  expect((await runCli(['contract', 'import', 'suite.json', '--from', 'gx', '--strict'], { cwd })).exitCode).toBe(0)
})

test('several contracts go into a folder, under names that stay in it, and nothing is overwritten', async () => {
  const args = ['contract', 'import', 'schema.yml', '--from', 'dbt', '--out', 'made']
  const { exitCode, stdout } = await runCli(args, { cwd })
  expect(exitCode).toBe(0)
  expect(stdout).toContain('made/orders.yaml  1 column, 3 checks')
  expect(read('made/__.._evil_name.yaml')).toContain('evil name')
  expect((await runCli(['contract', 'check', 'made/orders.yaml'], { cwd })).exitCode).toBe(0)
  const again = await runCli(args, { cwd })
  expect(again.exitCode).toBe(2)
  expect(again.stderr).toContain('made/orders.yaml is there already')
  expect((await runCli([...args, '--force'], { cwd })).exitCode).toBe(0)
})

test.each(['gx-1', 'gx-0.18', 'odcs', 'dbt'])('a contract exported to %s is imported again', async (to) => {
  await runCli(['contract', 'import', 'schema.yml', '--from', 'dbt', '--model', 'orders', '--out', `${to}.yaml`], {
    cwd,
  })
  expect((await runCli(['contract', 'export', `${to}.yaml`, '--to', to, '--out', `out-${to}`], { cwd })).exitCode).toBe(
    0,
  )
  const from = to.startsWith('gx') ? 'gx' : to
  const { json } = await runJson(['contract', 'import', `out-${to}`, '--from', from], { cwd })
  expect(json['items']).toMatchObject([
    {
      contract: {
        contract: 'orders',
        schema: { columns: { id: { type: 'BIGINT' } } },
        expectations: expect.arrayContaining([
          expect.objectContaining({ type: 'expect_column_values_to_be_in_set', severity: 'warning' }),
        ]) as unknown,
      },
    },
  ])
})

test('what is no file, no YAML or no suite is a mistake of usage', async () => {
  for (const args of [
    ['import', 'nothing.json', '--from', 'gx'],
    ['import', 'broken.json', '--from', 'gx'],
    ['import', 'list.json', '--from', 'gx'],
    ['import', 'suite.json'],
    ['import', 'suite.json', '--from', 'dbt'],
    ['import', 'schema.yml', '--from', 'dbt', '--model', 'nobody'],
    ['import', 'schema.yml', '--from', 'dbt', '--out', 'one.yaml'],
    ['export', 'suite.json', '--to', 'odcs'],
    ['export'],
  ])
    expect([args, (await runCli(['contract', ...args], { cwd })).exitCode]).toEqual([args, 2])
})

test('contract diff is 3 where something is breaking', async () => {
  await runCli(['contract', 'import', 'suite.json', '--from', 'gx', '--out', 'a.yaml'], { cwd })
  writeFileSync(path.join(cwd, 'b.yaml'), read('a.yaml').replace('severity: warning', 'severity: critical'))
  const { exitCode, stdout } = await runCli(['contract', 'diff', 'a.yaml', 'b.yaml'], { cwd })
  expect(stdout).toContain('breaking')
  expect(exitCode).toBe(3)
  expect((await runCli(['contract', 'diff', 'b.yaml', 'a.yaml'], { cwd })).exitCode).toBe(0)
})
