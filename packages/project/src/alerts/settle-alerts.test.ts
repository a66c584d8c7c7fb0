import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SCHEDULER_LEASE, type AlertSignal, type Config } from '@tidegate/core'
import { currentOwner, openState, type State } from '@tidegate/state'
import { settleAlerts } from './settle-alerts.ts'

let state: State
let server: Server
let heard: string[]
let nowMs: number

beforeEach(async () => {
  nowMs = Date.UTC(2026, 10, 21, 12)
  heard = []
  state = await openState({ path: ':memory:', nowMs: () => nowMs })
  server = createServer((request, response) => {
    heard.push(String(request.headers['tidegate-event']))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await state.close()
})

function project(): Parameters<typeof settleAlerts>[0] {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const ops = { kind: 'webhook', name: 'ops', url, on: ['run_failed'], sendResolved: true, allowPrivate: true }
  const alerts = {
    forMs: 0,
    groupWaitMs: 30_000,
    groupIntervalMs: 300_000,
    repeatIntervalMs: 3_600_000,
    groupBy: ['source'],
  }
  const config = { channels: [ops], alerts, sources: [{ name: 'orders', notify: ['ops'] }] } as unknown as Config
  return { state, config, effects: { clock: { nowMs: () => nowMs } } }
}

function failed(key: string, effect: AlertSignal['effect'] = 'raise'): AlertSignal {
  const common = { dataset: null, severity: 'critical', run: null, atMs: nowMs, detail: {} } as const
  return { key, kind: 'run_failed', effect, source: 'orders', ...common }
}

test('a command tells what it owes before it ends, without waiting for a group', async () => {
  await state.addSignals([failed('a')])
  expect(await settleAlerts(project())).toEqual({ delivered: 1, failed: [], leftToDaemon: false })
  await state.addSignals([failed('b')])
  // It is open and told.
  expect(await settleAlerts(project())).toMatchObject({ delivered: 0 })
  await state.addSignals([failed('c', 'resolve')])
  expect(await settleAlerts(project())).toMatchObject({ delivered: 1 })
  expect(heard).toEqual(['run_failed', 'recovered'])
})

test('where a living process leads the schedules, all is left to it; a dead one leaves it to us', async () => {
  await state.addSignals([failed('a')])
  const daemon = currentOwner('daemon')
  const lease = await state.acquireLease(SCHEDULER_LEASE, daemon, nowMs, 30_000)
  expect(await settleAlerts(project())).toEqual({ delivered: 0, failed: [], leftToDaemon: true })
  expect(await state.pendingSignals(10)).toHaveLength(1)
  if (lease.kind === 'acquired') await state.releaseLease(SCHEDULER_LEASE, daemon, lease.fence)
  const dead = { id: daemon.id.replace(/:\d+$/, ':1'), what: 'daemon' }
  await state.acquireLease(SCHEDULER_LEASE, dead, nowMs, 30_000)
  expect(await settleAlerts(project())).toMatchObject({ delivered: 1, leftToDaemon: false })
})

test('a storm of more signals than one portion is told in one message', async () => {
  const many = Array.from({ length: 5001 }, (_, index) => ({ ...failed(`s${index}`), dataset: `d${index}` }))
  await state.addSignals(many)
  expect(await settleAlerts(project())).toMatchObject({ delivered: 1 })
  expect((await state.openAlerts()).length).toBe(5001)
})
