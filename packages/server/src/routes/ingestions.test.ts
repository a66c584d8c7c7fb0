import { parseConfig } from '@tidegate/config'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aRunRecord, batchEntry, LOCATION, writeRun } from '../testing/api-past.ts'
import { NOW_MS, openApiWorld, type ApiWorld } from '../testing/api-world.ts'

let world: ApiWorld

beforeAll(async () => {
  world = await openApiWorld()
  const schedule = world.config().sources[0]?.schedule
  if (schedule === undefined) throw new Error('no schedule')
  await world.state.saveSchedules(
    [{ id: 'ingest:orders', command: 'ingest', subject: 'orders', config: schedule }],
    NOW_MS,
  )
  await writeRun(world.state, aRunRecord('r1', NOW_MS - 60_000))
  await world.state.indexEntry(LOCATION, batchEntry(1, 1))
})
afterAll(async () => world.close())

/** The database of a source of the file: others may not be written to. */
const URL = 'postgres://loader:geh/eim@db.example/pay?sslkey=geheim'
const ENTRY = { path: 'landing/new/*.csv', target: { kind: 'postgres', url: URL, table: 'payments' } }
const create = async (id: string, entry: unknown = ENTRY): Promise<Awaited<ReturnType<ApiWorld['call']>>> =>
  world.call('POST', '/api/v1/ingestions', { body: { id, entry }, as: 'write' })

test('those of the file are listed with state, next instants and last run, and without passwords', async () => {
  const { items } = await world.pages('/api/v1/ingestions', 1)
  expect(items).toMatchObject([
    {
      id: 'orders',
      origin: 'file',
      state: 'active',
      version: null,
      entry: null,
      lastRun: { id: 'r1', status: 'ok' },
      schedule: {
        timezone: 'Europe/Berlin',
        next: ['08:15', '08:30', '08:45', '09:00', '09:15'].map((time) => `2026-11-21T${time}:00.000Z`),
      },
    },
    { id: 'payments', state: 'manual', lastRun: null, schedule: null, targets: [{ kind: 'postgres' }] },
  ])
  const { text } = await world.get('/api/v1/ingestions/payments')
  expect(text).toContain('db.example/pay')
  for (const secret of ['geh', 'eim', 'geheim', 'loader']) expect(text).not.toContain(secret)
})

test.each(['PUT', 'DELETE'] as const)('%s on one of the file is refused with a way out', async (method) => {
  const body = method === 'PUT' ? { body: { entry: { path: 'landing/x/*' } } } : {}
  expect(await world.call(method, '/api/v1/ingestions/orders', body)).toMatchObject({
    status: 409,
    body: { code: 'INGESTION_READ_ONLY', hint: expect.stringContaining('tidegate.yaml') },
  })
})

test('one is made, read, changed and forgotten; its ETag guards the change, and what is masked stays', async () => {
  const made = await create('new')
  expect(made).toMatchObject({
    status: 201,
    headers: { etag: '"v1"', location: '/api/v1/ingestions/new' },
    body: { origin: 'api', state: 'manual', version: 1, createdBy: expect.stringMatching(/^token:/) },
  })
  expect(made.text).not.toMatch(/geh|eim|loader/)
  expect(world.config().sources.map(({ name }) => name)).toContain('new')
  const { body, headers } = await world.get('/api/v1/ingestions/new')
  const { entry } = body as { entry: { target: { url: string } } }
  expect(entry.target.url).toBe('postgres://***@db.example/pay?***')
  const change = { body: { entry: { ...entry, schedule: { cron: '0 * * * *' } } } }
  const put = (etag: string): ReturnType<ApiWorld['call']> =>
    world.call('PUT', '/api/v1/ingestions/new', { ...change, headers: { 'if-match': etag } })
  expect(await put('"v9"')).toMatchObject({ status: 412 })
  expect(await put('W/"v1"')).toMatchObject({ status: 412 })
  expect(await put(String(headers['etag']))).toMatchObject({
    status: 200,
    headers: { etag: '"v2"' },
    body: { state: 'active' },
  })
  expect(await put('"v1"')).toMatchObject({ status: 412 })
  expect((await world.state.getIngestion('new'))?.entry['target']).toEqual(ENTRY.target)
  expect(world.woken).toContain('scheduler')
  expect(await world.call('DELETE', '/api/v1/ingestions/new', { headers: { 'if-match': '"v1"' } })).toMatchObject({
    status: 412,
  })
  expect(await world.call('DELETE', '/api/v1/ingestions/new', { headers: { 'if-match': '"v2"' } })).toMatchObject({
    status: 204,
  })
  expect(await world.get('/api/v1/ingestions/new')).toMatchObject({ status: 404, body: { code: 'INGESTION_UNKNOWN' } })
  expect(world.config().sources.map(({ name }) => name)).not.toContain('new')
})

test('what is forgotten takes its runs along: none begins afterwards, those of others stay', async () => {
  await create('brief')
  const first = await world.call('POST', '/api/v1/ingestions/brief/run')
  const other = await world.call('POST', '/api/v1/ingestions/orders/run')
  expect(await world.call('DELETE', '/api/v1/ingestions/brief')).toMatchObject({ status: 204 })
  const stateOf = async ({ body }: typeof first): Promise<string | undefined> =>
    (await world.state.getJob((body as { id: string }).id))?.state
  expect(await stateOf(first)).toBe('cancelled')
  expect(await stateOf(other)).toBe('queued')
  expect(world.woken).toContain('runner')
})

test.each([
  ['orders', ENTRY, 409, 'INGESTION_EXISTS'],
  ['bad', { path: 'landing/orders/*.csv' }, 422, 'INGESTION_INVALID'],
  ['bad', { path: '/etc/*' }, 422, 'INGESTION_INVALID'],
  ['bad', { path: '../outside/*' }, 422, 'INGESTION_INVALID'],
  ['bad', { path: 'landing/b/*', target: { path: '/srv/elsewhere' } }, 422, 'INGESTION_INVALID'],
  ['bad', { path: 'landing/${HOME}/*' }, 422, 'INGESTION_INVALID'],
  ['bad', { path: 'landing/b/*', colour: 'red' }, 422, 'INGESTION_INVALID'],
  ['bad', {}, 422, 'INGESTION_INVALID'],
  ['~scheduler', ENTRY, 400, 'HTTP_BODY'],
  ['a/b', ENTRY, 400, 'HTTP_BODY'],
  ['', ENTRY, 400, 'HTTP_BODY'],
  ['bad', 'path: x', 400, 'HTTP_BODY'],
])('nothing is made of %s with %j', async (id, entry, status, code) => {
  expect(await create(id, entry)).toMatchObject({ status, body: { code } })
  expect(await world.state.listIngestions()).toEqual([])
})

test('who may not read there is told where one may', async () => {
  const { body } = await create('bad', { path: '/etc/*' })
  expect(body).toMatchObject({ code: 'INGESTION_INVALID', hint: expect.stringContaining('server.roots') as string })
})

test('one is exported as YAML at both addresses, known by its ETag, also after it was made anew', async () => {
  await create('new')
  const first = await world.get('/api/v1/ingestions/new?format=yaml')
  expect(first).toMatchObject({ status: 200, headers: { 'content-type': 'application/yaml; charset=utf-8' } })
  expect(first.text).toContain('path: "landing/new/*.csv"')
  expect(first.text).not.toMatch(/geh|eim|loader/)
  expect(await world.get('/api/v1/ingestions/new/yaml')).toMatchObject({ text: first.text })
  const etag = String(first.headers['etag'])
  const known = { headers: { 'if-none-match': etag } }
  const ask = async (url: string): Promise<number> => {
    const { statusCode } = await world.api.ask({ url, ...known })
    return statusCode
  }
  expect(await ask('/api/v1/ingestions/new?format=yaml')).toBe(304)
  // As JSON it tells of the last run and of what is next, too: they move without the version.
  expect(await ask('/api/v1/ingestions/new')).toBe(200)
  await world.call('DELETE', '/api/v1/ingestions/new')
  await create('new')
  expect(await ask('/api/v1/ingestions/new?format=yaml')).toBe(200)
  expect(await world.call('DELETE', '/api/v1/ingestions/new', { headers: { 'if-match': etag } })).toMatchObject({
    status: 412,
  })
  await world.call('DELETE', '/api/v1/ingestions/new')
})

test('what the file says is exported as it is in force: read again it is the same source, but for secrets', async () => {
  const { text, status, headers } = await world.get('/api/v1/ingestions/orders?format=yaml')
  expect([status, headers['etag']]).toEqual([200, undefined])
  const { position, ...source } = world.config().sources.find(({ name }) => name === 'orders') ?? {}
  expect(position).toBeDefined()
  const again = parseConfig(`version: 1\n${text}`, { directory: world.directory })
  expect(again.kind === 'ok' ? again.config.sources : again).toMatchObject([source])
  const payments = await world.get('/api/v1/ingestions/payments/yaml')
  expect(payments.text).toContain('# *** stands for a secret')
  for (const secret of ['geh', 'eim', 'loader']) expect(payments.text).not.toContain(secret)
  expect(await world.get('/api/v1/ingestions/none/yaml')).toMatchObject({ status: 404 })
})

test('making, running and reading ask for their scopes', async () => {
  for (const as of ['read', 'run'] as const)
    expect(await world.call('POST', '/api/v1/ingestions', { as, body: { id: 'x', entry: ENTRY } })).toMatchObject({
      status: 403,
    })
  expect(await world.call('POST', '/api/v1/ingestions/orders/run', { as: 'read' })).toMatchObject({ status: 403 })
  expect(await world.call('GET', '/api/v1/ingestions', { as: 'read' })).toMatchObject({ status: 200 })
})

test('one that breaks a rule by now is listed as invalid with its problem, and is not run', async () => {
  const by = { createdBy: 't', createdAtMs: NOW_MS, updatedBy: 't', updatedAtMs: NOW_MS }
  await world.state.createIngestion({ id: 'odd', entry: { path: '/etc/*' }, ...by })
  expect(await world.get('/api/v1/ingestions/odd')).toMatchObject({
    body: { state: 'invalid', origin: 'api', problems: [expect.stringMatching(/^[A-Z_]+: /)] },
  })
  for (const what of ['run', 'test', 'estimate'])
    expect(await world.call('POST', `/api/v1/ingestions/odd/${what}`)).toMatchObject({
      status: 409,
      body: { code: 'INGESTION_INVALID' },
    })
  expect((await world.pages('/api/v1/ingestions?state=invalid', 1)).items).toHaveLength(1)
  expect(await world.call('DELETE', '/api/v1/ingestions/odd')).toMatchObject({ status: 204 })
})

test('the export is YAML for the file, without secrets', async () => {
  await create('out')
  const { text, headers } = await world.get('/api/v1/ingestions/out/yaml')
  expect(headers['content-type']).toContain('application/yaml')
  expect(text).toContain('sources:\n  out:\n    path: "landing/new/*.csv"\n')
  expect(text).toMatch(/^# \*\*\* stands for a secret/)
  expect(text).not.toMatch(/geh|eim|loader/)
  await world.call('DELETE', '/api/v1/ingestions/out')
})

test('a pause stops the schedule and is not lost; resuming goes on from now; one without schedule has none', async () => {
  const paused = await world.call('POST', '/api/v1/ingestions/orders/pause', { as: 'run' })
  expect(paused).toMatchObject({ status: 200, body: { state: 'paused', schedule: { next: [] } } })
  world.clock.nowMs = NOW_MS + 3_600_000
  const resumed = await world.call('POST', '/api/v1/ingestions/orders/resume')
  expect(resumed).toMatchObject({ body: { state: 'active', schedule: { pausedAt: null } } })
  expect((await world.state.listSchedules())[0]?.cursorMs).toBe(NOW_MS + 3_600_000)
  world.clock.nowMs = NOW_MS
  expect(await world.call('POST', '/api/v1/ingestions/payments/pause')).toMatchObject({
    status: 409,
    body: { code: 'INGESTION_NO_SCHEDULE' },
  })
})

test('schemas of its datasets are listed', async () => {
  const { items } = await world.pages('/api/v1/ingestions/orders/schemas', 1)
  expect(items).toMatchObject([{ id: 'schema-1', dataset: 'orders', columns: [{ name: 'amount', type: 'BIGINT' }] }])
})

const PREVIEW = {
  source: 'orders',
  filesSeen: 2,
  unchanged: 1,
  filesToDo: 1,
  bytesToDo: 9,
  files: [],
  waiting: [],
  waitingTotal: 0,
  tooOld: 0,
  judged: [],
}
const BAND = { low: 1, high: 2 }
const COST = { currency: 'EUR', compute: BAND, storage: BAND, total: BAND }
const RUN = { runs: 1, durationMs: BAND, rows: BAND, bytesPerSecond: BAND, rowsPerSecond: BAND, peakMemoryBytes: null }
const ESTIMATE = {
  source: 'orders',
  filesSeen: 2,
  files: 1,
  bytes: 9,
  batches: 1,
  run: RUN,
  requests: 8,
  perRun: COST,
  perMonth: { ...COST, runs: 2880, requests: 9 },
}

test('a test asks the desk, of an ingestion or of an entry that is not made yet', async () => {
  world.answer = ({ kind }) => (kind === 'preview' ? PREVIEW : ESTIMATE)
  world.questions.length = 0
  expect(await world.call('POST', '/api/v1/ingestions/orders/test', { body: { files: 1 } })).toMatchObject({
    status: 200,
    body: PREVIEW,
  })
  expect(await world.call('POST', '/api/v1/ingestions/test', { body: { id: 'x', entry: ENTRY } })).toMatchObject({
    status: 200,
  })
  expect(
    await world.call('POST', '/api/v1/ingestions/test', { body: { id: 'x', entry: { path: '/etc/*' } } }),
  ).toMatchObject({ status: 422 })
  expect(world.questions).toEqual([
    { kind: 'preview', source: 'orders', files: 1, rows: 20 },
    { kind: 'preview', source: 'x', entry: ENTRY, files: 3, rows: 20 },
  ])
})

test('an estimate counts the runs of thirty days: every quarter of an hour that is 2,880', async () => {
  world.questions.length = 0
  expect(await world.call('POST', '/api/v1/ingestions/orders/estimate')).toMatchObject({ status: 200, body: ESTIMATE })
  expect(await world.call('POST', '/api/v1/ingestions/payments/estimate')).toMatchObject({ status: 200 })
  const entry = { path: 'landing/y/*.csv', schedule: { cron: '0 6 * * *' } }
  expect(await world.call('POST', '/api/v1/ingestions/estimate', { body: { entry } })).toMatchObject({ status: 200 })
  expect(world.questions.map((question) => ('runsPerMonth' in question ? question.runsPerMonth : null))).toEqual([
    2880,
    undefined,
    30,
  ])
})
