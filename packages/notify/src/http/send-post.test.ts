import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { DeliveryOptions, DeliveryOutcome, ResolveName } from '../delivery.ts'
import { isPrivateAddress } from './is-private-address.ts'
import { sendPost } from './send-post.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Returns the port; counts what arrives. */
async function receiver(
  listener: RequestListener = (_, response) => void response.end(),
): Promise<{ port: number; asked: () => number }> {
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    listener(request, response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, asked: () => asked }
}

const post = (url: string, options: Partial<DeliveryOptions> = {}, allowPrivate = false): Promise<DeliveryOutcome> =>
  sendPost({ url, headers: {}, body: '{}', allowPrivate }, { nowMs: 0, timeoutMs: 2000, ...options })

test('every way to write a private address is recognised', () => {
  const mine = [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    '2001::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    'localhost',
    '',
    '127.1',
    '0x7f.0.0.1',
  ]
  expect(mine.filter((address) => !isPrivateAddress(address))).toEqual([])
  const open = [
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '168.63.129.15',
    '2606:4700::1111',
    '2a00:1450::5',
  ]
  expect(open.filter((address) => isPrivateAddress(address))).toEqual([])
})

test('a private address is not called, however it is written; with allow_private it is', async () => {
  const { port, asked } = await receiver()
  const hosts = [
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    'localhost',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '127。0。0。1',
  ]
  for (const host of hosts)
    expect(await post(`http://${host}:${port}/`), host).toMatchObject({
      kind: 'failed',
      retryable: false,
      message: 'the address belongs to a private network, which is not called without allow_private: true',
    })
  expect(asked()).toBe(0)
  expect(await post(`http://127.0.0.1:${port}/`, {}, true)).toEqual({ kind: 'delivered', status: 200 })
})

test('a name that resolves to a private address beside a public one is refused', async () => {
  const { port, asked } = await receiver()
  const resolveName: ResolveName = async () => [
    { address: '1.1.1.1', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]
  expect(await post(`http://public.example:${port}/`, { resolveName })).toMatchObject({ retryable: false })
  expect(asked()).toBe(0)
})

test('a name is resolved once for an attempt, and what was checked is what is called', async () => {
  const { port, asked } = await receiver()
  let times = 0
  // Public when it is checked, private a moment later.
  const resolveName: ResolveName = async () => {
    times += 1
    return [{ address: times === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }]
  }
  await post(`http://rebind.example:${port}/`, { resolveName, timeoutMs: 300 })
  expect([times, asked()]).toEqual([1, 0])
  // The address comes from the check alone: this name exists nowhere.
  const pinned: ResolveName = async () => [{ address: '127.0.0.1', family: 4 }]
  expect(await post(`http://nowhere.invalid:${port}/`, { resolveName: pinned }, true)).toMatchObject({
    kind: 'delivered',
  })
})

test('a redirect to a private address is a failure, and nobody is called there', async () => {
  const inner = await receiver()
  const outer = await receiver((_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/latest/meta-data` }).end(),
  )
  expect(await post(`http://127.0.0.1:${outer.port}/`, {}, true)).toEqual({
    kind: 'failed',
    retryable: false,
    status: 302,
    message: 'the receiver redirects (302), which is not followed',
  })
  expect(inner.asked()).toBe(0)
})
