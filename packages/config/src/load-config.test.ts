import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'
import { readContract } from './parse-contract.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const put = (name: string, content: string | Uint8Array): void => writeFileSync(path.join(directory, name), content)
const MINIMAL = 'version: 1\nsources: { a: { path: in } }\n'

test('no file is a result that names the file to make', async () => {
  expect(await loadConfig({ directory })).toEqual({ kind: 'missing', file: path.join(directory, 'tidegate.yaml') })
})

test.each(['tidegate.yaml', 'tidegate.yml', 'tidegate.json'])('%s is found', async (name) => {
  put(name, name.endsWith('json') ? '{"version":1,"sources":{"a":{"path":"in"}}}' : MINIMAL)
  const result = await loadConfig({ directory })
  expect(result.kind === 'ok' ? [result.config.file, result.config.directory] : []).toEqual([
    path.join(directory, name),
    directory,
  ])
})

test('of two files the first is read and the other warned of', async () => {
  put('tidegate.yaml', MINIMAL)
  put('tidegate.json', '{}')
  const result = await loadConfig({ directory })
  expect(result.kind === 'ok' ? result.warnings.map(({ message }) => message) : []).toEqual([
    'tidegate.json is not read: tidegate.yaml comes first',
  ])
})

test('.env fills variables in, and the environment wins over it', async () => {
  put('tidegate.yaml', 'version: 1\ndefaults: { workers: "${W}" }\nsources: { a: { path: "${P}/x" } }\n')
  put('.env', 'W=3\nP="from file"\nsecret line\n')
  const result = await loadConfig({ directory, env: { P: '/from/env' } })
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result))
  expect([result.config.workers, result.config.sources[0]?.root]).toEqual([3, '/from/env/x'])
  expect(result.warnings).toMatchObject([{ severity: 'warning', line: 3 }])
  expect(JSON.stringify(result.warnings)).not.toContain('secret')
})

test('a folder with the name of a file is read as a folder', async () => {
  mkdirSync(path.join(directory, 'out.parquet'))
  put('tidegate.yaml', 'version: 1\nsources: { a: { path: out.parquet }, b: { path: other.parquet } }\n')
  const result = await loadConfig({ directory })
  expect(
    result.kind === 'ok' ? result.config.sources.map(({ root, pattern }) => [root, pattern.slice(0, 5)]) : [],
  ).toEqual([
    [path.join(directory, 'out.parquet'), '**/*.'],
    [directory, 'other'],
  ])
})

test('another file may be named, and its folder is the project', async () => {
  mkdirSync(path.join(directory, 'sub'))
  put('sub/x.yaml', MINIMAL)
  const result = await loadConfig({ directory, file: 'sub/x.yaml' })
  expect(result.kind === 'ok' ? result.config.directory : '').toBe(path.join(directory, 'sub'))
})

test('bytes that are not UTF-8 are a problem with a line', async () => {
  put('tidegate.yaml', Buffer.from([...Buffer.from('version: 1\n# '), 0xe9, 0x0a]))
  expect(await loadConfig({ directory })).toMatchObject({
    kind: 'problems',
    problems: [{ code: 'CONFIG_SYNTAX', line: 2, message: 'the file is not UTF-8' }],
  })
  put('tidegate.yaml', Buffer.from('\uFEFFversion: 1', 'utf16le'))
  expect(await loadConfig({ directory })).toMatchObject({ problems: [{ message: 'the file is UTF-16, not UTF-8' }] })
})

test('a byte order mark and Windows line ends are read over', async () => {
  put('tidegate.yaml', `\uFEFF${MINIMAL.replaceAll('\n', '\r\n')}`)
  expect((await loadConfig({ directory })).kind).toBe('ok')
})

test('a folder in place of the file is an error with a code', async () => {
  mkdirSync(path.join(directory, 'tidegate.yaml'))
  await expect(loadConfig({ directory })).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' })
})

test('a contract is read from its file, or missing', async () => {
  put('c.yaml', 'contract: a\nversion: 1\n')
  expect((await readContract(path.join(directory, 'c.yaml'))).kind).toBe('ok')
  expect((await readContract(path.join(directory, 'd.yaml'))).kind).toBe('missing')
})
