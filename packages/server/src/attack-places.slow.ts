/** Everything in an entry that becomes a path, tried by somebody who may write and run: through the API of a real daemon. */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attackDaemon, SECRETS, type AttackedDaemon } from './testing/attacked-daemon.ts'

let daemon: AttackedDaemon
beforeAll(async () => {
  daemon = await attackDaemon()
  daemon.land('landing/own/a.csv', 'id,text\n1,mine\n')
}, 60_000)
afterAll(() => daemon.remove(), 60_000)

const OWN = {
  path: 'landing/own/*.csv',
  ready: { settle: '0s' },
  on_missing_contract: 'admit',
  target: { path: 'lake/own' },
}

test.each<[string, object]>([
  ['a file of the system', { path: '/etc/passwd' }],
  ['the root', { path: '/**' }],
  ['dots', { path: 'landing/../../outside/*.csv' }],
  ['dots after a wildcard', { path: 'landing/*/../../../outside/*.csv' }],
  ['dots in braces', { path: 'landing/{own,..,../..}/*.csv' }],
  ['a link', { path: 'landing/way-out/*.csv' }],
  ['an URL of a file', { path: 'file:///etc/passwd' }],
  ['an URL of a file inside that climbs', { path: 'file://landing/../../outside/secret.csv' }],
  ['an address of the network', { path: 'TRAP/x.csv' }],
  ['a bucket', { path: 's3://bucket/*.csv' }],
  ['what another source reads', { path: '../vault/*.csv' }],
  ['a file that describes itself', { path: '/proc/self/environ' }],
  ['a variable', { path: '${TIDEGATE_ATTACKED}/*.csv' }],
  ['a variable with a default', { path: '${NOPE:-/etc}/passwd' }],
  ['a variable in an option', { options: { null_values: ['${TIDEGATE_ATTACKED}'] } }],
  ['a variable in a key', { schema_hints: { a: '${TIDEGATE_ATTACKED}' } }],
  ['target outside', { target: { path: '/tmp/{dataset}' } }],
  ['target that climbs', { target: { path: 'lake/{dataset}/../../../outside/lake' } }],
  ['target behind a link', { target: { path: 'lake/linked' } }],
  ['target by URL', { target: { path: 'TRAP/lake' } }],
  ['database outside', { target: { kind: 'duckdb', path: '../outside/x.duckdb' } }],
  ['the state as database', { target: { kind: 'duckdb', path: '.tidegate/state.db' } }],
  ['Delta outside', { target: { kind: 'delta', path: '../outside/lake' } }],
  ['Postgres of others', { target: { kind: 'postgres', url: 'postgres://u:p@127.0.0.1:1/x', table: 't' } }],
  ['a manifest outside', { target: { kind: 'none', path: '../outside/lake' } }],
  ['quarantine outside', { quarantine: { path: '../outside/q' } }],
  ['quarantine behind a link', { quarantine: { path: 'quarantine/linked' } }],
  ['archive outside', { clean_source: { mode: 'archive', to: '../outside/archive' } }],
  ['a contract outside', { contract: '../outside/secret.yaml' }],
  ['a contract behind a link', { contract: 'contracts/linked.yaml' }],
  ['a contract that is the configuration', { contract: 'tidegate.yaml' }],
  ['a contract that is the environment', { contract: '.env' }],
  ['a contract of the network', { contract: 'TRAP/c.yaml' }],
])('%s: refused with all that is wrong, and nothing is kept', async (_, change) => {
  const entry = JSON.parse(JSON.stringify({ ...OWN, ...change }).replaceAll('TRAP', daemon.trap)) as object
  for (const address of ['ingestions', 'ingestions/test', 'ingestions/estimate']) {
    const { status, type, body } = await daemon.call('POST', `/api/v1/${address}`, { id: 'try', entry })
    expect([address, status, body['code']]).toEqual([address, 422, 'INGESTION_INVALID'])
    expect(type).toContain('application/problem+json')
  }
  const { body } = await daemon.call('GET', '/api/v1/ingestions')
  expect((body['items'] as readonly { readonly id: string }[]).map(({ id }) => id)).toEqual(['payroll'])
})

test('links below what a template or a pattern leaves open lead nowhere, for reading and for writing', async () => {
  // Two links lead out: of a folder, and of a file.
  expect(await daemon.attempt('pattern', { ...OWN, path: 'landing/**/*.csv', target: { path: 'lake/pattern' } })).toBe(
    'partial',
  )
  expect(await daemon.call('GET', '/api/v1/ingestions/pattern')).toMatchObject({ status: 200 })
  const linked = { ...OWN, dataset: '{stem}' }
  // The datasets are called linked: so are a contract, a folder of the lake and one of the quarantine.
  for (const [id, change] of Object.entries({
    contract: { contract: 'contracts/{dataset}.yaml', target: { path: 'lake/c/{dataset}' } },
    lake: { target: { path: 'lake/{dataset}' } },
    manifest: { target: { kind: 'none', path: 'lake/{dataset}' } },
    database: { target: { kind: 'duckdb', path: 'lake/{dataset}/x.duckdb', table: 't' } },
  })) {
    daemon.land(`landing2/${id}/linked.csv`, 'id,text\n1,two\n')
    const state = await daemon.attempt(id, { ...linked, path: `landing2/${id}/*.csv`, ...change })
    expect([id, state]).toEqual([id, id === 'contract' ? 'partial' : 'dead'])
  }
  expect(readdirSync(path.join(daemon.home, 'outside/lake'))).toEqual([])
  // One that is called like the link is known before it ran.
  const entry = {
    ...OWN,
    path: 'landing2/x/*.csv',
    contract: 'contracts/{dataset}.yaml',
    target: { path: 'lake/x' },
    quarantine: { path: 'quarantine/x' },
  }
  expect((await daemon.call('POST', '/api/v1/ingestions', { id: 'linked', entry })).status).toBe(201)
  const { status, body } = await daemon.call('GET', '/api/v1/contracts/linked/linked/yaml')
  expect([status, body['code']]).toEqual([404, 'CONTRACT_NOT_FOUND'])
  expect((await daemon.call('GET', '/api/v1/contracts/linked/linked')).body['state']).toBe('missing')
}, 120_000)

test('what was answered, logged, kept and written holds no secret, and nobody was called', async () => {
  const all = await daemon.everything()
  expect(all).toContain('mine')
  for (const secret of Object.values(SECRETS)) expect(around(all, secret), secret).toBe('')
  expect(daemon.trapped()).toEqual([])
  expect(existsSync(path.join(daemon.home, 'outside/archive'))).toBe(false)
}, 60_000)

/** What stands around it, to see where it came from. */
function around(text: string, secret: string): string {
  const at = text.indexOf(secret)
  return at < 0 ? '' : text.slice(Math.max(0, at - 300), at + 100)
}
