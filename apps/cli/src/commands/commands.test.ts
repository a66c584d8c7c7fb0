/** Every command once on a small project, in the order a person would use them. */
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCli, runJson } from '../testing/run-cli.ts'
import { ordersCsv, queryIn, smallProject } from '../testing/small-project.ts'

const project = smallProject({
  'landing/orders-1.csv': ordersCsv(1, 40),
  'landing/orders-2.csv': ordersCsv(41, 60),
})
const cwd = project.directory
afterAll(() => project.remove())

test('check judges a folder without a project, and writes nothing', async () => {
  const before = project.fingerprint()
  const { exitCode, stdout } = await runCli(['check', 'landing'], { cwd })
  expect(stdout).toContain('Verdict: 2 files, 100 rows, nothing stands out')
  expect(stdout).toContain('tidegate init --from landing')
  expect(exitCode).toBe(0)
  expect(project.fingerprint()).toEqual(before)
})

test('init infers the source, writes three files and names the next three commands', async () => {
  const { exitCode, json } = await runJson(['init', '--from', 'landing'], { cwd })
  expect(exitCode).toBe(0)
  expect(json.items.map((item) => item['path'])).toEqual(['tidegate.yaml', '.env.example', '.gitignore'])
  expect(json['next']).toEqual(['tidegate config check', 'tidegate profile', 'tidegate ingest'])
  project.write(
    'tidegate.yaml',
    project.read('tidegate.yaml').replace('format: csv', 'format: csv\n    ready: { settle: 0s }'),
  )
  const again = await runCli(['init'], { cwd })
  expect(again.exitCode).toBe(1)
  expect(again.stderr).toContain('INIT_EXISTS')
})

test('init --from counts from the folder of -C, then from the working directory; what matches nothing is refused (2)', async () => {
  const other = smallProject({
    "it's p1/landing/a.csv": ordersCsv(1, 5),
    'outside/b.csv': ordersCsv(1, 5),
  })
  try {
    const inside = await runJson(['-C', "it's p1", 'init', '--from', 'landing/*.csv'], { cwd: other.directory })
    expect(inside.json['sources']).toMatchObject([{ name: 'landing', path: 'landing/*.csv' }])
    expect(inside.json['next']).toContain("tidegate -C 'it'\\''s p1' ingest")
    const outside = await runJson(['-C', 'p2', 'init', '--from', 'outside/*.csv'], { cwd: other.directory })
    expect(outside.json['sources']).toMatchObject([{ path: `${other.directory}/outside/*.csv` }])
    for (const from of ['nothing/*.csv', 'nothing', 'outside/*.parquet']) {
      const { exitCode, stderr } = await runCli(['-C', 'p3', 'init', '--from', from], { cwd: other.directory })
      expect(stderr).toContain('INIT_NO_FILES')
      expect(stderr).toContain(`${other.directory}/p3/${from} and ${other.directory}/${from}`)
      expect(exitCode).toBe(2)
    }
    expect(existsSync(path.join(other.directory, 'p3'))).toBe(false)
  } finally {
    other.remove()
  }
})

test('config check and config show read the file just written', async () => {
  const checked = await runCli(['config', 'check'], { cwd })
  expect(checked.stdout).toContain('fine, 1 source\n')
  const { json } = await runJson(['config', 'show', '--set', 'defaults.workers=2'], { cwd })
  const workers = json.items.find((item) => item['key'] === 'defaults.workers')
  expect(workers).toEqual({ key: 'defaults.workers', value: 2, origin: '--set' })
})

test('doctor finds nothing in the way', async () => {
  const { exitCode, json } = await runJson(['doctor'], { cwd })
  expect(json['healthy']).toBe(true)
  expect(exitCode).toBe(0)
})

test('validate-source looks at container and footer', async () => {
  const { exitCode, json } = await runJson(['validate-source'], { cwd })
  expect(exitCode).toBe(0)
  expect(json).toMatchObject({ files: 2, bad: 0 })
})

test('ingest without a contract waits (3), and names profile as the next step', async () => {
  const { exitCode, stdout } = await runCli(['ingest'], { cwd })
  expect(stdout).toContain('tidegate profile landing    # learn the contracts first')
  expect(exitCode).toBe(3)
})

test('profile --dry-run writes nothing; profile writes one contract and keeps it afterwards', async () => {
  const before = project.fingerprint()
  const dry = await runCli(['profile', '--dry-run'], { cwd })
  expect(dry.stdout).toContain('would write contracts/landing.yaml from 2 files, 100 rows')
  expect(project.fingerprint()).toEqual(before)
  const { json } = await runJson(['profile', '--sample', '0', '--workers', '2'], { cwd })
  expect(json.items).toMatchObject([{ dataset: 'landing', action: 'written', files: 2, rows: 100 }])
  const written = project.read('contracts/landing.yaml')
  const kept = await runCli(['profile'], { cwd })
  expect(kept.stdout).toContain('exists and is kept')
  expect(project.read('contracts/landing.yaml')).toBe(written)
})

test('contract check finds the learned contract fine, contract diff finds no difference to itself', async () => {
  const checked = await runCli(['contract', 'check'], { cwd })
  expect(checked).toMatchObject({ exitCode: 0, stdout: '1 contract: fine\n' })
  const same = await runCli(['contract', 'diff', 'contracts/landing.yaml', 'contracts/landing.yaml'], { cwd })
  expect(same).toMatchObject({ exitCode: 0, stdout: 'no difference\n' })
})

test('ingest --dry-run says what would happen and writes nothing but the plan', async () => {
  const before = project.fingerprint()
  const { exitCode, json } = await runJson(['ingest', '--dry-run'], { cwd })
  expect(exitCode).toBe(0)
  expect(json.items.map((item) => [item['path'], item['action']])).toEqual([
    ['orders-1.csv', 'check and load'],
    ['orders-2.csv', 'check and load'],
  ])
  const file = String(json['file'])
  expect(JSON.parse(project.read(file))).toMatchObject({ format: 1, id: json['plan'] })
  rmSync(path.join(cwd, '.tidegate/plans'), { recursive: true })
  expect(project.fingerprint()).toEqual(before)
})

test('ingest loads what keeps the contract; its numbers conserve', async () => {
  const { exitCode, json } = await runJson(['ingest'], { cwd })
  expect(exitCode).toBe(0)
  expect(json['totals']).toMatchObject({ files: 2, loaded: 2, rowsRead: 100, rowsLoaded: 100, rowsQuarantined: 0 })
  expect(await queryIn(cwd, `SELECT count(*) FROM read_parquet('${cwd}/lake/**/*.parquet')`)).toEqual([[100]])
})

test('ingest again has nothing to do; --exit-code-no-data tells a scheduler so', async () => {
  const { exitCode, stdout } = await runCli(['ingest', '--exit-code-no-data', '7'], { cwd })
  expect(stdout).toContain('nothing to do: 2 files known and unchanged, 0 files loaded')
  expect(exitCode).toBe(7)
})

test('ingest --force looks again and doubles no row', async () => {
  const { exitCode, json } = await runJson(['ingest', '--force', '--threshold', '90'], { cwd })
  expect(exitCode).toBe(0)
  expect(json['totals']).toMatchObject({ loaded: 2, rowsLoaded: 100 })
  expect(await queryIn(cwd, `SELECT count(*) FROM read_parquet('${cwd}/lake/**/*.parquet')`)).toEqual([[100]])
})

test('files ls, files explain and quarantine tell of a held file; a path as it lies on disk is understood', async () => {
  project.write('landing/bad.csv', 'id;what\n')
  const held = await runCli(['ingest'], { cwd })
  expect(held.exitCode).toBe(4)
  const { json } = await runJson(['files', 'ls', '--outcome', 'held'], { cwd })
  expect(json.items).toMatchObject([{ path: 'bad.csv', outcome: 'held' }])
  const explained = await runCli(['files', 'explain', 'landing/bad.csv'], { cwd })
  expect(explained.exitCode).toBe(0)
  expect(explained.stdout).toMatch(/tidegate explain PQ\d+/)
  expect((await runCli(['quarantine', 'show', 'bad.csv'], { cwd })).stdout).toContain('bad.csv (version 1')
  expect((await runJson(['quarantine', 'ls'], { cwd })).json.items).toMatchObject([{ path: 'bad.csv', kind: 'file' }])
  expect((await runCli(['files', 'explain', 'nobody.csv'], { cwd })).exitCode).toBe(1)
})

test('files retry judges one file again', async () => {
  const { exitCode, json } = await runJson(['files', 'retry', 'bad.csv'], { cwd })
  expect(json.items).toMatchObject([{ path: 'bad.csv', status: 'held' }])
  expect(exitCode).toBe(4)
  const unknown = await runCli(['files', 'retry', 'nobody.csv'], { cwd })
  expect(unknown.stderr).toContain('FILE_UNKNOWN')
})

test('monitor shows every section, one section, one source', async () => {
  const all = await runCli(['monitor'], { cwd })
  for (const heading of ['Overview', 'Watermarks', 'Quality', 'Failures', 'Freshness', 'Timeline', 'Configuration'])
    expect(all.stdout).toContain(`\n${heading}\n`)
  const one = await runCli(['monitor', 'failures', '--since', '1h', '--source', 'landing'], { cwd })
  expect(one.stdout).toContain('\nFailures\n')
  expect(one.stdout).not.toContain('\nTimeline\n')
})

test('watermarks can be set, read, listed and forgotten', async () => {
  expect(
    (await runCli(['watermarks', 'set', 'landing', '9007199254740993', '--type', 'BIGINT'], { cwd })).exitCode,
  ).toBe(0)
  expect((await runCli(['watermarks', 'get', 'landing'], { cwd })).stdout).toBe('9007199254740993\n')
  const { json } = await runJson(['list-watermarks'], { cwd })
  expect(json.items).toMatchObject([{ source: 'landing', value: '9007199254740993', type: 'BIGINT' }])
  expect((await runCli(['watermarks', 'reset', 'landing'], { cwd })).exitCode).toBe(2)
  expect((await runCli(['watermarks', 'reset', 'landing', '--yes'], { cwd })).exitCode).toBe(0)
  const none = await runCli(['watermarks', 'get', 'landing'], { cwd })
  expect(none).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('landing has no watermark') })
  const asJson = await runJson(['watermarks', 'get', 'nope'], { cwd })
  expect([asJson.exitCode, asJson.json['watermark']]).toEqual([1, null])
})

test('history and load-history list the runs, newest first', async () => {
  const { json } = await runJson(['history', '--limit', '2'], { cwd })
  expect(json.items).toHaveLength(2)
  const alias = await runJson(['load-history', 'landing', '--limit', '2'], { cwd })
  expect(alias.json).toEqual(json)
})

test('run-all answers with one JSON document that has the profiles, the files and the monitor', async () => {
  project.write('landing/orders-3.csv', ordersCsv(101, 10))
  const { json } = await runJson(['run-all'], { cwd })
  expect(json.kind).toBe('run-all')
  expect(json['totals']).toMatchObject({ loaded: 1, rowsLoaded: 10 })
  expect(json['profiles']).toMatchObject([{ dataset: 'landing', action: 'kept' }])
  expect(json['monitor']).toMatchObject({ overview: { sources: [{ source: 'landing' }] } })
})

test('state rebuild restores what the targets know', async () => {
  const before = await runJson(['files', 'ls'], { cwd })
  expect((await runJson(['state', 'rebuild'], { cwd })).exitCode).toBe(0)
  const after = await runJson(['files', 'ls'], { cwd })
  expect(after.json.items.map((item) => [item['path'], item['outcome'], item['rowsLoaded']])).toEqual(
    before.json.items.map((item) => [item['path'], item['outcome'], item['rowsLoaded']]),
  )
  expect((await runCli(['ingest'], { cwd })).stdout).toContain('nothing to do')
})

test('clean takes away what a dead process left, and only that', async () => {
  project.write('.tidegate/tmp/engine-999999999/spill.tmp', 'x')
  const dry = await runCli(['clean', '--dry-run'], { cwd })
  expect(dry.stdout).toContain('would delete 1 temporary folder')
  const { json } = await runJson(['clean'], { cwd })
  expect(json.items).toMatchObject([{ deleted: true }])
  expect(existsSync(path.join(cwd, '.tidegate/tmp/engine-999999999'))).toBe(false)
})

test('explain knows findings and errors, offline and without a project', async () => {
  expect((await runCli(['explain', 'pq105'], { cwd: '/' })).stdout).toContain('PQ105 TAIL_MAGIC_MISSING')
  expect((await runCli(['explain', 'LEASE_HELD'], { cwd: '/' })).exitCode).toBe(0)
  const unknown = await runCli(['explain', 'LEASE'], { cwd: '/' })
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stdout).toContain('Did you mean LEASE_HELD')
})

test('completion prints a script, and offers commands', async () => {
  const script = await runCli(['completion'], { cwd: '/', env: { SHELL: '/bin/bash' } })
  expect(script).toMatchObject({ exitCode: 0 })
  expect(script.stdout).toContain('complete -o')
  const offered = await runCli(['--get-yargs-completions', 'tidegate', 'in'], { cwd: '/' })
  expect(offered.stdout.split('\n')).toEqual(expect.arrayContaining(['ingest', 'init']))
})
