import { expect, test } from 'vitest'
import { parseConfig } from './parse-config.ts'
import { showConfig } from './show-config.ts'

const TEXT = `version: 1
state: "\${DB_PASSWORD}.db"
sources:
  a:
    path: "\${ROOT}/in"
    gate: { threshold: 90 }
    notify: [ops]
channels:
  ops: { kind: webhook, url: "https://hooks.example.com/T0/secret" }
environments:
  prod: { defaults: { workers: 8 } }
`
const ENV = { DB_PASSWORD: 'hunter2', ROOT: '/data' }

function shown(redact: boolean): ReadonlyMap<string, readonly [unknown, string]> {
  const options = {
    directory: '/p',
    file: '/p/tidegate.yaml',
    environment: 'prod',
    env: ENV,
    set: ['sources.a.repair=off'],
  }
  const result = parseConfig(TEXT, options)
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result))
  return new Map(showConfig(result, { redact }).map(({ key, value, origin }) => [key, [value, origin]]))
}

test('every value names where it comes from', () => {
  const values = shown(true)
  expect(values.get('sources.a.path')).toEqual(['/data/in', 'variable ROOT'])
  expect(values.get('sources.a.gate.threshold')).toEqual([90, 'tidegate.yaml:6'])
  expect(values.get('sources.a.duplicates')).toEqual(['skip', 'default'])
  expect(values.get('sources.a.target.path')).toEqual(['lake/raw/{dataset}', 'default'])
  expect(values.get('sources.a.repair')).toEqual(['off', '--set'])
  expect(values.get('defaults.workers')).toEqual([8, 'environment prod'])
  expect(values.get('sources.a.notify')).toEqual([['ops'], 'tidegate.yaml:7'])
})

test('secrets are shown only when asked for', () => {
  expect(JSON.stringify([...shown(true)])).not.toMatch(/hunter2|hooks\.example/)
  expect(shown(false).get('state')).toEqual(['hunter2.db', 'variable DB_PASSWORD'])
  expect(shown(false).get('channels.ops.url')?.[0]).toBe('https://hooks.example.com/T0/secret')
})
