import { afterEach, expect, test } from 'vitest'
import { openHttp, type HttpServer } from '../api/open-http.ts'
import { openLog } from '../daemon/daemon-log.ts'
import { RequestProblem } from '../http/problem.ts'
import { ask, openEvents } from '../testing/served.ts'
import { smallReader } from '../testing/small-reader.ts'
import { TEST_SERVER, testServices } from '../testing/test-api.ts'
import { limitStreams } from './limit-streams.ts'

let server: HttpServer | undefined
afterEach(async () => server?.close(100))

test('a caller has so many places, all of them together have so many, and each is given back once', () => {
  const limit = limitStreams(2, 3)
  const refused = (caller: string): unknown => {
    try {
      limit.take(caller)
      return 'taken'
    } catch (error) {
      return error instanceof RequestProblem ? [error.status, error.code] : error
    }
  }
  const [first, second] = [limit.take('a'), limit.take('a')]
  expect(refused('a')).toEqual([429, 'HTTP_STREAMS'])
  const other = limit.take('b')
  expect(refused('c')).toEqual([503, 'HTTP_STREAMS'])
  first()
  first()
  expect(refused('c')).toBe('taken')
  expect(refused('a')).toEqual([503, 'HTTP_STREAMS'])
  second()
  other()
  expect([refused('a'), refused('b')]).toEqual(['taken', 'taken'])
})

test('a stream too many is a problem, and whoever leaves makes room', async () => {
  const log = openLog('error', () => {})
  const views = { facts: smallReader(), sources: () => [], project: 'shop', command: 'tidegate monitor', pollMs: 20 }
  const services = testServices(TEST_SERVER)
  const streamLimit = limitStreams(2)
  server = await openHttp({ routes: [], services, config: TEST_SERVER, log, views, streamLimit, heartbeatMs: 20 })
  const { port } = server
  const streams = [await openEvents(port), await openEvents(port)]
  for (const stream of streams) await stream.until('id: ')
  const refused = await ask(port, '/views/events')
  expect(refused.status).toBe(429)
  expect(refused.headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'retry-after': '10',
    // It does not hold a connection that others need.
    connection: 'close',
  })
  // Everything but streams is answered as before.
  expect((await ask(port, '/views/overview')).status).toBe(200)
  streams[0]?.leave()
  await expect
    .poll(async () => {
      const stream = await openEvents(port)
      await Promise.race([stream.until('id: '), stream.until('HTTP_STREAMS')])
      const isOpen = stream.text().includes('id: ')
      stream.leave()
      return isOpen
    })
    .toBe(true)
  streams[1]?.leave()
})
