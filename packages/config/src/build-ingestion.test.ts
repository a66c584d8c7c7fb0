import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Config } from '@tidegate/core'
import { buildIngestion, type IngestionEntry } from './build-ingestion.ts'
import { parseConfig } from './parse-config.ts'
import { renderIngestion } from './render-ingestion.ts'
import { withIngestions } from './with-ingestions.ts'

let home: string
let project: string

/** home/project is the project, home/outside lies beside it. */
beforeAll(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'tidegate-')))
  project = path.join(home, 'project')
  for (const folder of ['project/landing/a', 'project/inbox', 'outside'])
    mkdirSync(path.join(home, folder), { recursive: true })
  writeFileSync(path.join(project, '.env'), 'DB=hunter2')
  symlinkSync(path.join(home, 'outside'), path.join(project, 'way-out'))
  symlinkSync(path.join(home, 'nowhere'), path.join(project, 'dangling'))
  symlinkSync(path.join(project, 'inbox'), path.join(project, 'alias'))
  symlinkSync(path.join(project, '.env'), path.join(project, 'innocent.yaml'))
})

afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

const PG = 'postgres://gate:hunter2@db/lake'
const FILE = `version: 1
defaults: { gate: { threshold: 90 } }
sources:
  a: { path: landing/a, target: { kind: postgres, url: "${PG}", table: a } }
channels:
  ops: { kind: slack, url: "https://hooks.slack.com/x" }
`

function base(text = FILE): Config {
  const result = parseConfig(text, { directory: project, file: path.join(project, 'tidegate.yaml') })
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result.problems))
  return result.config
}

function codesOf(entry: IngestionEntry, name = 'b', config = base()): readonly string[] {
  const result = buildIngestion(name, entry, config)
  return result.kind === 'ok'
    ? []
    : result.problems.filter(({ severity }) => severity === 'error').map(({ code }) => code)
}

test('an entry is what it would be in the file, with the defaults of the file', () => {
  const entry = { path: 'inbox/*.csv', notify: ['ops'], schedule: { every: '1h' }, gate: { on_fail: 'split' } }
  const made = buildIngestion('b', entry, base())
  if (made.kind !== 'ok') throw new Error(JSON.stringify(made.problems))
  const piece = renderIngestion('b', entry).split('\n').slice(1).join('\n').trimEnd()
  const written = base(FILE.replace('channels:', `${piece}\nchannels:`))
  const inFile = written.sources.find(({ name }) => name === 'b')
  expect({ ...made.source, origin: 'file', position: inFile?.position }).toEqual(inFile)
  expect(made.source).toMatchObject({ origin: 'api', gate: { defaults: { threshold: 90 } } })
})

describe('the rules of the file', () => {
  test.each<[string, IngestionEntry]>([
    ['CONFIG_MISSING_KEY', {}],
    ['CONFIG_UNKNOWN_KEY', { path: 'inbox', tresholds: 1 }],
    ['CONFIG_UNKNOWN_KEY', JSON.parse('{ "path": "inbox", "__proto__": { "path": "x" } }') as IngestionEntry],
    ['CONFIG_TYPE', { path: ['inbox'] }],
    ['CONFIG_VALUE', { path: 'inbox', schedule: { cron: '0 0 31 2 *' } }],
    ['CONFIG_UNKNOWN_CHANNEL', { path: 'inbox', notify: ['nobody'] }],
    ['CONFIG_SOURCE_OVERLAP', { path: 'landing/**/*' }],
    ['CONFIG_TARGET_IN_SOURCE', { path: 'inbox', target: { path: 'landing/a/lake' } }],
    ['CONFIG_NOT_YET', { path: 's3://bucket/x' }],
    ['CONFIG_TEMPLATE', { path: 'inbox', dataset: '{file}' }],
  ])('%s for %j', (code, entry) => {
    expect(codesOf(entry)).toContain(code)
  })

  test('the name of a source of the file is taken, that of another ingestion is replaced', () => {
    expect(codesOf({ path: 'inbox' }, 'a')).toEqual(['INGESTION_NAME'])
    expect(codesOf({ path: 'inbox' }, '../a')).toEqual(['INGESTION_NAME'])
    const { config } = withIngestions(base(), [{ id: 'b', entry: { path: 'inbox' } }])
    expect(codesOf({ path: 'inbox/*.csv' }, 'b', config)).toEqual([])
    expect(codesOf({ path: 'inbox/*.csv' }, 'c', config)).toEqual(['CONFIG_SOURCE_OVERLAP'])
  })
})

describe('the sandbox', () => {
  test.each<[IngestionEntry]>([
    [{ path: '/etc/*.conf' }],
    [{ path: '../outside/*.csv' }],
    [{ path: 'inbox/../../outside/*.csv' }],
    [{ path: 'way-out/*.csv' }],
    [{ path: 'dangling/*.csv' }],
    [{ path: 'inbox/{a,..}/*.csv' }],
    [{ path: 'file:///etc/hosts' }],
    [{ path: 'inbox', contract: '/etc/{dataset}.yaml' }],
    [{ path: 'inbox', contract: 'way-out/{dataset}.yaml' }],
    [{ path: 'inbox', contract: 'innocent.yaml' }],
    [{ path: 'inbox', contract: '.env' }],
    [{ path: 'inbox', contract: '{dataset}.yaml', dataset: 'tidegate' }],
    [{ path: 'inbox', quarantine: { path: '../outside/q' } }],
    [{ path: 'inbox', target: { path: '/tmp/lake/{dataset}' } }],
    [{ path: 'inbox', target: { path: 'lake/{dataset}/../../../outside' } }],
    [{ path: 'inbox', targets: { one: {}, two: { kind: 'duckdb', path: 'way-out/x.duckdb' } } }],
    [{ path: 'inbox', target: { kind: 'duckdb', path: '.tidegate/state.db' } }],
    [{ path: 'inbox', clean_source: { mode: 'archive', to: '../outside' } }],
    [{ path: '*' }],
    [{ path: '.*' }],
    [{ path: 'tidegate.*' }],
  ])('%j is refused as outside', (entry) => {
    expect(codesOf(entry)).toContain('INGESTION_OUTSIDE')
  })

  test('a link from root to root, and folders that are not there yet, are inside', () => {
    expect(codesOf({ path: 'alias/*.csv', target: { path: 'new/deep/{dataset}' } })).toEqual([])
    const wider = base(`${FILE}server: { roots: [., ../outside] }\n`)
    expect(codesOf({ path: 'way-out/*.csv' }, 'b', wider)).toEqual([])
    expect(codesOf({ path: '/etc/*.conf' }, 'b', wider)).toEqual(['INGESTION_OUTSIDE'])
  })

  test('a folder whose name begins like a root is not inside of it', () => {
    mkdirSync(path.join(home, 'project-2'))
    expect(codesOf({ path: '../project-2/*.csv' })).toContain('INGESTION_OUTSIDE')
  })

  test.each<[IngestionEntry]>([
    [{ path: '${HOME}/*.csv' }],
    [{ path: 'inbox', notify: ['${TOKEN}'] }],
    [{ path: 'inbox', target: { kind: 'postgres', url: '${DATABASE_URL}' } }],
  ])('%j: variables of the environment are not read', (entry) => {
    expect(codesOf(entry)).toContain('INGESTION_VARIABLE')
  })

  test('a database is only one that the file names, with its table, and no password is told', () => {
    const target = { kind: 'postgres', url: PG, table: 'a' }
    expect(codesOf({ path: 'inbox', target })).toEqual([])
    expect(codesOf({ path: 'inbox', target: { ...target, table: 'b' } })).toEqual(['INGESTION_TARGET'])
    const elsewhere = buildIngestion(
      'b',
      { path: 'inbox', target: { ...target, url: 'postgres://me:T0KEN@evil/x' } },
      base(),
    )
    expect(elsewhere.kind === 'problems' ? elsewhere.problems : []).toMatchObject([{ code: 'INGESTION_TARGET' }])
    expect(JSON.stringify(elsewhere)).not.toContain('T0KEN')
  })
})

describe('together with the file', () => {
  test('what does not fit is left out with its reason, and the others stay', () => {
    const { config, warnings } = withIngestions(base(), [
      { id: 'z', entry: { path: 'inbox/*.csv' } },
      { id: 'a', entry: { path: 'inbox' } },
      { id: 'c', entry: { path: 'inbox/*.csv' } },
      { id: 'd', entry: { path: '/etc' } },
      { id: 'e', entry: { path: 'other', expect: { every: '1h' } } },
    ])
    expect(config.sources.map(({ name, origin }) => `${name} ${origin}`)).toEqual(['a file', 'c api', 'e api'])
    expect(warnings.map(({ code, file, severity }) => [code, file, severity])).toEqual([
      ['INGESTION_NAME', 'ingestion a', 'warning'],
      ['INGESTION_OUTSIDE', 'ingestion d', 'warning'],
      ['CONFIG_SOURCE_OVERLAP', 'ingestion z', 'warning'],
    ])
    expect(config.schedules.arrivals?.trigger).toEqual({ kind: 'interval', everyMs: 60_000 })
  })
})
