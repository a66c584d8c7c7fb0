/** What people get wrong: each ends with a code, the place, a hint and the right exit code, and nothing is lost. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { runCli, runJson } from './testing/run-cli.ts'
import { runHere, runJsonHere } from './testing/run-here.ts'
import {
  ORDERS_CONTRACT,
  ORDERS_YAML,
  countOrders,
  ordersCsv,
  ordersProject,
  queryIn,
  smallProject,
} from './testing/small-project.ts'

const projects: { remove(): void }[] = []
const kept = <Project extends { remove(): void }>(project: Project): Project => {
  projects.push(project)
  return project
}
afterAll(() => projects.forEach((project) => project.remove()))

test.for([
  [['ingst'], 'there is no command "ingst"', 'Did you mean `tidegate ingest`?'],
  [['ingest', '--dryrun'], 'ingest has no option --dryrun', 'Did you mean --dry-run?'],
  [['files', 'explian', 'x'], 'files takes ls | explain | retry, not "explian"', 'Did you mean explain?'],
  [['files'], 'files needs more words: tidegate files <action> [paths..]', 'One of: ls, explain, retry.'],
  [['ingest', '-o', 'xml'], '--output takes table | json | ndjson, not "xml"', '--help'],
  [['ingest', '--workers', 'many'], '--workers takes a number', '--help'],
  [['ingest', '--set'], '--set needs a value', '--help'],
  [['ingest', '--threshold'], '--threshold needs a value', '--help'],
  [['ingest', '--threshold='], '--threshold needs a value', '--help'],
  [['ingest', '-C'], '-C needs a value', '--help'],
  [['ingest', '--workers', '--dry-run'], '--workers needs a value', '--help'],
  [['run-all', '--exit-code-no-data'], '--exit-code-no-data needs a value', '--help'],
  [['history', '--limit'], '--limit needs a value', '--help'],
  [['profile', '--sample'], '--sample needs a value', '--help'],
  [['monitor', '--since'], '--since needs a value', '--help'],
  [['monitor', '--html'], '--html needs a value', '--help'],
  [['monitor', '--sinse', '7d'], 'monitor has no option --sinse', 'Did you mean --since?'],
  [['monitor', '-o', 'xml'], '--output takes table | json | ndjson | markdown, not "xml"', '--help'],
  [['monitor', '--source'], '--source needs a value', '--help'],
  [['init', '--from'], '--from needs a value', '--help'],
  [['watermarks', 'set', 'a', '1', '--type'], '--type needs a value', '--help'],
  [['ingest', '--env'], '--env needs a value', '--help'],
  [[], 'name a command', 'tidegate --help'],
] as const)('%j is refused with a suggestion (2)', async ([args, message, hint]) => {
  const { exitCode, stdout, stderr } = await runCli(args, { cwd: '/' })
  expect(stderr).toContain(`error[USAGE]: ${message}`)
  expect(stderr).toContain(hint)
  expect(stdout).toBe('')
  expect(exitCode).toBe(2)
})

test('numbers out of range are refused before anything is opened', async () => {
  const { directory: cwd } = kept(ordersProject())
  for (const [args, code] of [
    [['ingest', '--workers', '0'], 'USAGE_WORKERS'],
    [['ingest', '--threshold', '101'], 'USAGE_THRESHOLD'],
    [['ingest', '--exit-code-no-data', '300'], 'USAGE_EXIT_CODE'],
    [['history', '--limit', '-1'], 'USAGE_LIMIT'],
    [['monitor', '--since', 'yesterday'], 'USAGE_SINCE'],
  ] as const) {
    const { exitCode, stderr } = await runCli(args, { cwd })
    expect(stderr).toContain(code)
    expect(exitCode).toBe(2)
  }
})

test('all mistakes of the YAML are said at once, each with line and caret', async () => {
  const yaml = `version: 1
sources:
  orders:
    path: landing/*.csv
    fromat: csv
    watermark: { column: 5 }
    target: { kind: parquet, path: "\${NOT_SET_ANYWHERE}" }
`
  const { directory: cwd } = kept(smallProject({ 'tidegate.yaml': yaml }))
  const before = kept(smallProject()).fingerprint()
  const { exitCode, stderr, stdout } = await runCli(['config', 'check'], { cwd })
  expect(stderr).toContain('tidegate.yaml:5:5')
  expect(stderr).toContain('5 |     fromat: csv\n  |     ^^^^^^')
  expect(stderr).toContain('`format`')
  expect(stderr).toContain('tidegate.yaml:6:')
  expect(stderr).toContain('NOT_SET_ANYWHERE')
  expect(stdout).toContain('3 problems')
  expect(exitCode).toBe(2)
  expect(before).toEqual({})
  // A command that needs the configuration says the same and does nothing.
  const run = await runCli(['ingest'], { cwd })
  expect(run.stderr).toContain('CONFIG_MISSING_VARIABLE')
  expect(run.exitCode).toBe(2)
})

test('a target inside of what its source reads is refused', async () => {
  const yaml = ORDERS_YAML.replace('landing/*.csv', 'landing/**/*.parquet')
    .replace('lake/orders', 'landing/lake')
    .replace('csv', 'parquet')
  const { directory: cwd } = kept(smallProject({ 'tidegate.yaml': yaml }))
  const { exitCode, stderr } = await runCli(['ingest'], { cwd })
  expect(stderr).toContain('CONFIG_TARGET_IN_SOURCE')
  expect(exitCode).toBe(2)
})

test('mistakes in a contract are shown with file, line and caret; its files wait', async () => {
  const contract = ORDERS_CONTRACT.replace('amount: { type: DOUBLE }', 'amount: { type: DUBLE }').replace(
    'expect_column_values_to_be_between',
    'expect_column_values_to_be_betwen',
  )
  const { directory: cwd } = kept(
    smallProject({ 'tidegate.yaml': ORDERS_YAML, 'contracts/orders.yaml': contract, 'landing/a.csv': ordersCsv(1, 5) }),
  )
  const { exitCode, stderr } = await runCli(['contract', 'check'], { cwd })
  expect(stderr).toContain('contracts/orders.yaml:6:21')
  expect(stderr).toContain('contracts/orders.yaml:9:5')
  expect(stderr).toContain('Did you mean expect_column_values_to_be_between?')
  expect(exitCode).toBe(2)
  const { json } = await runJson(['ingest'], { cwd })
  expect(json.items).toMatchObject([{ path: 'a.csv', status: 'failed', cause: 'contract' }])
})

test('one stray file does not decide how its neighbours are read, and is not learned from', async () => {
  const { directory: cwd, read } = kept(
    smallProject({
      'tidegate.yaml': ORDERS_YAML,
      'landing/a-stray.csv': 'datum;betrag\n2001-01-01;5\n',
      'landing/b.csv': ordersCsv(1, 30),
      'landing/c.csv': ordersCsv(31, 30),
    }),
  )
  const { json } = await runJson(['profile'], { cwd })
  expect(json.items).toMatchObject([{ action: 'written', files: 2, rows: 60, leftOut: [{ path: 'a-stray.csv' }] }])
  expect(read('contracts/orders.yaml')).toMatch(/^ {4}id: \{ type: BIGINT/m)
})

test('a state database from a newer version is refused (2), and not a byte of it changes', async () => {
  const { directory: cwd } = kept(ordersProject({ 'landing/a.csv': ordersCsv(1, 5) }))
  expect((await runCli(['ingest'], { cwd })).exitCode).toBe(0)
  const file = path.join(cwd, '.tidegate/state.db')
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = delete; pragma user_version = 999')
  database.close()
  const before = readFileSync(file)
  for (const args of [['ingest'], ['monitor']]) {
    const { exitCode, stderr } = await runCli(args, { cwd })
    expect(stderr).toContain('error[STATE_NEWER]')
    expect(exitCode).toBe(2)
  }
  expect(readFileSync(file).equals(before)).toBe(true)
})

test('files that are no data are held with a finding; the good one is loaded, and the one whose footer was cut, repaired', async () => {
  const yaml = ORDERS_YAML.replace('landing/*.csv', 'landing/*.parquet').replace('format: csv', 'format: parquet')
  const { directory: cwd, write } = kept(
    smallProject({ 'tidegate.yaml': yaml, 'contracts/orders.yaml': ORDERS_CONTRACT }),
  )
  mkdirSync(path.join(cwd, 'landing'))
  await queryIn(
    cwd,
    `COPY (SELECT i AS id, 1.5::DOUBLE AS amount, 'Oslo' AS city FROM range(1000) t(i)) TO '${cwd}/landing/good.parquet'`,
  )
  const good = readFileSync(path.join(cwd, 'landing/good.parquet'))
  write('landing/truncated.parquet', good.subarray(0, good.length - 40))
  write('landing/text.parquet', 'this is no Parquet file\n')
  write('landing/empty.parquet', '')
  const { exitCode, json } = await runJsonHere(['ingest'], { cwd })
  const outcome = Object.fromEntries(
    json.items.map((item) => [item['path'], [item['status'], (item['reasons'] as { check: string }[])[0]?.check]]),
  )
  expect(outcome).toEqual({
    'good.parquet': ['loaded', undefined],
    'truncated.parquet': ['loaded', 'PQ105'],
    'text.parquet': ['held', 'PQ103'],
    'empty.parquet': ['held', 'PQ101'],
  })
  expect(exitCode).toBe(4)
}, 60_000)

test('hostile file, column and value texts go through unharmed, and reach no terminal as commands', async () => {
  const column = `a"b'c; DROP TABLE x;\u001b[2J`
  const name = `x'; DROP TABLE y;\n\u001b[31m"ü.csv`
  const { directory: cwd } = kept(
    smallProject({
      'tidegate.yaml': ORDERS_YAML.replace(/ {4}watermark.*\n/, '').replace(
        'format: csv',
        'format: csv\n    on_missing_contract: admit',
      ),
      [`landing/${name}`]: `id,"${column.replaceAll('"', '""')}"\n1,"\u001b[31m; DROP TABLE z"\n`,
    }),
  )
  const { exitCode, json } = await runJson(['ingest'], { cwd })
  expect(json.items).toMatchObject([{ path: name, status: 'loaded', rowsLoaded: 1 }])
  expect(exitCode).toBe(0)
  const answers = [await runCli(['check', 'landing'], { cwd })]
  for (const args of [['files', 'ls'], ['files', 'explain', name], ['monitor']])
    answers.push(await runHere(args, { cwd }))
  for (const { stdout, stderr } of answers) {
    expect(stdout + stderr).not.toContain('\u001b')
    expect(stdout).toContain('\\x1b')
  }
}, 60_000)

test('BIGINT and DECIMAL beyond what a double holds stay exact in JSON', async () => {
  const yaml = ORDERS_YAML.replace('landing/*.csv', 'landing/*.parquet').replace('format: csv', 'format: parquet')
  const contract = ORDERS_CONTRACT.replace('DOUBLE', '"DECIMAL(38,2)"')
  const { directory: cwd } = kept(smallProject({ 'tidegate.yaml': yaml, 'contracts/orders.yaml': contract }))
  mkdirSync(path.join(cwd, 'landing'))
  await queryIn(
    cwd,
    `COPY (SELECT 9007199254740993::BIGINT AS id, 12345678901234567890123456789012345.67::DECIMAL(38,2) AS amount, 'Oslo' AS city)
     TO '${cwd}/landing/big.parquet'`,
  )
  const ingested = await runJson(['ingest'], { cwd })
  expect(ingested.json.items).toMatchObject([{ status: 'held' }])
  const { json } = await runJson(['files', 'explain', 'big.parquet'], { cwd })
  const text = JSON.stringify(json)
  expect(text).toContain('9007199254740993')
  expect(text).not.toContain('9007199254740992')
  expect(text).toContain('12345678901234567890123456789012345.67')
})

test('a full disk ends the run with a code; nothing is half-written and a later run completes', async (context) => {
  const project = kept(ordersProject())
  const cwd = project.directory
  const target = path.join(cwd, 'lake')
  mkdirSync(target)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', target], { stdio: 'ignore' })
  } catch {
    return context.skip('mounting needs root')
  }
  try {
    // Random digits, so that 20,000 rows need more than 256 kB however they are compressed.
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index},${Math.random() * 100},${crypto.randomUUID()}`)
    project.write('landing/big.csv', `id,amount,city\n${lines.join('\n')}\n`)
    const full = await runJson(['ingest'], { cwd })
    expect(full.exitCode).toBe(1)
    expect((full.json['sources'] as { error: { code: string } }[])[0]?.error.code).toMatch(/DISK_FULL|ENOSPC/)
    expect(execFileSync('find', [target, '-name', '*.parquet'], { encoding: 'utf8' })).toBe('')
    execFileSync('mount', ['-o', 'remount,size=64m', target])
    expect((await runCli(['ingest'], { cwd })).exitCode).toBe(0)
    expect(await countOrders(cwd)).toEqual({ rows: 20_000, ids: 20_000 })
  } finally {
    execFileSync('umount', [target])
  }
})

test('an old Node is told in one sentence (2), before anything is imported', async (context) => {
  const found = oldNode()
  if (found === undefined) return context.skip('there is no Node older than 22.22 on this machine')
  const bin = path.join(import.meta.dirname, '../bin/tidegate.js')
  const script = path.join(kept(smallProject()).directory, 'run.sh')
  writeFileSync(script, `"${found}" "${bin}" --version 2>&1; echo "code $?"\n`)
  const said = execFileSync('sh', [script], { encoding: 'utf8' })
  expect(said).toMatch(/^tidegate needs Node 22\.22 or newer; this is Node [\d.]+\.\ncode 2\n$/)
})

function oldNode(): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(':'), '/usr/bin', '/usr/local/bin']) {
    const file = path.join(folder, 'node')
    try {
      const [major = 99, minor = 0] = execFileSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' })
        .split('.')
        .map(Number)
      if (major < 22 || (major === 22 && minor < 22)) return file
    } catch {
      continue
    }
  }
  return undefined
}
