import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { ServerConfig } from '@tidegate/core'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { makeToken } from '../access/token.ts'
import { openLog } from '../daemon/daemon-log.ts'
import type { Services } from '../services.ts'
import { ask, openEvents, type Answer } from '../testing/served.ts'
import { aRun, smallReader, type SmallReader } from '../testing/small-reader.ts'
import { TEST_SERVER, testServices } from '../testing/test-api.ts'
import { openHttp, type HttpOptions, type HttpServer } from './open-http.ts'
import { route } from './route.ts'

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

interface Started {
  readonly server: HttpServer
  readonly services: Services
  readonly reader: SmallReader
  readonly log: () => string
  /** Lets the slow route answer. */
  readonly release: () => void
  readonly reached: Promise<void>
}

async function start(
  server: Partial<ServerConfig> = {},
  options: Partial<HttpOptions> = {},
  given?: Services,
): Promise<Started> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-http-'))
  mkdirSync(path.join(folder, 'assets'))
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>The page</title>')
  const config = { ...TEST_SERVER, ...server }
  const services = given ?? testServices(config)
  const reader = smallReader()
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  let log = ''
  const slow = route({
    method: 'POST',
    path: '/api/v1/slow',
    operationId: 'slow',
    tag: 'test',
    summary: 'slow',
    scope: 'run',
    body: z.looseObject({}).optional(),
    replies: { 200: { description: 'At last.' } },
    handle: async () => {
      reached.resolve()
      await gate.promise
      return { status: 200, body: { done: true } }
    },
  })
  const pieces = route({
    method: 'GET',
    path: '/api/v1/stream',
    operationId: 'stream',
    tag: 'test',
    summary: 'stream',
    scope: 'read',
    replies: { 200: { description: 'Pieces.', type: 'text/event-stream' } },
    handle: async ({ signal }) => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      stream: endless(signal),
    }),
  })
  const http = await openHttp({
    routes: [slow, pieces],
    services,
    config,
    log: openLog('debug', (line) => void (log += line)),
    assets: { folder },
    views: { facts: reader, sources: () => [], project: 'shop', command: 'tidegate monitor', pollMs: 20 },
    freshMs: 0,
    ...options,
  })
  opened.push(async () => {
    gate.resolve()
    await http.close(0)
    rmSync(folder, { recursive: true, force: true })
  })
  return { server: http, services, reader, log: () => log, release: () => gate.resolve(), reached: reached.promise }
}

let begun = 0
let ended = 0
async function* endless(signal: AbortSignal | undefined): AsyncGenerator<string> {
  begun++
  try {
    for (let i = 1; ; i++) {
      if (signal?.aborted === true) return
      yield `id: ${i}\ndata: {}\n\n`
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  } finally {
    ended++
  }
}

async function addToken(services: Services, scope: 'read' | 'admin' = 'admin'): Promise<string> {
  const { text, record } = makeToken({ name: 't', scope, createdBy: 'test', expiresAtMs: null }, Date.now())
  await services.state.createToken(record)
  return text
}

/** What comes back when these bytes are sent as they are. */
async function sendRaw(port: number, bytes: string, thenWaitMs = 5000): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString()))
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(bytes)
  const timer = setTimeout(() => socket.destroy(), thenWaitMs)
  await once(socket, 'close')
  clearTimeout(timer)
  return text
}

const codeOf = ({ body }: Answer): unknown => (JSON.parse(body.toString()) as { code: string }).code

describe('an address that others can reach', () => {
  test('is not listened on without a token that may be used', async () => {
    const services = testServices(TEST_SERVER)
    const revoked = await addToken(services)
    await services.state.revokeToken(revoked.split('_')[1] ?? '', Date.now())
    await expect(start({ host: '0.0.0.0' }, {}, services)).rejects.toMatchObject({ code: 'SERVER_NEEDS_TOKEN' })
  })

  test('is listened on with one, and everything but probes and the page asks for it', async () => {
    const services = testServices(TEST_SERVER)
    const token = await addToken(services, 'read')
    const { server } = await start({ host: '0.0.0.0' }, {}, services)
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/`)
    for (const target of ['/views/facts', '/views/overview', '/views/events', '/api/v1/session'])
      expect([target, (await ask(server.port, target)).status]).toEqual([target, 401])
    for (const target of ['/', '/quality', '/openapi.json', '/docs/problems', '/docs/'])
      expect([target, (await ask(server.port, target)).status]).toEqual([target, 200])
    const headers = { authorization: `Bearer ${token}` }
    expect((await ask(server.port, '/views/facts', { headers })).status).toBe(200)
  })
})

test('the views, their events and the page are those of the monitor', async () => {
  const { server, reader } = await start()
  const facts = await ask(server.port, '/views/facts')
  expect(JSON.parse(facts.body.toString())).toMatchObject({ project: 'shop', version: '1.2.3' })
  const page = await openEvents(server.port)
  await page.until('id: ')
  reader.runs.push(aRun('r1'))
  await page.until('event: changed')
  page.leave()
  expect((await ask(server.port, '/views/nothing')).status).toBe(404)
  expect((await ask(server.port, '/api/v1/nothing')).status).toBe(404)
  expect((await ask(server.port, '/views/facts', { method: 'POST' })).headers.allow).toBe('GET, HEAD, OPTIONS')
})

test('a browser signs in on a socket, and its EventSource needs nothing but the cookie', async () => {
  const { server, services } = await start()
  const token = await addToken(services, 'read')
  const origin = { origin: `http://127.0.0.1:${server.port}`, host: `127.0.0.1:${server.port}` }
  const signed = await fetch(`${server.url}api/v1/session`, {
    method: 'POST',
    headers: { ...origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  const cookie = signed.headers.get('set-cookie')?.split(';')[0] ?? ''
  const page = await openEvents(server.port, { cookie })
  await page.until('id: ')
  page.leave()
})

describe('closing', () => {
  test('lets what is being answered end, says goodbye to streams, and takes nothing new', async () => {
    const { server, release, reached } = await start()
    const events = await openEvents(server.port)
    await events.until('id: ')
    const slow = ask(server.port, '/api/v1/slow', { method: 'POST' })
    await reached
    const closed = server.close(5000)
    await events.ended
    expect(events.text()).toContain('event: shutdown\ndata: {}\n\n')
    await expect(ask(server.port, '/')).rejects.toThrow('ECONNREFUSED')
    release()
    expect((await slow).status).toBe(200)
    await closed
    await server.close(5000)
  })

  test('waits no longer than the grace for what does not end', async () => {
    const { server, reached } = await start()
    const slow = ask(server.port, '/api/v1/slow', { method: 'POST' }).catch((error: unknown) => error)
    await reached
    const before = performance.now()
    await server.close(100)
    expect(performance.now() - before).toBeLessThan(3000)
    expect(await slow).toBeInstanceOf(Error)
  })

  test('answers who still has a connection that it is about to stop', async () => {
    const { server, reached, release } = await start()
    const request = 'POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n'
    const socket = net.connect(server.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.write(request)
    await reached
    const closed = server.close(5000)
    const pause = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))
    await pause()
    socket.write(request)
    await pause()
    release()
    await once(socket, 'close')
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503'])
    expect(text).toContain('HTTP_DRAINING')
    await closed
  })
})

test('a stream of a route ends what makes it when the caller goes and when the server closes', async () => {
  const { server } = await start()
  begun = 0
  ended = 0
  const leaver = http.get({ host: '127.0.0.1', port: server.port, path: '/api/v1/stream', agent: false })
  const [response] = (await once(leaver, 'response')) as [http.IncomingMessage]
  expect(response.headers['content-type']).toBe('text/event-stream')
  expect(response.headers['x-content-type-options']).toBe('nosniff')
  await once(response, 'data')
  leaver.on('error', () => {})
  response.on('error', () => {})
  leaver.destroy()
  await expect.poll(() => ended).toBe(1)
  const stayer = ask(server.port, '/api/v1/stream')
  await expect.poll(() => begun).toBe(2)
  await server.close(1000)
  expect((await stayer).body.toString()).toMatch(/data: \{\}\n\nevent: shutdown\ndata: \{\}\n\n$/)
  await expect.poll(() => ended).toBe(2)
})

describe('what is no request', () => {
  test.for([
    ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['GARBAGE\r\n\r\n', 400],
    ['GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 400],
    [
      'POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n', 400],
    [
      'POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n',
      413,
    ],
    ['GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a\r\n b\0: c\r\n\r\n', 400],
    [`GET /${'a'.repeat(10_000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, 414],
    [`GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    ['GET /livez HTTP/1.0\r\n\r\n', 400],
    ['POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}', 400],
    ['POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n', 400],
    ['GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: 200-maybe\r\n\r\n', 417],
  ] as const)('number %# is answered with a problem', async ([bytes, status]) => {
    const { server } = await start()
    const text = await sendRaw(server.port, bytes.replace('Host: localhost', `Host: localhost:${server.port}`))
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(text).toContain('application/problem+json')
  })

  test('is given up when it does not arrive in time: headers, and a body', async () => {
    const { server } = await start({}, { arrival: { headersMs: 200, requestMs: 400 } })
    const before = performance.now()
    const [headers, body] = await Promise.all([
      sendRaw(server.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
      sendRaw(
        server.port,
        'POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      ),
    ])
    expect(performance.now() - before).toBeLessThan(3000)
    expect(headers).toMatch(/^HTTP\/1\.1 408 /)
    expect(body).toMatch(/^HTTP\/1\.1 408 /)
  })
})

test('what does not read its large answer, or dies within its body, harms nobody', async () => {
  const { server } = await start()
  const sockets = Array.from({ length: 20 }, () => net.connect(server.port, '127.0.0.1'))
  for (const socket of sockets) {
    socket.on('error', () => {})
    socket.write(
      'POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"a"',
    )
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
  for (const socket of sockets) socket.destroy()
  expect((await ask(server.port, '/openapi.json')).status).toBe(200)
})

test('the log names requests without their queries, headers and bodies', async () => {
  const { server, services, log } = await start()
  const token = await addToken(services)
  await ask(server.port, '/views/facts?source=secret-source', {
    headers: { authorization: `Bearer ${token}`, cookie: 'a=secret-cookie' },
  })
  const lines = log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.find((line) => line['path'] === '/views/facts')).toMatchObject({
    method: 'GET',
    status: 200,
    level: 'info',
  })
  expect(log()).not.toMatch(/secret/)
  expect(
    codeOf(await ask(server.port, '/views/facts?since=x', { headers: { authorization: `Bearer ${token}` } })),
  ).toBe('HTTP_PARAMETER')
})
