/** Schedules, alerts, silences, deliveries, engines, tokens, audit, contracts, health. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { AlertRecord, ScheduleConfig, TickRecord } from '@tidegate/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchEntry, LOCATION } from '../testing/api-past.ts'
import { NOW_MS, openApiWorld, type ApiWorld } from '../testing/api-world.ts'
import { apiRoutes } from './index.ts'

let world: ApiWorld

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(async () => world.close())

const HOURLY: ScheduleConfig = {
  trigger: { kind: 'cron', cron: '30 2 * * *', timezone: 'Europe/Berlin' },
  overlap: 'forbid',
  catchUp: 'latest',
  catchUpLimit: 10,
  catchUpWindowMs: 86_400_000,
  startingDeadlineMs: undefined,
  jitterMs: 0,
  retries: { maxAttempts: 3, firstDelayMs: 1000, maxDelayMs: 60_000 },
  expiryMs: undefined,
}

test('schedules have their next instants, ticks and pause', async () => {
  const { state } = world
  const every: ScheduleConfig = { ...HOURLY, trigger: { kind: 'interval', everyMs: 3_600_000 } }
  await state.saveSchedules(
    [
      { id: 'ingest:orders', command: 'ingest', subject: 'orders', config: HOURLY },
      { id: 'maintain', command: 'maintain', subject: '', config: every },
    ],
    NOW_MS - 7_200_000,
  )
  const owner = { id: 'host:1:1', what: 'test' }
  const lease = await state.acquireLease('~scheduler', owner, NOW_MS, 60_000)
  if (lease.kind !== 'acquired') throw new Error('no lease')
  const ticks = [1, 2, 3].map((n): TickRecord => ({
    schedule: 'maintain',
    instantMs: NOW_MS - 7_200_000 + n * 1_800_000,
    state: n === 2 ? 'missed' : 'skipped',
    reason: n === 2 ? 'late' : 'overlap',
    job: null,
    count: n,
    decidedAtMs: NOW_MS,
  }))
  const cursors = { fromCursorMs: NOW_MS - 7_200_000, toCursorMs: NOW_MS }
  await state.decideTicks(
    [{ schedule: 'maintain', ...cursors, ticks, jobs: [], cancel: [] }],
    { owner, fence: lease.fence },
    NOW_MS,
  )
  const { items } = await world.pages('/api/v1/schedules', 1)
  expect(items).toMatchObject([
    // 02:30 in Berlin, where it is winter.
    {
      id: 'ingest:orders',
      state: 'active',
      timezone: 'Europe/Berlin',
      next: [22, 23, 24, 25, 26].map((day) => `2026-11-${day}T01:30:00.000Z`),
    },
    {
      id: 'maintain',
      timezone: 'UTC',
      next: [9, 10, 11, 12, 13].map((hour) => `2026-11-21T${String(hour).padStart(2, '0')}:00:00.000Z`),
    },
  ])
  expect((await world.pages('/api/v1/schedules/maintain/ticks', 1)).items).toMatchObject([
    { state: 'skipped', reason: 'overlap', count: 3 },
    { state: 'missed', reason: 'late', count: 2, run: null },
    { state: 'skipped', count: 1 },
  ])
  expect(await world.call('POST', '/api/v1/schedules/maintain/pause', { as: 'read' })).toMatchObject({ status: 403 })
  expect(await world.call('POST', '/api/v1/schedules/maintain/pause')).toMatchObject({
    body: { state: 'paused', next: [] },
  })
  expect(await world.call('POST', '/api/v1/schedules/maintain/pause')).toMatchObject({ status: 200 })
  expect(await world.call('POST', '/api/v1/schedules/maintain/resume')).toMatchObject({
    body: { state: 'active', pausedAt: null },
  })
  expect(world.woken.filter((what) => what === 'scheduler')).toHaveLength(2)
  expect(await world.get(`/api/v1/schedules/${encodeURIComponent('ingest:orders')}`)).toMatchObject({ status: 200 })
  for (const url of ['/api/v1/schedules/none', '/api/v1/schedules/none/ticks'])
    expect(await world.get(url)).toMatchObject({ status: 404, body: { code: 'SCHEDULE_UNKNOWN' } })
})

test('a schedule that is decided far ahead of the clock says so, and what mends it', async () => {
  const { state } = world
  const id = 'ingest:orders'
  const problemOf = async (): Promise<unknown> =>
    ((await world.get(`/api/v1/schedules/${encodeURIComponent(id)}`)).body as { problem: unknown }).problem
  const seen = async (atMs: number): Promise<unknown> => {
    await state.saveSchedules([], NOW_MS)
    await state.saveSchedules([{ id, command: 'ingest', subject: 'orders', config: HOURLY }], atMs)
    return problemOf()
  }
  expect(await seen(NOW_MS)).toBe(null)
  expect(await seen(NOW_MS + 86_400_000)).toMatch(/goes on within seconds/)
  expect(await seen(NOW_MS + 30 * 86_400_000)).toMatch(/Pause and resume it/)
  for (const what of ['pause', 'resume']) await world.call('POST', `/api/v1/schedules/${id}/${what}`)
  expect(await problemOf()).toBe(null)
})

function anAlert(id: string, atMs: number, given: Partial<AlertRecord> = {}): AlertRecord {
  return {
    id,
    kind: 'run_failed',
    source: 'orders',
    dataset: null,
    severity: 'critical',
    state: 'firing',
    firstAtMs: atMs,
    lastAtMs: atMs,
    count: 1,
    firingAtMs: atMs,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
    note: null,
    resolvedAtMs: null,
    run: 'r1',
    detail: { code: 'X' },
    ...given,
  }
}

test('alerts are listed, say why they were told, and are acknowledged with a note', async () => {
  const { state } = world
  const alerts = [1, 2, 3].map((n) =>
    anAlert(`al-${String(n)}`, NOW_MS - n * 1000, { kind: n === 3 ? 'stale' : 'run_failed', source: `s${String(n)}` }),
  )
  const over = anAlert('al-4', NOW_MS - 9000, { state: 'resolved', resolvedAtMs: NOW_MS })
  await state.applyAlertStep({
    basedOn: await state.alertRevision(),
    alerts: [...alerts, over],
    groups: [],
    decisions: [
      {
        alert: 'al-1',
        channel: 'ops',
        atMs: NOW_MS,
        outcome: 'grouping',
        reason: 'waits 30 s for others',
        notice: null,
      },
    ],
    notices: [],
    folded: [],
    silenced: {},
  })
  expect((await world.pages('/api/v1/alerts', 1)).items.map(({ id }: { id: string }) => id).toSorted()).toEqual([
    'al-1',
    'al-2',
    'al-3',
    'al-4',
  ])
  expect((await world.pages('/api/v1/alerts?state=firing&source=s2', 9)).items).toMatchObject([{ id: 'al-2' }])
  expect((await world.get('/api/v1/alerts/al-1')).body).toMatchObject({
    decisions: [{ channel: 'ops', outcome: 'grouping' }],
  })
  const path = '/api/v1/alerts/al-1/acknowledge'
  expect(await world.call('POST', path, { body: { note: 'on it' }, as: 'read' })).toMatchObject({ status: 403 })
  expect(await world.call('POST', path, { body: { note: 'on it' }, as: 'run' })).toMatchObject({
    status: 200,
    body: { state: 'acknowledged', note: 'on it', acknowledgedBy: expect.stringMatching(/^token:/) },
  })
  expect(await world.call('POST', '/api/v1/alerts/al-2/acknowledge')).toMatchObject({
    status: 200,
    body: { note: null },
  })
  expect(await world.call('POST', '/api/v1/alerts/al-4/acknowledge')).toMatchObject({
    status: 409,
    body: { code: 'ALERT_RESOLVED' },
  })
  expect(await world.call('POST', '/api/v1/alerts/none/acknowledge')).toMatchObject({ status: 404 })
  expect(world.woken).toContain('alerts')
})

test('a silence is made, listed and ended; without an end it is refused', async () => {
  const made = await world.call('POST', '/api/v1/silences', {
    as: 'run',
    body: { matcher: { source: 'ord*' }, durationMs: 60_000, reason: 'move' },
  })
  expect(made).toMatchObject({ status: 201, body: { state: 'active', endsAt: '2026-11-21T08:01:00.000Z', hidden: 0 } })
  const { id } = made.body as { id: string }
  expect((await world.pages('/api/v1/silences', 1)).items).toMatchObject([
    { id, matcher: { source: 'ord*' }, reason: 'move' },
  ])
  for (const [body, status] of [
    [{ matcher: {}, reason: 'x' }, 400],
    [{ matcher: {}, durationMs: 60_000, endsAt: '2026-11-22T00:00:00Z', reason: 'x' }, 400],
    [{ matcher: {}, durationMs: 60_000, reason: ' ' }, 400],
    [{ matcher: { file: 'x' }, durationMs: 60_000, reason: 'x' }, 400],
    [{ matcher: {}, endsAt: '2026-11-20T00:00:00Z', reason: 'x' }, 422],
    [{ matcher: {}, endsAt: '2030-11-20T00:00:00Z', reason: 'x' }, 422],
  ] as const)
    expect(await world.call('POST', '/api/v1/silences', { body })).toMatchObject({ status })
  expect(await world.call('DELETE', `/api/v1/silences/${id}`)).toMatchObject({ status: 204 })
  expect(await world.call('DELETE', `/api/v1/silences/${id}`)).toMatchObject({
    status: 404,
    body: { code: 'SILENCE_UNKNOWN' },
  })
})

test('the log of deliveries goes to the end', async () => {
  for (const attempt of [1, 2, 3])
    await world.state.addDelivery({
      notice: 'n1',
      channel: attempt === 3 ? 'ops' : 'mail',
      event: 'run_failed',
      attempt,
      atMs: NOW_MS + attempt,
      outcome: attempt === 3 ? 'delivered' : 'failed',
      status: attempt === 3 ? 200 : 421,
      message: null,
      nextAtMs: null,
    })
  expect((await world.pages('/api/v1/deliveries', 1)).items).toMatchObject([
    { attempt: 3, outcome: 'delivered' },
    { attempt: 2 },
    { attempt: 1, status: 421 },
  ])
  expect((await world.pages('/api/v1/deliveries?channel=ops&notice=n1', 5)).items).toHaveLength(1)
})

test('tokens are made with their secret once, listed without, and taken back; only by admins', async () => {
  expect(await world.call('GET', '/api/v1/tokens', { as: 'write' })).toMatchObject({ status: 403 })
  const made = await world.call('POST', '/api/v1/tokens', {
    body: { name: 'grafana', scope: 'read', expiresInMs: 3_600_000 },
  })
  expect(made).toMatchObject({
    status: 201,
    body: { scope: 'read', state: 'active', expiresAt: '2026-11-21T09:00:00.000Z' },
  })
  const { id, token } = made.body as { id: string; token: string }
  const headers = { authorization: `Bearer ${token}` }
  expect(await world.call('GET', '/api/v1/files', { headers })).toMatchObject({ status: 200 })
  const { items } = await world.pages('/api/v1/tokens', 1)
  expect(items.map((one: { id: string }) => one.id)).toContain(id)
  expect(JSON.stringify(items)).not.toContain(token.split('_')[2] ?? '?')
  expect(JSON.stringify(items)).not.toContain('hash')
  expect(await world.call('DELETE', `/api/v1/tokens/${id}`)).toMatchObject({ status: 204 })
  expect(await world.call('GET', '/api/v1/files', { headers })).toMatchObject({ status: 401 })
  expect(await world.call('DELETE', '/api/v1/tokens/none')).toMatchObject({
    status: 404,
    body: { code: 'TOKEN_UNKNOWN' },
  })
  const secret = token.split('_')[2] ?? '?'
  expect(JSON.stringify((await world.pages('/api/v1/audit', 3)).items)).not.toContain(secret)
  expect(world.api.log()).not.toContain(secret)
})

test('what was changed is in the audit log, for admins', async () => {
  const { items } = await world.pages('/api/v1/audit?action=token.create', 1)
  const tokens = (await world.pages('/api/v1/tokens', 1)).items as readonly { id: string; name: string }[]
  const token = tokens.find(({ name }) => name === 'grafana')
  const detail = { name: 'grafana', scope: 'read' }
  expect(items).toMatchObject([{ action: 'token.create', subject: token?.id, outcome: 'done', detail }])
  expect(await world.call('GET', '/api/v1/audit', { as: 'write' })).toMatchObject({ status: 403 })
})

test.each(['engines', 'clusters'])('%s are listed and tested through the desk', async (noun) => {
  world.answer = ({ kind }) =>
    kind === 'engines' ? [{ name: 'duckdb', kind: 'duckdb', version: '1.4' }] : { ok: true, ms: 3 }
  expect((await world.get(`/api/v1/${noun}`)).body).toEqual({
    items: [{ name: 'duckdb', kind: 'duckdb', version: '1.4' }],
  })
  expect(await world.call('POST', `/api/v1/${noun}/duckdb/test`)).toMatchObject({ status: 200, body: { ok: true } })
  expect(await world.call('POST', `/api/v1/${noun}/spark/test`)).toMatchObject({
    status: 404,
    body: { code: 'ENGINE_UNKNOWN' },
  })
})

test('contracts are listed with their file, and read as JSON and as it stands; no name leads elsewhere', async () => {
  const yaml = 'contract: orders\nversion: 3\nschema: { columns: { amount: { type: BIGINT } } }\nexpectations: []\n'
  writeFileSync(path.join(world.directory, 'contracts/orders.yaml'), yaml)
  writeFileSync(path.join(world.directory, 'contracts/payments.yaml'), 'contract: [\n')
  await world.state.indexEntry(LOCATION, batchEntry(1, 1, {}, { dataset: 'extra' }))
  await world.state.recordContract({
    source: 'orders',
    dataset: 'orders',
    id: 'a'.repeat(64),
    firstUsedMs: NOW_MS,
    run: 'r1',
    version: 3,
    columns: [],
    checks: [],
  })
  const { items } = await world.pages('/api/v1/contracts', 1)
  expect(items).toMatchObject([
    { source: 'orders', dataset: 'extra', file: 'contracts/extra.yaml', inUse: null },
    { source: 'orders', dataset: 'orders', file: 'contracts/orders.yaml', inUse: { version: 3, run: 'r1' } },
    { source: 'payments', dataset: 'payments' },
  ])
  expect((await world.get('/api/v1/contracts/orders/orders')).body).toMatchObject({
    state: 'ok',
    contract: { contract: 'orders' },
    history: [{ version: 3 }],
  })
  expect((await world.get('/api/v1/contracts/orders/extra')).body).toMatchObject({ state: 'missing', contract: null })
  expect((await world.get('/api/v1/contracts/payments/payments')).body).toMatchObject({
    state: 'problems',
    problems: [expect.any(String)],
  })
  expect((await world.get('/api/v1/contracts/orders/orders/yaml')).text).toBe(yaml)
  expect(await world.get('/api/v1/contracts/orders/extra/yaml')).toMatchObject({
    status: 404,
    body: { code: 'CONTRACT_NOT_FOUND' },
  })
  for (const name of ['..%2F..%2Ftidegate', '%2e%2e', 'none'])
    expect(await world.get(`/api/v1/contracts/orders/${name}`)).toMatchObject({ status: 404 })
})

test('probes need no token, also where metrics do', () => {
  const scopes = apiRoutes({ openMetrics: false }).map((route) => [route.path, route.scope])
  expect(Object.fromEntries(scopes)).toMatchObject({ '/livez': 'open', '/readyz': 'open', '/metrics': 'read' })
})

test('livez and readyz say what is wrong, and that only', async () => {
  const well = world.health
  expect(await world.get('/livez')).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(await world.get('/readyz')).toMatchObject({ status: 200, body: { role: 'leader' } })
  for (const [health, part] of [
    [{ isDraining: true }, 'daemon'],
    [{ lastTickAtMs: NOW_MS - 61_000 }, 'scheduler'],
    [{ lastTickAtMs: null }, 'scheduler'],
    [{ lastTickAtMs: null, isLeader: false }, 'scheduler'],
  ] as const) {
    world.health = { ...well, ...health }
    expect(await world.get('/readyz')).toMatchObject({
      status: 503,
      body: { code: 'NOT_READY', errors: [{ path: part }] },
    })
  }
  world.health = { ...well, isLeader: false, lastTickAtMs: NOW_MS - 61_000 }
  expect(await world.get('/readyz')).toMatchObject({ status: 200, body: { role: 'standby' } })
  world.health = { ...well, eventLoopDelayMs: 2500 }
  expect(await world.get('/livez')).toMatchObject({ status: 503, body: { code: 'NOT_LIVE' } })
  world.health = well
})

test('a state that does not answer is not ready, and nothing of it is told', async () => {
  const broken = await openApiWorld()
  await broken.state.close()
  const { status, text } = await broken.get('/readyz')
  expect(status).toBe(503)
  expect(text).toContain('the state database does not answer')
  expect(text).not.toContain(broken.directory)
  await broken.close()
})
