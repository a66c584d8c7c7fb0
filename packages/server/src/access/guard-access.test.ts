import type { State } from '@tidegate/state'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { memoryAccess, type MemoryAccess } from '../testing/memory-access.ts'
import { openTestApi, type TestApi, type TestApiOptions } from '../testing/test-api.ts'
import { makeToken } from './token.ts'

const SCOPES = ['read', 'run', 'write', 'admin'] as const

/** One route per scope that changes something, one that reads, one that is open. */
const ROUTES: readonly Route[] = [
  ...SCOPES.map((scope) =>
    route({
      method: 'POST',
      path: `/api/v1/${scope}`,
      operationId: scope,
      tag: 'test',
      summary: scope,
      scope,
      body: z.unknown().optional(),
      audit: `test.${scope}`,
      replies: { 200: { description: 'Done.' } },
      handle: async ({ actor }) => ({ status: 200, body: { actor: actor.name } }),
    }),
  ),
  route({
    method: 'GET',
    path: '/api/v1/look',
    operationId: 'look',
    tag: 'test',
    summary: 'look',
    scope: 'read',
    replies: { 200: { description: 'Seen.' } },
    handle: async ({ actor }) => ({ status: 200, body: { actor: actor.name } }),
  }),
  route({
    method: 'GET',
    path: '/livez',
    operationId: 'live',
    tag: 'test',
    summary: 'live',
    scope: 'open',
    unlimited: true,
    replies: { 200: { description: 'Alive.' } },
    handle: async () => ({ status: 200, body: {} }),
  }),
]

let store: MemoryAccess
let api: TestApi
let nowMs: number

async function open(options: TestApiOptions = {}): Promise<void> {
  store = memoryAccess()
  nowMs = Date.parse('2026-11-21T08:00:00Z')
  api = await openTestApi({
    routes: ROUTES,
    state: store as unknown as State,
    services: { nowMs: () => nowMs },
    scope: 'none',
    ...options,
  })
}
beforeEach(() => open())
afterEach(() => api.close())

interface Asked {
  readonly status: number
  readonly code: string | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  headers: Record<string, string> = {},
  payload?: object,
): Promise<Asked> {
  const answer = await api.app.inject({
    method,
    url,
    headers: { host: 'localhost', ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json')
  if (answer.statusCode >= 400) expect(isProblem).toBe(true)
  const code = isProblem ? answer.json<{ code: string }>().code : undefined
  return { status: answer.statusCode, code, headers: answer.headers, body: answer.body }
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

test('failed sign-ins are in the audit log, ten a minute of all addresses together, without what was shown', async () => {
  await api.tokenFor('admin')
  for (let tries = 0; tries < 15; tries += 1) await ask('GET', '/api/v1/look', bearer('tg_geheim'))
  await ask('POST', '/api/v1/session', {}, { token: 'tg_geheim' })
  const noted = store.audits.filter(({ action }) => action === 'session.refused')
  expect(noted).toHaveLength(10)
  expect(noted[0]).toMatchObject({
    actor: 'anonymous',
    subject: '/api/v1/look',
    outcome: 'refused',
    detail: { reason: 'credentials', method: 'GET', address: '127.0.0.1' },
  })
  nowMs += 60_000
  await ask('POST', '/api/v1/session', {}, { token: 'tg_geheim' })
  expect(store.audits.at(-1)).toMatchObject({ subject: '/api/v1/session', detail: { leftOut: 6 } })
  expect(JSON.stringify(store.audits)).not.toContain('geheim')
})

describe('a token', () => {
  test('may do what its scope includes, and nothing beyond; what was refused is in the audit log', async () => {
    for (const [at, scope] of SCOPES.entries()) {
      const token = await api.tokenFor(scope)
      for (const [needed, name] of SCOPES.entries()) {
        const { status, code } = await ask('POST', `/api/v1/${name}`, bearer(token))
        expect([scope, name, status, code]).toEqual([
          scope,
          name,
          ...(needed <= at ? [200, undefined] : [403, 'HTTP_SCOPE']),
        ])
      }
    }
    expect(store.audits.filter(({ outcome }) => outcome === 'done')).toHaveLength(1 + 2 + 3 + 4)
    const refused = store.audits.filter(({ outcome }) => outcome === 'refused')
    expect(refused).toHaveLength(3 + 2 + 1)
    expect(refused[0]).toMatchObject({ action: 'test.run', detail: { reason: 'scope', scope: 'read' } })
    expect(refused[0]?.actor).toMatch(/^token:[0-9a-f]{12}$/)
  })

  test('that expired, was revoked or is wrong in one character is refused, each in the same words', async () => {
    const good = await api.tokenFor('admin', nowMs + 1000)
    expect((await ask('GET', '/api/v1/look', bearer(good))).status).toBe(200)
    const wrong = good.slice(0, -2) + (good.at(-2) === 'A' ? 'B' : 'A') + (good.at(-1) ?? '')
    const revoked = await api.tokenFor('admin')
    await store.revokeToken(revoked.split('_')[1] ?? '', nowMs)
    nowMs += 1000
    const answers: unknown[] = []
    for (const token of [
      good,
      wrong,
      revoked,
      makeToken({ name: 'x', scope: 'read', createdBy: 'x', expiresAtMs: null }, 0).text,
    ]) {
      const { status, body, headers } = await ask('GET', '/api/v1/look', bearer(token))
      answers.push([status, (JSON.parse(body) as { detail: string }).detail])
      expect(headers['www-authenticate']).toMatch(/^Bearer/)
    }
    expect(new Set(answers.map((one) => JSON.stringify(one)))).toEqual(
      new Set(['[401,"The token or session is not valid."]']),
    )
  })

  test.for(['', 'Bearer', 'Bearer ', 'Basic dG86a2Vu', 'Bearer tg_x_y', 'Bearer a b', "Bearer tg_' or 1=1--"])(
    'is never taken for none: Authorization %j',
    async (authorization) => {
      expect(await ask('GET', '/api/v1/look', { authorization })).toMatchObject({
        status: 401,
        code: 'HTTP_UNAUTHENTICATED',
      })
    },
  )

  test('is kept as a hash only, and never logged', async () => {
    const token = await api.tokenFor('read')
    await ask('GET', `/api/v1/look?token=${token}`, bearer(token))
    await ask('POST', '/api/v1/admin', bearer(token))
    const secret = token.split('_').slice(2).join('_')
    expect(JSON.stringify([...store.tokens, store.audits])).not.toContain(secret)
    expect(api.log()).not.toContain(secret)
    expect(api.log()).toContain('"path":"/api/v1/look"')
  })

  test('is looked up once for many reads, and touched at most once a minute', async () => {
    await api.close()
    await open({ freshMs: 60_000 })
    const token = await api.tokenFor('read')
    for (let i = 0; i < 20; i++) expect((await ask('GET', '/api/v1/look', bearer(token))).status).toBe(200)
    expect(store.readings).toBe(1)
    expect([...store.tokens.values()][0]?.lastUsedAtMs).toBe(nowMs)
    nowMs += 30_000
    await ask('GET', '/api/v1/look', bearer(token))
    expect([...store.tokens.values()][0]?.lastUsedAtMs).toBe(nowMs - 30_000)
    nowMs += 31_000
    await ask('GET', '/api/v1/look', bearer(token))
    expect([...store.tokens.values()][0]?.lastUsedAtMs).toBe(nowMs)
  })

  test('that was revoked is out of force when what was looked up is older than it may be', async () => {
    await api.close()
    await open({ freshMs: 50 })
    const token = await api.tokenFor('read')
    expect((await ask('GET', '/api/v1/look', bearer(token))).status).toBe(200)
    await store.revokeToken(token.split('_')[1] ?? '', nowMs)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect((await ask('GET', '/api/v1/look', bearer(token))).status).toBe(401)
  })
})

describe('without a token', () => {
  test('this machine may do everything, as long as no token was ever made', async () => {
    expect(await ask('POST', '/api/v1/admin')).toMatchObject({ status: 200, body: '{"actor":"local"}' })
    const token = await api.tokenFor('admin')
    expect(await ask('GET', '/api/v1/look')).toMatchObject({ status: 401, code: 'HTTP_UNAUTHENTICATED' })
    await store.revokeToken(token.split('_')[1] ?? '', nowMs)
    expect((await ask('GET', '/api/v1/look')).status).toBe(401)
  })

  test.for(['x-forwarded-for', 'x-forwarded-proto', 'forwarded', 'x-real-ip', 'via'])(
    'who comes through a proxy (%s) is not this machine',
    async (name) => {
      expect((await ask('GET', '/api/v1/look', { [name]: '10.0.0.1' })).status).toBe(401)
    },
  )

  test('who asks for another name than this machine has is not this machine, though a proxy adds no header', async () => {
    await api.close()
    await open({ server: { allowedHosts: ['gate.example.com'] } })
    expect((await ask('GET', '/api/v1/look', { host: 'gate.example.com' })).status).toBe(401)
    expect((await ask('GET', '/api/v1/look', { host: 'localhost:8080' })).status).toBe(200)
    expect((await ask('GET', '/api/v1/look', { host: '[::1]:4300' })).status).toBe(200)
  })

  test('nobody is local where others can reach the listener', async () => {
    await api.close()
    await open({ server: { host: '0.0.0.0' } })
    expect((await ask('GET', '/api/v1/look')).status).toBe(401)
    expect((await ask('GET', '/livez')).status).toBe(200)
  })

  test('a state that cannot be asked lets nobody in', async () => {
    const token = await api.tokenFor('admin')
    store.failure = new Error('the disk of the state is gone')
    const answer = await ask('GET', '/api/v1/look', bearer(token))
    expect([answer.status, answer.code, answer.body.includes('disk')]).toEqual([500, 'INTERNAL', false])
  })
})

describe('a browser', () => {
  const origin = { origin: 'http://localhost', host: 'localhost' }

  async function signIn(scope: 'read' | 'admin' = 'admin'): Promise<{ cookie: string; csrf: string; header: string }> {
    const token = await api.tokenFor(scope)
    const answer = await ask('POST', '/api/v1/session', origin, { token })
    expect(answer.status).toBe(201)
    const header = String(answer.headers['set-cookie'])
    return { header, cookie: header.split(';')[0] ?? '', csrf: (JSON.parse(answer.body) as { csrf: string }).csrf }
  }

  test('changes a token for a cookie that scripts cannot read and other sites do not send', async () => {
    const { header, cookie, csrf } = await signIn()
    expect(header).toMatch(/^tg_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/)
    const session = await ask('GET', '/api/v1/session', { cookie: `other=1; ${cookie}` })
    expect(JSON.parse(session.body)).toMatchObject({ scope: 'admin', csrf, expiresAt: '2026-11-21T20:00:00.000Z' })
    expect(session.headers['cache-control']).toBe('no-store')
    const secret = cookie.split('=')[1] ?? 'none'
    expect(JSON.stringify([...store.sessions])).not.toContain(secret)
    const secure = await ask(
      'POST',
      '/api/v1/session',
      { host: 'localhost', origin: 'https://localhost' },
      { token: await api.tokenFor('read') },
    )
    expect(String(secure.headers['set-cookie'])).toMatch(/; Secure$/)
  })

  test('needs the proof of its page for what changes something, and none for reading', async () => {
    const { cookie, csrf } = await signIn()
    expect((await ask('GET', '/api/v1/look', { cookie })).status).toBe(200)
    for (const proof of [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': `${csrf}x` }])
      expect(await ask('POST', '/api/v1/admin', { cookie, ...proof })).toMatchObject({ status: 403, code: 'HTTP_CSRF' })
    expect((await ask('POST', '/api/v1/admin', { cookie, 'x-csrf-token': csrf })).status).toBe(200)
    expect(store.audits.filter(({ detail }) => detail['reason'] === 'csrf')).toHaveLength(3)
    expect(JSON.stringify(store.audits)).not.toContain(csrf)
  })

  test('is signed out when it asks, when the session ends and when its token is revoked', async () => {
    const first = await signIn()
    expect((await ask('DELETE', '/api/v1/session', { cookie: first.cookie })).code).toBe('HTTP_CSRF')
    const out = await ask('DELETE', '/api/v1/session', { cookie: first.cookie, 'x-csrf-token': first.csrf })
    expect([out.status, String(out.headers['set-cookie'])]).toEqual([204, expect.stringContaining('Max-Age=0')])
    expect((await ask('GET', '/api/v1/look', { cookie: first.cookie })).status).toBe(401)
    const second = await signIn()
    for (const { id } of store.tokens.values()) await store.revokeToken(id, nowMs)
    expect((await ask('GET', '/api/v1/look', { cookie: second.cookie })).status).toBe(401)
    const third = await signIn()
    nowMs += 12 * 3_600_000
    expect((await ask('GET', '/api/v1/look', { cookie: third.cookie })).status).toBe(401)
  })

  test('that shows wrong tokens is told to wait after ten, while a right one still passes', async () => {
    const token = await api.tokenFor('admin')
    const statuses: number[] = []
    for (let i = 0; i < 12; i++)
      statuses.push((await ask('POST', '/api/v1/session', origin, { token: `${token}x` })).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
    const refused = await ask('GET', '/api/v1/look', bearer(`${token}x`))
    expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([429, expect.any(Number)])
    expect((await ask('GET', '/api/v1/look', bearer(token))).status).toBe(200)
    expect(new Set(store.audits.map(({ action }) => action))).toEqual(new Set(['session.refused']))
  })

  test.for([
    ['http://evil.example', undefined],
    ['null', undefined],
    ['http://localhost:81', undefined],
    ['http://localhost.evil.example', undefined],
    [undefined, 'cross-site'],
    [undefined, 'same-site'],
  ] as const)('on a page of %s changes nothing, not even without a body and without a token', async ([from, site]) => {
    const headers = {
      ...(from === undefined ? {} : { origin: from }),
      ...(site === undefined ? {} : { 'sec-fetch-site': site }),
    }
    expect(await ask('POST', '/api/v1/run', headers)).toMatchObject({ status: 403, code: 'HTTP_ORIGIN' })
    expect(store.audits.map(({ outcome }) => outcome)).toEqual(['refused'])
  })

  test('may not call from another origin, unless that is named', async () => {
    const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
    const asked = async (headers: Record<string, string>): Promise<Readonly<Record<string, unknown>>> =>
      (await api.app.inject({ method: 'OPTIONS', url: '/api/v1/run', headers: { host: 'localhost', ...headers } }))
        .headers
    expect(await asked(preflight)).not.toHaveProperty('access-control-allow-origin')
    await api.close()
    await open({ server: { corsOrigins: ['https://app.example'] } })
    expect(await asked(preflight)).toMatchObject({ 'access-control-allow-origin': 'https://app.example' })
    expect(await asked(preflight)).not.toHaveProperty('access-control-allow-credentials')
    expect(await asked({ ...preflight, origin: 'https://evil.example' })).not.toHaveProperty(
      'access-control-allow-origin',
    )
    expect((await ask('POST', '/api/v1/run', { origin: 'https://app.example' })).status).toBe(200)
  })
})

test.for([
  ['evil.example', 421],
  ['localhost.evil.example', 421],
  ['127.0.0.1.nip.io', 421],
  ['localhost@evil.example', 421],
  ['192.168.1.5', 421],
  ['localhost:9999', 200],
  ['[::1]:4300', 200],
  ['LOCALHOST', 200],
  ['tide.example', 200],
  ['TIDE.example.:443', 200],
] as const)('the host %s is answered %i', async ([host, status]) => {
  await api.close()
  await open({ server: { allowedHosts: ['tide.example'] } })
  const headers = { host, ...bearer(await api.tokenFor('read')) }
  for (const url of ['/api/v1/look', '/livez', '/openapi.json', '/nothing'].slice(0, status === 200 ? 3 : 4))
    expect([url, (await ask('GET', url, headers)).status]).toEqual([url, status])
})

test('probes and scrapers that know the address only are answered where others can reach the listener', async () => {
  await api.close()
  await open({ server: { host: '0.0.0.0' } })
  for (const host of ['10.1.2.3:4300', '[fd00::1]:4300', 'localhost:8080'])
    expect((await ask('GET', '/livez', { host })).status).toBe(200)
  expect((await ask('GET', '/livez', { host: 'evil.example' })).status).toBe(421)
})

test('who asks too often is told when to come back; probes and others are not touched', async () => {
  await api.close()
  await open({ server: { requestsPerMinute: 5 } })
  const [one, other] = [await api.tokenFor('read'), await api.tokenFor('read')]
  const statuses: number[] = []
  for (let i = 0; i < 7; i++) statuses.push((await ask('GET', '/api/v1/look', bearer(one))).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
  const refused = await ask('GET', '/api/v1/look', bearer(one))
  expect([refused.code, refused.headers['connection']]).toEqual(['HTTP_RATE', 'close'])
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ask('GET', '/api/v1/look', bearer(other))).status).toBe(200)
  for (let i = 0; i < 10; i++) expect((await ask('GET', '/livez')).status).toBe(200)
})

test('what was done stays done where the audit log cannot be written, and the log of the server has the record', async () => {
  store.failure = new Error('full')
  expect((await ask('POST', '/api/v1/admin')).status).toBe(200)
  expect(api.log()).toContain('the audit log could not be written')
  expect(api.log()).toContain('test.admin')
})
