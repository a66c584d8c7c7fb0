import { afterEach, expect, test } from 'vitest'
import { ask, openEvents, startServed, type Served } from '../testing/served.ts'
import { aRun } from '../testing/small-reader.ts'

const open: Served[] = []
afterEach(async () => {
  for (const served of open.splice(0)) await served.stop()
})

async function start(heartbeatMs = 15_000): Promise<Served> {
  const served = await startServed({ heartbeatMs })
  open.push(served)
  return served
}

const CHANGED = 'event: changed\ndata: {}\n\n'

test('two pages hear of a change, each once', async () => {
  const { server, reader } = await start()
  const pages = [await openEvents(server.port), await openEvents(server.port)]
  for (const page of pages) await page.until('id: ')
  reader.runs.push(aRun('r1'))
  for (const page of pages) await page.until(CHANGED)
  await new Promise((resolve) => setTimeout(resolve, 100))
  for (const page of pages) expect(page.text().split(CHANGED).length - 1).toBe(1)
})

test('proxies are told to pass events on as they come', async () => {
  const { server } = await start()
  const { headers } = await ask(server.port, '/views/events', { method: 'HEAD' })
  expect(headers).toMatchObject({ 'x-accel-buffering': 'no', 'cache-control': 'no-store' })
})

test('who comes back hears what happened meanwhile, and nothing when nothing did', async () => {
  const { server, reader } = await start()
  const first = await openEvents(server.port)
  await first.until('\n\n')
  const [, id = ''] = /id: (\w+)/.exec(first.text()) ?? []
  first.leave()
  const same = await openEvents(server.port, { 'last-event-id': id })
  await same.until('\n\n')
  expect(same.text()).not.toContain('changed')
  same.leave()
  reader.runs.push(aRun('r1'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const later = await openEvents(server.port, { 'last-event-id': id })
  await later.until(CHANGED)
})

test('a silent stream is kept alive by comments', async () => {
  const { server } = await start(20)
  const page = await openEvents(server.port)
  await page.until(': still here\n\n: still here')
  expect(page.text()).not.toContain('event:')
})

test('closing ends open streams, and nobody is answered after it', async () => {
  const { server } = await start()
  const page = await openEvents(server.port)
  await page.until('id: ')
  await server.close()
  await page.ended
  await expect(ask(server.port, '/')).rejects.toThrow('ECONNREFUSED')
  await server.close()
})
