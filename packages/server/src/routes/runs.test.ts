import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobState } from '@tidegate/core'
import { aNewJob, aRunRecord, writeRun } from '../testing/api-past.ts'
import { NOW_MS, openApiWorld, type ApiWorld } from '../testing/api-world.ts'
import { eventsOf } from './run-events.ts'

let world: ApiWorld
const OWNER = { id: 'host:1:1', what: 'test' }

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(async () => world.close())

interface Named {
  readonly id: string
  readonly trigger: string
}

async function endJob(
  id: string,
  state: JobState,
  atMs: number,
  given: Parameters<typeof aNewJob>[2] = {},
): Promise<void> {
  await world.state.createJob(aNewJob(id, atMs, given))
  const claimed = await world.state.claimJob({ owner: OWNER, run: () => `run-of-${id}`, nowMs: atMs })
  expect(claimed?.job.id).toBe(id)
  await writeRun(world.state, aRunRecord(`run-of-${id}`, atMs + 1, { source: given.source ?? 'orders' }))
  const outcome = state === 'dead' ? 'failed' : state === 'cancelled' ? 'cancelled' : 'ok'
  const end = {
    outcome,
    errorCode: state === 'dead' ? 'SOURCE_UNREADABLE' : null,
    errorMessage: null,
    summary: { files: 1 },
  } as const
  const next = { state, notBeforeMs: null, countsAsFailure: state === 'dead' }
  await world.state.endAttempt(id, 1, { ...end, next }, atMs + 10)
}

test('jobs and runs of the command line are one list by time, each once, and attempts are not listed by themselves', async () => {
  const minute = (n: number): number => NOW_MS - n * 60_000
  await endJob('j-10', 'ok', minute(10))
  await writeRun(world.state, aRunRecord('cli-09', minute(9)))
  await endJob('j-08', 'dead', minute(8))
  await writeRun(world.state, aRunRecord('cli-07', minute(7), { status: 'failed', errorCode: 'LOAD_FULL' }))
  for (const name of ['a', 'b', 'c'])
    await writeRun(world.state, aRunRecord(`cli-06${name}`, minute(6), { source: 'payments' }))
  await endJob('j-06x', 'gate-failed', minute(6), { schedule: 'ingest:orders', trigger: 'schedule' })
  const all = ['j-06x', 'cli-06c', 'cli-06b', 'cli-06a', 'cli-07', 'j-08', 'cli-09', 'j-10']
  for (const limit of [1, 2, 3, 100])
    expect((await world.pages('/api/v1/runs', limit)).items.map(({ id }: Named) => id)).toEqual(all)
  const only = async (query: string): Promise<string[]> =>
    (await world.pages(`/api/v1/runs?${query}`, 2)).items.map(({ id }: Named) => id)
  expect(await only('state=dead')).toEqual(['cli-07', 'j-08'])
  expect(await only('state=dead&state=gate-failed')).toEqual(['j-06x', 'cli-07', 'j-08'])
  expect(await only('trigger=cli')).toEqual(all.filter((id) => id.startsWith('cli')))
  expect(await only('trigger=schedule&trigger=api')).toEqual(['j-06x', 'j-08', 'j-10'])
  expect(await only('trigger=schedule')).toEqual(['j-06x'])
  expect(await only('trigger=cli&state=dead')).toEqual(['cli-07'])
  expect(await only('trigger=arrival')).toEqual([])
  expect(await only('state=queued&state=retrying')).toEqual([])
  expect(await only('source=payments')).toEqual(['cli-06c', 'cli-06b', 'cli-06a'])
  expect(await only('schedule=ingest:orders')).toEqual(['j-06x'])
  expect(await only(`since=${new Date(minute(7)).toISOString()}`)).toEqual(all.slice(0, 5))
  for (const query of ['state=failed', 'trigger=retry', 'trigger='])
    expect(await world.get(`/api/v1/runs?${query}`), query).toMatchObject({ status: 400 })
})

test('a run has its attempts, and each attempt the counts of the pipeline', async () => {
  const { body } = await world.get('/api/v1/runs/j-08')
  expect(body).toMatchObject({
    state: 'dead',
    attemptCount: 1,
    failedAttempts: 1,
    attempts: [{ attempt: 1, run: 'run-of-j-08', outcome: 'failed', counts: { rowsLoaded: 10, status: 'ok' } }],
  })
  expect((await world.get('/api/v1/runs/run-of-j-08')).body).toMatchObject({ id: 'j-08' })
  expect((await world.get('/api/v1/runs/cli-07')).body).toMatchObject({
    state: 'dead',
    trigger: 'cli',
    error: { code: 'LOAD_FULL' },
    attempts: [{ attempt: 1, outcome: 'failed', counts: { rowsRead: 10 } }],
  })
  expect(await world.get('/api/v1/runs/none')).toMatchObject({ status: 404, body: { code: 'RUN_UNKNOWN' } })
})

test('a dead run is driven again, a run that is well is not', async () => {
  const { status, body } = await world.call('POST', '/api/v1/runs/j-08/retry', { as: 'run' })
  expect({ status, body }).toMatchObject({ status: 202, body: { id: 'j-08', state: 'queued' } })
  for (const [id, code] of [
    ['j-08', 'RUN_NOT_OVER'],
    ['j-10', 'RUN_NOT_OVER'],
    ['cli-07', 'RUN_OF_CLI'],
  ] as const)
    expect(await world.call('POST', `/api/v1/runs/${id}/retry`)).toMatchObject({ status: 409, body: { code } })
  expect(await world.call('POST', '/api/v1/runs/j-08/retry', { as: 'read' })).toMatchObject({ status: 403 })
})

test('a run that waits is cancelled at once, one that is over cannot be', async () => {
  expect(await world.call('POST', '/api/v1/runs/j-08/cancel')).toMatchObject({
    status: 202,
    body: { state: 'cancelled' },
  })
  for (const id of ['j-08', 'j-10'])
    expect(await world.call('POST', `/api/v1/runs/${id}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'RUN_OVER' },
    })
})

test('a request with an idempotency key makes one run, however often it is sent', async () => {
  const before = (await world.pages('/api/v1/runs', 100)).items.length
  const options = { body: { force: true, threshold: 90 }, headers: { 'idempotency-key': 'abc' } }
  const first = await world.call('POST', '/api/v1/ingestions/orders/run', options)
  const again = await world.call('POST', '/api/v1/ingestions/orders/run', options)
  expect(first).toMatchObject({ status: 202, body: { args: { force: true, threshold: 90 }, trigger: 'api' } })
  expect(again.body).toEqual(first.body)
  expect((await world.pages('/api/v1/runs', 100)).items).toHaveLength(before + 1)
})

test('events of a run that is over are given in order and end; with Last-Event-ID only those that came since', async () => {
  const { text, headers } = await world.get('/api/v1/runs/j-10/events')
  expect(headers['content-type']).toContain('text/event-stream')
  expect(headers['x-accel-buffering']).toBe('no')
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
  expect(ids).toEqual([1, 2, 3])
  expect(text.trimEnd().split('\n\n').at(-1)).toBe('event: end\ndata: {"state":"ok"}')
  const rest = await world.call('GET', '/api/v1/runs/j-10/events', { headers: { 'last-event-id': '2' } })
  expect([...rest.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual([3])
  expect((await world.get('/api/v1/runs/cli-07/events')).text).toBe('event: end\ndata: {"state":"failed"}\n\n')
  expect(await world.get('/api/v1/runs/none/events')).toMatchObject({ status: 404 })
})

test('a stream tells what comes as it comes, keeps alive, and ends with the run; none is missed or told twice', async () => {
  const { state, api } = world
  await state.createJob(aNewJob('live', NOW_MS, { source: 'payments' }))
  const seen: string[] = []
  let isOver = false
  const reading = (async () => {
    for await (const piece of eventsOf(api.services, 'live', 0, undefined, { heartbeatMs: 30, lookMs: 20 }))
      seen.push(piece)
    isOver = true
  })()
  const until = async (text: string): Promise<void> => {
    while (!seen.join('').includes(text)) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(': still here')
  for (let n = 1; n <= 30; n += 1)
    await api.services.jobFeed.publish('live', [{ atMs: NOW_MS, kind: 'progress', data: { n } }])
  await until('"n":30')
  expect(isOver).toBe(false)
  await state.requestCancel('live', 'somebody', NOW_MS)
  await reading
  const numbers = [...seen.join('').matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n))
  expect(numbers).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
  expect(seen.at(-1)).toBe('event: end\ndata: {"state":"cancelled"}\n\n')
})

test('a stream that nobody reads any more lets go', async () => {
  const { state, api } = world
  await state.createJob(aNewJob('left', NOW_MS, { source: 'payments' }))
  const leave = new AbortController()
  const reading = (async () => {
    for await (const _piece of eventsOf(api.services, 'left', 0, leave.signal, {
      heartbeatMs: 10_000,
      lookMs: 10_000,
    }));
  })()
  setTimeout(() => leave.abort(), 30)
  await reading
})
