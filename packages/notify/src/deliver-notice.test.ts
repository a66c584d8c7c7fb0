import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import { deliverNotice } from './deliver-notice.ts'
import type { DeliveryOptions, DeliveryOutcome } from './delivery.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const NOTICE = { key: 'tg_1', event: 'gate_failed', payload: { title: 'ü “x”' }, createdAtMs: NOW - 5000 }
const KEY = Buffer.alloc(24, 7)
const SECRET = `whsec_${KEY.toString('base64')}`

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Starts a receiver and returns its address, with a path that must not leak. */
async function receiver(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/topsecret?token=t0k3n`
}

async function deliver(
  url: string,
  options: Partial<DeliveryOptions> & { secret?: string } = {},
): Promise<DeliveryOutcome> {
  const { secret, ...rest } = options
  const channel =
    secret === undefined
      ? { kind: 'webhook' as const, url, allowPrivate: true }
      : { kind: 'webhook' as const, url, secret, allowPrivate: true }
  const outcome = await deliverNotice(channel, NOTICE, { nowMs: NOW, ...rest })
  expect(JSON.stringify(outcome)).not.toMatch(/topsecret|t0k3n|127\.0\.0\.1|whsec_[A-Za-z0-9]/)
  return outcome
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

test('a delivered notice carries id, timestamp and a signature over both and the body', async () => {
  let seen: { readonly request: IncomingMessage; readonly body: string } | undefined
  const url = await receiver((request, response) => {
    void bodyOf(request).then((body) => {
      seen = { request, body }
      response.writeHead(204).end()
    })
  })
  expect(await deliver(url, { secret: SECRET })).toEqual({ kind: 'delivered', status: 204 })
  const { headers, method } = seen!.request
  expect([method, headers['webhook-id'], headers['webhook-timestamp']]).toEqual(['POST', 'tg_1', String(NOW / 1000)])
  const signed = `tg_1.${NOW / 1000}.${seen!.body}`
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', KEY).update(signed).digest('base64')}`)
  expect(JSON.parse(seen!.body)).toEqual({
    type: 'gate_failed',
    timestamp: '2026-11-21T11:59:55.000Z',
    data: { title: 'ü “x”' },
  })
})

test('without a secret nothing is signed', async () => {
  let signature: unknown = 'not asked'
  const url = await receiver((request, response) => {
    signature = request.headers['webhook-signature']
    response.end()
  })
  expect(await deliver(url)).toEqual({ kind: 'delivered', status: 200 })
  expect(signature).toBeUndefined()
})

test('429 is retryable after as long as the receiver asks, in seconds or as a date, at most a day', async () => {
  let retryAfter = '17'
  const url = await receiver((_, response) => response.writeHead(429, { 'retry-after': retryAfter }).end('busy'))
  expect(await deliver(url)).toMatchObject({ kind: 'failed', retryable: true, status: 429, retryAfterMs: 17_000 })
  retryAfter = 'Sat, 21 Nov 2026 12:01:00 GMT'
  expect(await deliver(url)).toMatchObject({ retryAfterMs: 60_000 })
  retryAfter = '99999999999'
  expect(await deliver(url)).toMatchObject({ retryAfterMs: 86_400_000 })
  retryAfter = 'soon'
  expect(await deliver(url)).not.toHaveProperty('retryAfterMs')
})

test('500 is retryable, 400 and 410 are not', async () => {
  let status = 500
  const url = await receiver((_, response) => response.writeHead(status).end())
  expect(await deliver(url)).toMatchObject({ kind: 'failed', retryable: true, status: 500 })
  status = 400
  expect(await deliver(url)).toMatchObject({ kind: 'failed', retryable: false, status: 400 })
  status = 410
  expect(await deliver(url)).toMatchObject({ kind: 'failed', retryable: false, status: 410 })
})

test('redirects are failures and are not followed', async () => {
  let requests = 0
  const url = await receiver((_, response) => {
    requests += 1
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  expect(await deliver(url)).toMatchObject({ kind: 'failed', retryable: false, status: 307 })
  expect(requests).toBe(1)
})

test('a receiver that hangs is given up after the timeout', async () => {
  const url = await receiver(() => undefined)
  expect(await deliver(url, { timeoutMs: 50 })).toEqual({
    kind: 'failed',
    retryable: true,
    message: 'no answer within 0.05 s',
  })
})

test('the caller can stop an attempt', async () => {
  const url = await receiver(() => undefined)
  const stop = new AbortController()
  const outcome = deliver(url, { signal: stop.signal })
  stop.abort()
  expect(await outcome).toMatchObject({ kind: 'failed', retryable: true, message: 'the attempt was stopped' })
})

test('a dropped connection and a closed port are retryable', async () => {
  const url = await receiver((request) => request.socket.destroy())
  expect(await deliver(url)).toMatchObject({ kind: 'failed', retryable: true })
  await new Promise((resolve) => server?.close(resolve))
  expect(await deliver(url)).toMatchObject({
    kind: 'failed',
    retryable: true,
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('an answer that never ends does not keep the delivery', async () => {
  const url = await receiver((_, response) => void response.writeHead(200).write('x'))
  expect(await deliver(url)).toEqual({ kind: 'delivered', status: 200 })
})

test('a body without end does not keep the delivery either, and of it 64 KiB are read', async () => {
  let written = 0
  const url = await receiver((_, response) => {
    response.writeHead(200)
    const chunk = Buffer.alloc(65_536)
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length
    }
    response.on('drain', more)
    more()
  })
  expect(await deliver(url)).toEqual({ kind: 'delivered', status: 200 })
  // What the sockets hold comes on top of it.
  expect(written).toBeLessThan(8 * 2 ** 20)
})

const UNUSED = (): never => {
  throw new Error('was asked')
}

test('other schemes, credentials in the address and nonsense are refused before anything is sent', async () => {
  const urls = [
    'file:///etc/topsecret',
    'ftp://topsecret/',
    'topsecret',
    '',
    'javascript:topsecret',
    'https://u:topsecret@x/',
  ]
  for (const url of urls) {
    expect(await deliver(url, { resolveName: UNUSED }), url).toMatchObject({ kind: 'failed', retryable: false })
  }
})

test('a secret that is too short or no base64 is refused, not used', async () => {
  for (const secret of ['', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_!!!', `${SECRET} whsec_c2hvcnQ=`]) {
    expect(await deliver('http://x.invalid/', { secret, resolveName: UNUSED }), secret).toMatchObject({
      retryable: false,
    })
  }
})

test('a name that does not resolve is retryable, and its name is not passed on', async () => {
  const resolveName = (name: string): never => {
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
  }
  expect(await deliver('http://topsecret.invalid/', { resolveName: async (name) => resolveName(name) })).toEqual({
    kind: 'failed',
    retryable: true,
    message: 'the receiver could not be reached (ENOTFOUND)',
  })
})

test('own headers are sent, and replace neither the signature nor the framing of the request', async () => {
  let seen: IncomingMessage['headers'] = {}
  const url = await receiver((request, response) => {
    seen = request.headers
    response.end()
  })
  const headers = { Authorization: 'Bearer x', 'Webhook-Id': 'forged', Host: 'forged', 'Content-Length': '1' }
  const options = { nowMs: NOW }
  const channel = { kind: 'webhook', url, allowPrivate: true } as const
  expect(await deliverNotice({ ...channel, headers }, NOTICE, options)).toMatchObject({ kind: 'delivered' })
  expect(seen).toMatchObject({ authorization: 'Bearer x', 'webhook-id': 'tg_1', host: new URL(url).host })
  for (const value of ['a\r\nx-evil: 1', 'a\n', '\u0000'])
    expect(await deliverNotice({ ...channel, headers: { 'x-a': value } }, NOTICE, options)).toMatchObject({
      retryable: false,
    })
})

test('another implementation accepts the signature, also while one secret replaces another', async () => {
  let seen: { readonly headers: Record<string, string>; readonly body: string } | undefined
  const url = await receiver((request, response) => {
    void bodyOf(request).then((body) => {
      seen = { headers: request.headers as Record<string, string>, body }
      response.end()
    })
  })
  const next = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
  const channel = { kind: 'webhook', url, allowPrivate: true, secret: `${SECRET} ${next}` } as const
  // The library compares with the real clock.
  await deliverNotice(channel, NOTICE, { nowMs: Date.now() })
  for (const secret of [SECRET, next])
    expect(new Webhook(secret).verify(seen!.body, seen!.headers)).toMatchObject({ type: 'gate_failed' })
  const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  expect(() => new Webhook(other).verify(seen!.body, seen!.headers)).toThrow()
})
