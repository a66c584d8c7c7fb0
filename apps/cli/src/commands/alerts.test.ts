/** `alerts` over a project whose receiver is a real one: a gate holds a file, is silenced and acknowledged, and recovers. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainContext } from '../testing/plain-context.ts'
import { ordersProject } from '../testing/small-project.ts'
import { alerts, type AlertsArgs } from './alerts.ts'
import { files } from './files.ts'
import { ingest } from './ingest.ts'

const CHANNELS = (url: string): string => `channels:
  ops: { kind: webhook, url: "${url}", allow_private: true }
  mail: { kind: email, host: 127.0.0.1, port: 9, from: gate@example.com, to: a@example.com }
`

const project = ordersProject({ 'landing/bad.csv': 'id,amount,city\n,5,Oslo\n' })
const heard: { readonly event: string; readonly body: Record<string, unknown> }[] = []
let server: Server
let status = 200

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const body = JSON.parse(text) as Record<string, unknown>
      heard.push({ event: String(request.headers['tidegate-event']), body })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const yaml = project.read('tidegate.yaml').replace('    format: csv', '    format: csv\n    notify: [ops]')
  project.write(
    'tidegate.yaml',
    yaml + CHANNELS(`http://127.0.0.1:${(server.address() as AddressInfo).port}/t0psecret`),
  )
  const code = await ingest({ sources: [] }, plainContext(project.directory))
  expect(code).toBe(3)
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
  project.remove()
})

type Json = Readonly<Record<string, unknown>>

async function run(args: AlertsArgs): Promise<{ readonly code: number; readonly json: Json }> {
  const context = plainContext(project.directory)
  const code = await alerts(args, context)
  return { code, json: JSON.parse(context.written()) as Json }
}

async function said(args: AlertsArgs): Promise<string> {
  const context = plainContext(project.directory, 'table')
  await alerts(args, context)
  return context.written()
}

async function idOf(kind: string): Promise<string> {
  const { json } = await run({ action: 'ls', all: true })
  return String((json['items'] as Json[]).find((item) => item['kind'] === kind)?.['id'])
}

function keysOf(value: unknown): readonly string[] {
  return Object.keys(value as object).toSorted()
}

const ALERT_KEYS =
  'acknowledgedAtMs acknowledgedBy count dataset detail firingAtMs firstAtMs id kind lastAtMs note resolvedAtMs run severity source state title'.split(
    ' ',
  )

test('the command that held the file told it before it ended', () => {
  expect(heard.map(({ event }) => event)).toEqual(['gate_failed'])
})

test('ls shows what is open, with its shape', async () => {
  const { code, json } = await run({ action: 'ls' })
  expect([code, json['schemaVersion'], json['kind'], json['more'], json['silences']]).toEqual([
    0,
    1,
    'alerts',
    false,
    [],
  ])
  const items = json['items'] as Json[]
  expect(items.map(({ kind, state, severity, count }) => ({ kind, state, severity, count }))).toEqual(
    expect.arrayContaining([
      { kind: 'gate_failed', state: 'firing', severity: 'critical', count: 1 },
      { kind: 'file_quarantined', state: 'firing', severity: 'warning', count: 1 },
    ]),
  )
  for (const item of items) expect(keysOf(item)).toEqual(ALERT_KEYS)
  expect(await run({ action: 'ls', source: 'elsewhere' })).toMatchObject({ json: { items: [] } })
  expect(await run({ action: 'ls', limit: 1 })).toMatchObject({ json: { items: { length: 1 }, more: true } })
  for (const limit of [0, -3, Number.NaN, 1e9])
    expect(((await run({ action: 'ls', limit })).json['items'] as Json[]).length).toBeGreaterThan(0)
})

test('show says it in words, with what to run next', async () => {
  const { json } = await run({ action: 'show', id: await idOf('gate_failed') })
  expect(json).toMatchObject({ kind: 'alert', text: { title: 'orders: the gate held 1 file' } })
  expect(keysOf(json['text'])).toEqual(['commands', 'lines', 'members', 'more', 'title'])
  expect(await said({ action: 'show', id: await idOf('gate_failed') })).toContain('bad.csv')
})

test('explain says to whom it was told and why not, and what the receiver answered', async () => {
  const { json } = await run({ action: 'explain', id: await idOf('gate_failed') })
  expect([json['kind'], json['channels']]).toEqual(['alert-explained', ['ops']])
  expect(json['decisions']).toMatchObject([{ channel: 'ops', outcome: 'sent' }])
  expect(keysOf((json['decisions'] as Json[])[0])).toEqual(['atMs', 'channel', 'notice', 'outcome', 'reason'])
  expect(json['deliveries']).toMatchObject([{ channel: 'ops', outcome: 'delivered', status: 200, attempt: 1 }])
  const other = await said({ action: 'explain', id: await idOf('file_quarantined') })
  expect(other).toMatch(/inhibited.*explains it/)
})

test('deliveries is the log, by channel, without addresses', async () => {
  const { json } = await run({ action: 'deliveries' })
  const [first] = json['items'] as Json[]
  expect(keysOf(first)).toEqual(
    ['atMs', 'attempt', 'channel', 'event', 'message', 'nextAtMs', 'notice', 'outcome', 'status'], // prettier-ignore
  )
  expect(JSON.stringify(json)).not.toMatch(/t0psecret|127\.0\.0\.1/)
  expect(await run({ action: 'deliveries', channel: 'mail' })).toMatchObject({ json: { items: [], more: false } })
})

test('silence asks for a matcher, an end with a unit, and a reason; unsilence ends it once', async () => {
  const good = { action: 'silence', source: 'orders*', for: '2h', reason: ' migration ' }
  for (const bad of ['0s', '-1h', '2', '2 fortnights', '', '400d', '1e99d', 'Infinity'])
    await expect(run({ ...good, for: bad }), bad).rejects.toMatchObject({ code: 'USAGE_SILENCE' })
  for (const bad of [{ reason: '  ' }, { source: undefined }, { kind: 'gate' }])
    await expect(run({ ...good, ...bad } as AlertsArgs)).rejects.toMatchObject({ code: 'USAGE_SILENCE' })
  const { json } = await run(good)
  const silence = json['silence'] as Json
  expect(silence).toMatchObject({ matcher: { source: 'orders*' }, reason: 'migration', hidden: 0 })
  expect(json['openAlerts']).toBe(2)
  expect(Number(silence['endsAtMs']) - Number(silence['startsAtMs'])).toBe(7_200_000)
  expect((await run({ action: 'ls' })).json['silences']).toMatchObject([{ id: silence['id'] }])
  const id = String(silence['id'])
  expect(await run({ action: 'unsilence', id })).toMatchObject({ code: 0, json: { kind: 'silence-ended', id } })
  for (const unknown of [id, 'si-0', "'; drop table silence; --"])
    await expect(run({ action: 'unsilence', id: unknown })).rejects.toMatchObject({ code: 'SILENCE_UNKNOWN' })
  expect(await said({ ...good, source: 'oders' })).toContain('No alert that is open now matches it.')
})

test('ids that are not there are said so, and change nothing', async () => {
  for (const id of ['al-0000000000000000', '', '%', '../..', 'al-\u0000', 'x'.repeat(10_000)])
    for (const action of ['show', 'ack', 'explain'])
      await expect(run({ action, id })).rejects.toMatchObject({ code: 'ALERT_UNKNOWN' })
  for (const action of ['show', 'ack', 'explain'])
    await expect(run({ action })).rejects.toMatchObject({ code: 'USAGE_ALERT' })
  await expect(run({ action: 'mute' })).rejects.toMatchObject({ code: 'USAGE_ACTION' })
})

test('ack keeps who came first, and is no more possible when it is over', async () => {
  const id = await idOf('gate_failed')
  expect(await run({ action: 'ack', id, note: 'on it\u001b[2J' })).toMatchObject({
    code: 0,
    json: { kind: 'alert-acknowledged', alert: { state: 'acknowledged', note: 'on it\u001b[2J' } },
  })
  expect(await run({ action: 'ack', id, note: 'me too' })).toMatchObject({
    json: { alert: { note: 'on it\u001b[2J' } },
  })
  expect(await said({ action: 'show', id })).not.toContain('\u001b')
})

test('test shows the message, or sends it and says what the receiver answered', async () => {
  const before = heard.length
  const { json } = await run({ action: 'test', id: 'ops', dryRun: true })
  expect(json).toMatchObject({
    kind: 'alerts-test',
    dryRun: true,
    channel: 'ops',
    channelKind: 'webhook',
    outcome: null,
  })
  expect(heard).toHaveLength(before)
  expect(await run({ action: 'test', id: 'ops' })).toMatchObject({ code: 0, json: { outcome: { kind: 'delivered' } } })
  expect(heard.at(-1)?.body).toMatchObject({ type: 'test', data: { event: 'test' } })
  status = 500
  expect(await run({ action: 'test', id: 'ops' })).toMatchObject({ code: 1, json: { outcome: { status: 500 } } })
  status = 200
  expect(await run({ action: 'test', id: 'mail' })).toMatchObject({ code: 1, json: { outcome: { kind: 'failed' } } })
  await expect(run({ action: 'test', id: 'obs' })).rejects.toMatchObject({ code: 'CONFIG_UNKNOWN_CHANNEL' })
  await expect(run({ action: 'test' })).rejects.toMatchObject({ code: 'USAGE_CHANNEL' })
})

test('files retry tells what it owes before it ends, as ingest does', async () => {
  const contract = project.read('contracts/orders.yaml')
  project.write('contracts/orders.yaml', contract.replace(', nullable: false', ''))
  const before = heard.length
  const code = await files({ action: 'retry', paths: ['bad.csv'] }, plainContext(project.directory))
  expect(code).toBe(0)
  expect(heard.slice(before).map(({ event }) => event)).toEqual(['recovered'])
})

test('what is over cannot be acknowledged, is in ls no more, and show says why it is over', async () => {
  const id = await idOf('gate_failed')
  await expect(run({ action: 'ack', id })).rejects.toMatchObject({ code: 'ALERT_RESOLVED' })
  expect((await run({ action: 'ls' })).json['items']).toEqual([])
  const { json } = await run({ action: 'show', id })
  expect(json).toMatchObject({
    alert: { state: 'resolved' },
    text: { title: 'orders: recovered (the gate had held files)' },
  })
  expect(await said({ action: 'show', id })).toMatch(/It is over: run .* ended, and nothing is held any more\./)
})
