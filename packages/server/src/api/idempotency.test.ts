import { openState, type State } from '@tidegate/state'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { RequestProblem } from '../http/problem.ts'
import { openTestApi, type TestApi } from '../testing/test-api.ts'
import { route, type RouteReply } from './route.ts'

let state: State
let api: TestApi
let nowMs: number
let made: string[]
let answer: (name: string) => Promise<RouteReply>

beforeEach(async () => {
  nowMs = Date.parse('2026-11-21T08:00:00Z')
  made = []
  answer = async (name) => {
    made.push(name)
    return {
      status: 201,
      body: { name, number: made.length },
      version: 3,
      headers: { location: `/api/v1/things/${name}` },
    }
  }
  state = await openState({ path: ':memory:', nowMs: () => nowMs })
  api = await openTestApi({
    state,
    services: { nowMs: () => nowMs },
    routes: [
      route({
        method: 'POST',
        path: '/api/v1/things',
        operationId: 'makeThing',
        tag: 'test',
        summary: 'A thing',
        scope: 'write',
        idempotent: true,
        audit: 'thing.create',
        body: z.strictObject({ name: z.string() }),
        replies: { 201: { description: 'Made.' } },
        handle: async ({ body }) => answer(body.name),
      }),
    ],
  })
})
afterEach(async () => {
  await api.close()
  await state.close()
})

function post(name: string, key: string | undefined, headers: Record<string, string> = {}): ReturnType<TestApi['ask']> {
  const keyed = key === undefined ? {} : { 'idempotency-key': key }
  return api.ask({ method: 'POST', url: '/api/v1/things', payload: { name }, headers: { ...keyed, ...headers } })
}

test('the same key with the same request is done once, and answered the same', async () => {
  const first = await post('a', 'key-1')
  const again = await post('a', 'key-1')
  expect(made).toEqual(['a'])
  expect([again.statusCode, again.body]).toEqual([201, first.body])
  for (const name of ['etag', 'location']) expect(again.headers[name]).toBe(first.headers[name])
  expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true'])
  expect((await state.listAudit({ limit: 10 })).items).toHaveLength(1)
})

test('without a key, with other keys and of other callers each request is done', async () => {
  const authorization = `Bearer ${await api.tokenFor('write')}`
  for (const [key, headers] of [[undefined], [undefined], ['one'], ['two'], ['one', { authorization }]] as const)
    expect((await post('a', key, headers)).statusCode).toBe(201)
  expect(made).toHaveLength(5)
})

test('the same key with another request is refused', async () => {
  await post('a', 'key-1')
  const other = await post('b', 'key-1')
  expect([other.statusCode, other.json<{ code: string }>().code]).toEqual([422, 'HTTP_IDEMPOTENCY_KEY'])
  expect(made).toEqual(['a'])
})

test('of twenty at once one is done, and the others are told to wait or given its answer', async () => {
  const gate = Promise.withResolvers<void>()
  answer = async (name) => {
    made.push(name)
    await gate.promise
    return { status: 201, body: { name } }
  }
  const all = Array.from({ length: 20 }, () => post('a', 'key-1'))
  const waiting = await Promise.race(all)
  expect([waiting.statusCode, waiting.json<{ code: string }>().code]).toEqual([409, 'HTTP_IDEMPOTENCY_RUNNING'])
  expect(waiting.headers['retry-after']).toBe('1')
  gate.resolve()
  const answers = await Promise.all(all)
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([201, 409]))
  const first = answers.filter(({ statusCode, headers }) => statusCode === 201 && !('idempotent-replayed' in headers))
  expect(first).toHaveLength(1)
  expect(made).toEqual(['a'])
  expect((await post('a', 'key-1')).headers['idempotent-replayed']).toBe('true')
})

test.for([
  ['a refusal', new RequestProblem(409, 'THING_BUSY', 'Not now.'), 409],
  ['a bug', new Error('no'), 500],
] as const)('after %s the key is free again', async ([, error, status]) => {
  const good = answer
  answer = async () => Promise.reject(error)
  expect((await post('a', 'key-1')).statusCode).toBe(status)
  answer = good
  expect((await post('a', 'key-1')).statusCode).toBe(201)
  expect(made).toEqual(['a'])
})

test('what was broken off by a kill is done again after ten minutes, and not before', async () => {
  const good = answer
  // The daemon died within the handler: the key is taken, and there is no answer.
  answer = async () => new Promise(() => {})
  void post('a', 'key-1')
  await expect.poll(async () => (await post('a', 'key-1')).statusCode).toBe(409)
  answer = good
  nowMs += 10 * 60_000 - 1
  const early = await post('a', 'key-1')
  expect([early.statusCode, early.json<{ code: string }>().code]).toEqual([409, 'HTTP_IDEMPOTENCY_RUNNING'])
  nowMs += 1
  expect((await post('a', 'key-1')).statusCode).toBe(201)
  expect((await post('a', 'key-1')).headers['idempotent-replayed']).toBe('true')
  expect(made).toEqual(['a'])
})

test.for(['', ' ', 'a b', 'x'.repeat(201), 'é'])('%j is no key', async (key) => {
  const refused = await post('a', key)
  expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([400, 'HTTP_IDEMPOTENCY_KEY'])
  expect(made).toEqual([])
})
