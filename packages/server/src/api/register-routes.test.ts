import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestApi, type TestApi } from '../testing/test-api.ts'
import { preconditionFailed } from './etag.ts'
import { route, type Route } from './route.ts'
import { flagParameter, listParameter, wholeParameter } from './schemas.ts'

const THING = z.strictObject({ name: z.string().min(1), size: z.int().min(0).optional() }).meta({ id: 'TestThing' })

const ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/things',
    operationId: 'listThings',
    tag: 'things',
    summary: 'Things',
    scope: 'read',
    query: z.object({
      limit: wholeParameter(1, 1000).default(100),
      open: flagParameter().optional(),
      tag: listParameter(z.string().max(20)).optional(),
    }),
    replies: { 200: { description: 'Things.' } },
    handle: async ({ query }) => ({ status: 200, body: query }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/things',
    operationId: 'createThing',
    tag: 'things',
    summary: 'Make a thing',
    scope: 'write',
    body: THING,
    replies: { 201: { description: 'Made.', schema: THING } },
    audit: 'thing.create',
    handle: async ({ body }) => ({
      status: 201,
      body: { ...body, big: 2n ** 60n, nan: Number.NaN },
      version: 1,
      headers: { location: `/api/v1/things/${body.name}` },
    }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/things/{id}',
    operationId: 'readThing',
    tag: 'things',
    summary: 'A thing',
    scope: 'read',
    params: z.object({ id: z.string().max(40) }),
    replies: { 200: { description: 'It.' } },
    handle: async ({ params }) => ({ status: 200, body: { id: params.id }, version: 7 }),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/things/{id}',
    operationId: 'updateThing',
    tag: 'things',
    summary: 'Change a thing',
    scope: 'write',
    params: z.object({ id: z.string() }),
    body: THING,
    replies: { 200: { description: 'Changed.' } },
    handle: async ({ ifVersion }) => {
      if (ifVersion !== undefined && ifVersion !== 7) throw preconditionFailed()
      return { status: 200, body: { ifVersion: ifVersion ?? null }, version: 8 }
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/things/{id}/break',
    operationId: 'breakThing',
    tag: 'things',
    summary: 'A bug',
    scope: 'run',
    params: z.object({ id: z.string() }),
    replies: { 204: { description: 'Never.' } },
    handle: async () => {
      throw new Error('the password is hunter2')
    },
  }),
]

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({ routes: ROUTES })
})
afterAll(() => api.close())

const JSON_TYPE = { 'content-type': 'application/json' }

function post(payload: string | Buffer, headers: Record<string, string> = JSON_TYPE): ReturnType<TestApi['ask']> {
  return api.ask({ method: 'POST', url: '/api/v1/things', payload, headers })
}

describe('what a request says', () => {
  test('is read by the schemas of its route: text becomes numbers, flags and lists', async () => {
    const answer = await api.ask('/api/v1/things?limit=5&open=true&tag=a&tag=b')
    expect(answer.json()).toEqual({ limit: 5, open: true, tag: ['a', 'b'] })
    expect((await api.ask('/api/v1/things?tag=a')).json()).toEqual({ limit: 100, tag: ['a'] })
  })

  test.for([
    ['limit=0', 'query.limit'],
    ['limit=1e3', 'query.limit'],
    ['limit=', 'query.limit'],
    ['limit=1&limit=2', 'query.limit'],
    ['limit=99999999999999999999', 'query.limit'],
    ['open=yes', 'query.open'],
    ['colour=red', 'query.colour'],
    ['__proto__=1', 'query.__proto__'],
    ['constructor=1', 'query.constructor'],
    ['tag=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'query.tag.0'],
  ] as const)('%s is refused and names %s', async ([query, field]) => {
    const answer = await api.ask(`/api/v1/things?${query}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    const problem = answer.json<{ code: string; errors: { path: string }[]; instance: string; type: string }>()
    expect(problem.code).toBe('HTTP_PARAMETER')
    expect(problem.errors.map(({ path }) => path)).toEqual([field])
    expect(problem.instance).toBe('/api/v1/things')
    expect(problem.type).toBe('/docs/problems#HTTP_PARAMETER')
  })

  test('names every field that is wrong, and never what stood there', async () => {
    const answer = await post('{"name":"","size":"tg_secret","more":1}')
    expect(answer.statusCode).toBe(400)
    expect(answer.body).not.toContain('tg_secret')
    const { errors } = answer.json<{ errors: { path: string }[] }>()
    expect(errors.map(({ path }) => path).toSorted()).toEqual(['body.more', 'body.name', 'body.size'])
  })

  test.for([
    ['{"name":', 400, 'HTTP_BODY'],
    ['', 400, 'HTTP_BODY'],
    ['null', 400, 'HTTP_BODY'],
    ['[1]', 400, 'HTTP_BODY'],
    ['{"name":"a","__proto__":{"x":1}}', 400, 'HTTP_BODY'],
    [String.raw`{"name":"a","\u005f_proto__":{"x":1}}`, 400, 'HTTP_BODY'],
    [String.raw`{"name":"a\u0000"}`, 400, 'HTTP_BODY'],
    [String.raw`{"name":"\ud800"}`, 400, 'HTTP_BODY'],
    ['['.repeat(10_000) + ']'.repeat(10_000), 400, 'HTTP_BODY'],
    ['{"name":"' + 'x'.repeat(70_000) + '"}', 413, 'HTTP_BODY_SIZE'],
  ] as const)('a body that is no JSON that can be kept is refused: number %#', async ([payload, status, code]) => {
    const answer = await post(payload)
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code])
  })

  test('is UTF-8', async () => {
    expect((await post(Buffer.from('{"name":"\xff"}', 'latin1'))).statusCode).toBe(400)
    expect((await post('{"name":"a"}', { 'content-type': 'application/json; charset=utf-16' })).statusCode).toBe(415)
    expect((await post('{"name":"a"}', { 'content-type': 'application/json; charset="UTF-8"' })).statusCode).toBe(201)
  })

  test('is sent unpacked: what grows when it is unpacked is refused without looking into it', async () => {
    for (const encoding of ['gzip', 'br', 'deflate', 'gzip, identity']) {
      const answer = await post(gzipSync(Buffer.alloc(1_000_000, ' ')), { ...JSON_TYPE, 'content-encoding': encoding })
      expect([encoding, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
        encoding,
        415,
        'HTTP_MEDIA_TYPE',
      ])
      expect(answer.headers['accept-encoding']).toBe('identity')
    }
    expect((await post('{"name":"a"}', { ...JSON_TYPE, 'content-encoding': 'identity' })).statusCode).toBe(201)
  })

  test.for([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'x',
  ])('a body of type %s is refused', async (type) => {
    const answer = await post('{"name":"a"}', { 'content-type': type })
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([415, 'HTTP_MEDIA_TYPE'])
  })

  test('of a key that stands twice the last counts', async () => {
    expect((await post('{"name":"a","name":"b"}')).json()).toMatchObject({ name: 'b' })
  })
})

describe('an answer', () => {
  test('is written by the one JSON codec, and headers cannot be broken out of', async () => {
    const answer = await post(JSON.stringify({ name: 'a\r\nset-cookie: x=1\u2028é' }))
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ big: '1152921504606846976', nan: 'NaN' })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers.location).toBe('/api/v1/things/a%0D%0Aset-cookie: x=1%E2%80%A8é')
  })

  test('carries its version; who has it already is told so', async () => {
    const first = await api.ask('/api/v1/things/a')
    expect(first.headers.etag).toBe('"v7"')
    for (const known of ['"v7"', 'W/"v7"', '"x", "v7"', '*']) {
      const again = await api.ask({ url: '/api/v1/things/a', headers: { 'if-none-match': known } })
      expect([known, again.statusCode, again.body]).toEqual([known, 304, ''])
    }
    expect((await api.ask({ url: '/api/v1/things/a', headers: { 'if-none-match': '"v6"' } })).statusCode).toBe(200)
  })

  test('to HEAD is that to GET without a body', async () => {
    const get = await api.ask('/api/v1/things/a')
    const head = await api.ask({ method: 'HEAD', url: '/api/v1/things/a' })
    expect([head.statusCode, head.body, head.headers.etag]).toEqual([200, '', '"v7"'])
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
  })
})

test.for([
  ['"v7"', 200, 7],
  ['*', 200, null],
  ['"v6"', 412, undefined],
  ['W/"v7"', 412, undefined],
  ['"abc"', 412, undefined],
  ['"v7", "v8"', 400, undefined],
] as const)('If-Match %s is answered %i', async ([header, status, version]) => {
  const headers = { ...JSON_TYPE, 'if-match': header }
  const answer = await api.ask({ method: 'PUT', url: '/api/v1/things/a', payload: '{"name":"a"}', headers })
  expect(answer.statusCode).toBe(status)
  expect(answer.json<{ ifVersion?: number }>().ifVersion).toBe(version)
})

describe('an address', () => {
  test.for(['/api/v1/nothing', '/api/v1/things/a/b/c', '/nothing', '/'])(
    '%s that is none is not found',
    async (url) => {
      const answer = await api.ask(url)
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'HTTP_NOT_FOUND'])
    },
  )

  test.for([
    ['DELETE', '/api/v1/things', 'GET, HEAD, POST, OPTIONS'],
    ['PATCH', '/api/v1/things/a', 'GET, HEAD, PUT, OPTIONS'],
    ['GET', '/api/v1/things/a/break', 'POST, OPTIONS'],
  ] as const)('asked with %s says what it knows', async ([method, url, allow]) => {
    const answer = await api.ask({ method, url })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow])
    expect(answer.json()).toMatchObject({ code: 'HTTP_METHOD', status: 405 })
    const options = await api.ask({ method: 'OPTIONS', url })
    expect([options.statusCode, options.headers.allow, options.body]).toEqual([204, allow, ''])
  })

  test.for(['/api/v1/things/%zz', '/api/v1/things/%00', `/api/v1/things/${'a'.repeat(2000)}`, '/api/v1/things/%c0%ae'])(
    'that is hostile (number %#) is refused with a problem',
    async (url) => {
      const answer = await api.ask(url)
      expect(answer.statusCode).toBeGreaterThanOrEqual(400)
      expect(answer.statusCode).toBeLessThan(500)
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    },
  )
})

test('a bug is answered with the id under which the log has it, and with nothing else', async () => {
  const answer = await api.ask({ method: 'POST', url: '/api/v1/things/a/break?secret=1'.replace('?secret=1', '') })
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('hunter2')
  const { request, code } = answer.json<{ request: string; code: string }>()
  expect(code).toBe('INTERNAL')
  expect(answer.headers['x-request-id']).toBe(request)
  const line = api
    .log()
    .split('\n')
    .find((text) => text.includes('met a bug'))
  expect(line).toContain(`"${request}"`)
  expect(line).toContain('hunter2')
})
