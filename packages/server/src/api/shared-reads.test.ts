/** Sharing answers through the whole server: who may see what, and who changed something. */
import { z } from 'zod'
import { afterEach, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../testing/test-api.ts'
import { route, type Route } from './route.ts'

let api: TestApi | undefined
afterEach(() => api?.close())

function countingRoutes(): { readonly routes: Route[]; reads(): number } {
  let reads = 0
  const replies = { 200: { description: 'A count.', schema: z.object({ n: z.int(), scope: z.string() }) } }
  const shared = { tag: 'Test', summary: 'Counts', replies }
  return {
    reads: () => reads,
    routes: [
      route({
        ...shared,
        method: 'GET',
        path: '/api/v1/counted',
        operationId: 'counted',
        scope: 'read',
        query: z.object({ at: z.string().optional() }),
        handle: async ({ actor }) => ({ status: 200, body: { n: ++reads, scope: actor.scope } }),
      }),
      route({
        ...shared,
        method: 'POST',
        path: '/api/v1/counted',
        operationId: 'changeCounted',
        scope: 'write',
        handle: async ({ actor }) => ({ status: 200, body: { n: reads, scope: actor.scope } }),
      }),
    ],
  }
}

test('the same question is worked out once, another address or scope apart', async () => {
  const { routes, reads } = countingRoutes()
  api = await openTestApi({ routes, shareMs: 60_000 })
  const first = await api.ask('/api/v1/counted')
  expect((await api.ask('/api/v1/counted')).body).toBe(first.body)
  expect(first.headers['content-type']).toContain('application/json')
  expect(JSON.parse((await api.ask('/api/v1/counted?at=2')).body)).toMatchObject({ n: 2 })
  const authorization = `Bearer ${await api.tokenFor('read')}`
  const other = await api.ask({ url: '/api/v1/counted', headers: { authorization } })
  expect(JSON.parse(other.body)).toEqual({ n: 3, scope: 'read' })
  expect(reads()).toBe(3)
})

test('what is shared is never shown to who may not ask', async () => {
  const { routes } = countingRoutes()
  api = await openTestApi({ routes, shareMs: 60_000 })
  await api.ask('/api/v1/counted')
  const answer = await api.app.inject({ url: '/api/v1/counted', headers: { host: 'localhost' } })
  expect(answer.statusCode).toBe(401)
})

test('after a change everybody sees what is there now', async () => {
  const { routes, reads } = countingRoutes()
  api = await openTestApi({ routes, shareMs: 60_000 })
  await api.ask('/api/v1/counted')
  await api.ask({ method: 'POST', url: '/api/v1/counted' })
  await api.ask('/api/v1/counted')
  expect(reads()).toBe(2)
})

test('each browser gets its own session and proof', async () => {
  api = await openTestApi({ shareMs: 60_000 })
  const seen = new Set<string>()
  for (let browser = 0; browser < 3; browser += 1) {
    const token = await api.tokenFor('read')
    const signedIn = await api.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { host: 'localhost', 'content-type': 'application/json' },
      payload: { token },
    })
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
    for (let time = 0; time < 2; time += 1) {
      const session = await api.app.inject({ url: '/api/v1/session', headers: { host: 'localhost', cookie } })
      expect((JSON.parse(session.body) as { csrf: string }).csrf).toBe(
        (JSON.parse(signedIn.body) as { csrf: string }).csrf,
      )
    }
    seen.add((JSON.parse(signedIn.body) as { csrf: string }).csrf)
  }
  expect(seen.size).toBe(3)
})
