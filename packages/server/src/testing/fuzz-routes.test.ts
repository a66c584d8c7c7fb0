import type { State } from '@tidegate/state'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { documentedRoutes } from '../api/build-http-app.ts'
import { openApiDocument } from '../api/openapi.ts'
import { route, type Route } from '../api/route.ts'
import { fuzzRoutes, type FuzzOptions, type FuzzReport } from './fuzz-routes.ts'
import { memoryAccess } from './memory-access.ts'
import { smallReader } from './small-reader.ts'
import { openTestApi } from './test-api.ts'

async function fuzz(
  routes: readonly Route[],
  changes: () => Promise<string>,
  options: Partial<FuzzOptions> = {},
): Promise<FuzzReport> {
  const store = memoryAccess()
  const api = await openTestApi({
    routes,
    state: store as unknown as State,
    scope: 'none',
    views: { facts: smallReader(), sources: () => [], project: 'shop', command: 'tidegate monitor' },
  })
  try {
    return await fuzzRoutes({
      document: openApiDocument(documentedRoutes(routes)),
      authorize: async () => `Bearer ${await api.tokenFor('admin')}`,
      changes,
      send: async ({ method, url, headers, payload }) => {
        const answer = await api.app.inject({
          method,
          url,
          headers: { host: 'localhost', ...headers },
          ...(payload === undefined ? {} : { payload }),
        })
        return { status: answer.statusCode, type: answer.headers['content-type'] ?? '', body: answer.body }
      },
      ...options,
    })
  } finally {
    await api.close()
  }
}

const still = async (): Promise<string> => ''

function thingRoute(handle: (name: string) => unknown): Route {
  return route({
    method: 'POST',
    path: '/api/v1/things/{id}',
    operationId: 'makeThing',
    tag: 'test',
    summary: 'A thing',
    scope: 'write',
    idempotent: true,
    params: z.object({ id: z.string().max(40) }),
    query: z.object({ dry: z.enum(['yes', 'no']).optional() }),
    body: z.strictObject({ name: z.string().max(30), size: z.int().optional(), at: z.iso.datetime().optional() }),
    replies: { 200: { description: 'It.', schema: z.object({ name: z.string() }) } },
    handle: async ({ body }) => ({ status: 200, body: handle(body.name) }),
  })
}

test('sessions, views and a route that keeps its word pass every request, good and bad', async () => {
  const { faults, statuses, requests } = await fuzz([thingRoute((name) => ({ name }))], still, { perOperation: 80 })
  expect(faults).toEqual([])
  expect(requests).toBe(80 * 8)
  // Both kinds were sent.
  expect(statuses['makeThing']?.[200]).toBeGreaterThan(8)
  expect(statuses['makeThing']?.[400]).toBeGreaterThan(8)
  // Sign-ins that failed before count, too.
  expect(statuses['makeThing']?.[429]).toBeGreaterThan(0)
}, 30_000)

test('a handler that throws, answers in another form, or changes something and then refuses is found', async () => {
  let changed = 0
  const broken = await fuzz([thingRoute((name) => (name.length > 4 ? fail() : { name }))], still)
  expect(broken.faults.join('\n')).toContain('answered 500')
  const other = await fuzz([thingRoute((name) => ({ title: name }))], still)
  expect(other.faults.join('\n')).toContain("must have required property 'name'")
  const half = await fuzz([thingRoute((name) => (changed++, name.length > 4 ? refuse() : { name }))], async () =>
    String(changed),
  )
  expect(half.faults.join('\n')).toContain('and something changed')
}, 30_000)

test('the same seed sends the same requests', async () => {
  const [one, two] = [await fuzz([], still), await fuzz([], still)]
  expect(one.statuses).toEqual(two.statuses)
})

function fail(): never {
  throw new Error('a bug')
}

function refuse(): never {
  throw Object.assign(new Error('no'), { statusCode: 400 })
}
