/** Results on stdout, everything else on stderr; nothing but text where nobody sees colours. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLI, runProcess } from './testing/run-cli.ts'
import { ordersCsv, ordersProject } from './testing/small-project.ts'

const project = ordersProject({ 'landing/a.csv': ordersCsv(1, 20), 'landing/bad.csv': 'id,amount,city\n1,5000,Oslo\n' })
const cwd = project.directory
beforeAll(async () => {
  await runProcess(['ingest'], { cwd })
})
afterAll(() => project.remove())

test('piped output has no escape codes; FORCE_COLOR brings them, NO_COLOR wins', async () => {
  const plain = await runProcess(['files', 'explain', 'bad.csv'], { cwd })
  expect(plain.stdout + plain.stderr).not.toContain('\u001b')
  const forced = await runProcess(['files', 'explain', 'bad.csv'], { cwd, env: { FORCE_COLOR: '1' } })
  expect(forced.stdout).toContain('\u001b[')
  const refused = await runProcess(['files', 'explain', 'bad.csv'], { cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
  expect(refused.stdout).not.toContain('\u001b')
})

test('--log-format json: each line on stderr is a JSON object with time and level; stdout stays pure JSON', async () => {
  const { stdout, stderr } = await runProcess(['ingest', '--force', '--log-format', 'json', '-o', 'json'], { cwd })
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map((line) => line['event'])).toEqual(['stage-start', 'stage-start', 'stage-end', 'stage-end'])
  for (const line of lines) expect(line).toMatchObject({ level: 'info', time: expect.stringMatching(/Z$/) as string })
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, kind: 'ingest' })
})

test('an error under --log-format json is one JSON line with code, message and hint', async () => {
  const { exitCode, stdout, stderr } = await runProcess(['ingest', 'nobody', '--log-format', 'json', '-o', 'json'], {
    cwd,
  })
  expect(exitCode).toBe(2)
  expect(stdout).toBe('')
  expect(JSON.parse(stderr)).toMatchObject({
    level: 'error',
    event: 'error',
    code: 'CONFIG_UNKNOWN_SOURCE',
    hint: 'Its sources are: orders.',
  })
})

test('--log-level silent says nothing but errors', async () => {
  expect((await runProcess(['ingest', '--force', '--log-level', 'silent'], { cwd })).stderr).toBe('')
  expect((await runProcess(['ingest', 'nobody', '--log-level', 'silent'], { cwd })).stderr).toContain(
    'CONFIG_UNKNOWN_SOURCE',
  )
})

test('ndjson is one line per item', async () => {
  const { stdout } = await runProcess(['files', 'ls', '-o', 'ndjson'], { cwd })
  const paths = stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { path: string }).path)
  expect(paths.toSorted()).toEqual(['a.csv', 'bad.csv'])
})

test('a reader that goes away is no crash', () => {
  const script = `"${process.execPath}" --conditions=tidegate:source "${CLI}" explain PQ105 | true; echo "\${PIPESTATUS[0]}"
"${process.execPath}" --conditions=tidegate:source "${CLI}" monitor -o json | head -c 1 >/dev/null; echo "\${PIPESTATUS[0]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout).toBe('0\n0\n')
})

test('stack traces are shown with --debug only', async () => {
  expect((await runProcess(['ingest', 'nobody'], { cwd })).stderr).not.toContain('    at ')
  expect((await runProcess(['ingest', 'nobody', '--debug'], { cwd })).stderr).toContain('    at ')
})

test('--version, --help and a mistake load no engine, no database and no package of ours', async () => {
  const preload = path.join(cwd, 'record-imports.mjs')
  writeFileSync(
    preload,
    `import { registerHooks } from 'node:module'
import { appendFileSync } from 'node:fs'
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    appendFileSync(process.env.IMPORT_LOG, found.url + '\\n')
    return found
  },
})
`,
  )
  const imported = async (args: readonly string[]): Promise<readonly string[]> => {
    // Not stderr: a pipe whose reader is slow refuses what does not fit, and the import would fail.
    const log = path.join(cwd, 'imports.log')
    writeFileSync(log, '')
    await runProcess(args, { cwd, preload, env: { IMPORT_LOG: log }, unbundled: true })
    return readFileSync(log, 'utf8').trimEnd().split('\n')
  }
  for (const args of [['--version'], ['--help'], ['ingest', '--help'], ['ingst']]) {
    const modules = await imported(args)
    expect(modules.length).toBeGreaterThan(2)
    expect(modules.filter((line) => /duckdb|better-sqlite3|kysely|packages\/(?!core)/.test(line))).toEqual([])
  }
  expect(await imported(['--version'])).toHaveLength(3)
  // A report in the terminal needs no server, no page and no template of one.
  const monitored = await imported(['monitor'])
  expect(monitored.some((line) => line.includes('packages/monitor/src'))).toBe(true)
  expect(monitored.filter((line) => /fastify|packages\/(?:dashboard|server)\//.test(line))).toEqual([])
  // The recorder does see what a command loads.
  expect((await imported(['files', 'ls'])).some((line) => line.includes('better-sqlite3'))).toBe(true)
}, 120_000)
