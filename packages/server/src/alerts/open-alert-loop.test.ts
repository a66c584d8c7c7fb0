import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { AlertSignal, ChannelConfig, Config } from '@tidegate/core'
import { openState, type State } from '@tidegate/state'
import { statePlace } from '../testing/state-place.ts'
import { openAlertLoop, type AlertLoop, type AlertLoopEvent } from './open-alert-loop.ts'

const closing: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function receiver(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function channel(name: string, url: string): ChannelConfig {
  return {
    kind: 'webhook',
    name,
    url,
    on: ['run_failed', 'gate_failed'],
    maxPerHour: undefined,
    sendResolved: true,
    digest: { at: '08:00', timezone: 'UTC' },
    secret: undefined,
    headers: {},
    allowPrivate: true,
  }
}

/** What the loop looks at of a configuration. */
function configOf(channels: readonly ChannelConfig[], groupWaitMs = 0): Config {
  const alerts = { forMs: 0, groupWaitMs, groupIntervalMs: 0, repeatIntervalMs: 3_600_000, groupBy: ['source'] }
  const notify = channels.map(({ name }) => name)
  const sources = ['orders', 'flights'].map((name) => ({ name, notify }))
  return { channels, alerts, sources } as unknown as Config
}

async function start(
  config: Config | (() => Config),
): Promise<{ state: State; loop: AlertLoop; events: AlertLoopEvent[] }> {
  const state = await openState({ path: statePlace(':memory:'), nowMs: () => Date.now() })
  closing.push(() => state.close())
  const events: AlertLoopEvent[] = []
  const loop = openAlertLoop({
    state,
    config: typeof config === 'function' ? config : () => config,
    nowMs: () => Date.now(),
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    report: (event) => events.push(event),
  })
  closing.push(() => loop.close())
  return { state, loop, events }
}

function failed(source: string, key: string, effect: AlertSignal['effect'] = 'raise'): AlertSignal {
  const common = { dataset: null, severity: 'critical', run: null, atMs: Date.now() } as const
  return { key, kind: 'run_failed', effect, source, ...common, detail: { code: 'ENGINE_CRASHED', command: 'ingest' } }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries > 250) throw new Error('it did not come to pass')
    await delay(20)
  }
}

test('what is seen is told, and its end too, without anybody asking', async () => {
  const heard: string[] = []
  const url = await receiver((request, response) => {
    heard.push(String(request.headers['tidegate-event']))
    response.end()
  })
  const { state, loop } = await start(configOf([channel('ops', url)]))
  await state.addSignals([failed('orders', 's1')])
  loop.wake()
  await until(() => heard.length === 1)
  await state.addSignals([failed('orders', 's2', 'resolve')])
  // Nobody wakes it: another process wrote.
  await until(() => heard.length === 2)
  expect(heard).toEqual(['run_failed', 'recovered'])
  await until(async () => (await state.listDeliveries({ limit: 10 })).items.length === 2)
  expect((await state.listDeliveries({ limit: 10 })).items.map(({ outcome }) => outcome)).toEqual([
    'delivered',
    'delivered',
  ])
})

test('a receiver that is gone is left alone until its channel is configured anew, which needs no signal', async () => {
  let status = 410
  let heard = 0
  const url = await receiver((_, response) => {
    heard += 1
    response.writeHead(status).end()
  })
  let config = configOf([channel('ops', url)])
  const { state, loop } = await start(() => config)
  const outcomes = async (): Promise<readonly string[]> =>
    (await state.listDeliveries({ limit: 10 })).items.map(({ outcome }) => outcome)
  await state.addSignals([failed('orders', 's1')])
  loop.wake()
  await until(async () => (await outcomes()).includes('given-up'))
  await state.addSignals([failed('flights', 's2')])
  loop.wake()
  await until(async () => {
    const alert = (await state.openAlerts()).find(({ source }) => source === 'flights')
    return alert !== undefined && (await state.listDecisions(alert.id)).some(({ outcome }) => outcome === 'gone')
  })
  expect(heard).toBe(1)
  status = 200
  config = configOf([{ ...channel('ops', url), headers: { 'x-team': 'data' } } as ChannelConfig])
  loop.wake()
  await until(async () => (await outcomes()).includes('delivered'))
  expect(heard).toBe(2)
})

test('a channel that does not answer holds up nobody else', async () => {
  const slow = await receiver(() => undefined)
  let heard = 0
  const quick = await receiver((_, response) => {
    heard += 1
    response.end()
  })
  const { state, loop } = await start(configOf([channel('slow', slow), channel('quick', quick)]))
  for (const [index, source] of ['orders', 'flights'].entries()) {
    await state.addSignals([failed(source, `s${index}`)])
    loop.wake()
    await until(() => heard === index + 1)
  }
  const started = performance.now()
  await loop.close()
  expect(performance.now() - started).toBeLessThan(2000)
  // What was stopped counts as no attempt: it comes back as it was.
  expect((await state.listDeliveries({ limit: 10, channel: 'slow' })).items).toEqual([])
  expect(await state.takeNotices(10, Date.now() + 120_000)).toMatchObject([
    { channel: 'slow', attempts: 0 },
    { channel: 'slow' },
  ])
})

test('what a receiver refuses is in the delivery log, and so is when the next try is', async () => {
  let status = 429
  const url = await receiver((_, response) => response.writeHead(status, { 'retry-after': '60' }).end())
  const { state, loop, events } = await start(configOf([channel('ops', url)]))
  await state.addSignals([failed('orders', 's1')])
  loop.wake()
  await until(() => events.some(({ kind }) => kind === 'not-delivered'))
  const [first] = (await state.listDeliveries({ limit: 1 })).items
  expect(first).toMatchObject({ outcome: 'failed', status: 429, attempt: 1 })
  expect((first?.nextAtMs ?? 0) - (first?.atMs ?? 0)).toBe(60_000)
  status = 410
  await state.addSignals([failed('flights', 's2')])
  loop.wake()
  await until(async () => (await state.listDeliveries({ limit: 10 })).items.length === 2)
  expect((await state.listDeliveries({ limit: 1 })).items).toMatchObject([
    { outcome: 'given-up', status: 410, nextAtMs: null },
  ])
})

test('a state that fails for a while ends nothing', async () => {
  let heard = 0
  const url = await receiver((_, response) => {
    heard += 1
    response.end()
  })
  const state = await openState({ path: statePlace(':memory:'), nowMs: () => Date.now() })
  closing.push(() => state.close())
  let failures = 3
  const events: AlertLoopEvent[] = []
  const loop = openAlertLoop({
    state: {
      ...state,
      alertRevision: async () => {
        failures -= 1
        if (failures >= 0) throw new Error('STATE_BUSY')
        return state.alertRevision()
      },
    },
    config: () => configOf([channel('ops', url)]),
    nowMs: () => Date.now(),
    sleep: async (ms, signal) => delay(Math.min(ms, 20), undefined, { signal }).catch(() => undefined),
    report: (event) => events.push(event),
  })
  closing.push(() => loop.close())
  await state.addSignals([failed('orders', 's1')])
  await until(() => heard === 1)
  expect(events.filter(({ kind }) => kind === 'failed')).toHaveLength(3)
})

test('two loops on one state tell once', async () => {
  const heard: string[] = []
  const url = await receiver((request, response) => {
    heard.push(String(request.headers['webhook-id']))
    response.end()
  })
  const config = configOf([channel('ops', url)])
  const { state, loop } = await start(config)
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> =>
    delay(ms, undefined, { signal }).catch(() => undefined)
  const second = openAlertLoop({ state, config: () => config, nowMs: () => Date.now(), sleep, report: () => undefined })
  closing.push(() => second.close())
  for (let round = 0; round < 20; round += 1) {
    await state.addSignals([failed('orders', `r${round}`), failed('orders', `e${round}`, 'resolve')])
    await state.addSignals([failed('flights', `f${round}`)])
    loop.wake()
    second.wake()
    await delay(10)
  }
  await until(async () => (await state.pendingSignals(1)).length === 0 && (await state.nextNoticeAtMs()) === null)
  expect(new Set(heard).size).toBe(heard.length)
})
