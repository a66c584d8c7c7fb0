import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Config } from '@tidegate/core'
import { openState, type State } from '@tidegate/state'
import { openAlertReceiver, type AlertReceiver } from '../testing/alert-receiver.ts'
import { settleAlerts } from './settle-alerts.ts'

const HOUR = 3_600_000
let state: State
let receiver: AlertReceiver
let nowMs: number
let seen = 0

beforeEach(async () => {
  nowMs = Date.UTC(2026, 10, 21, 12)
  state = await openState({ path: ':memory:', nowMs: () => nowMs })
  receiver = await openAlertReceiver()
})

afterEach(async () => {
  receiver.close()
  await state.close()
})

/** Each source is a group and a message of its own. */
async function settle(header = 'a'): ReturnType<typeof settleAlerts> {
  const common = { kind: 'webhook', url: receiver.url, on: ['run_failed'], sendResolved: true, allowPrivate: true }
  const channels = [{ ...common, name: 'ops', headers: { 'x-team': header } }]
  const alerts = { forMs: 0, groupWaitMs: 0, groupIntervalMs: 0, repeatIntervalMs: 100 * HOUR, groupBy: ['source'] }
  const sources = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, notify: ['ops'] }))
  const config = { channels, alerts, sources } as unknown as Config
  return settleAlerts({ state, config, effects: { clock: { nowMs: () => nowMs } } })
}

async function fail(...sources: readonly string[]): Promise<void> {
  const common = { kind: 'run_failed', effect: 'raise', dataset: null, severity: 'critical', run: null } as const
  seen += 1
  await state.addSignals(
    sources.map((source) => ({ ...common, key: `${source}${seen}`, source, atMs: nowMs, detail: {} })),
  )
}

test('after a 410 nothing is sent for a day: what waits is given up with the reason, and what comes waits', async () => {
  await fail('a', 'b', 'c')
  receiver.status = 410
  const { failed } = await settle()
  expect(failed.map(({ isGivenUp }) => isGivenUp)).toEqual([true, true, true])
  expect(receiver.heard).toHaveLength(1)
  const { items } = await state.listDeliveries({ limit: 10 })
  expect(items.map(({ outcome }) => outcome)).toEqual(['given-up', 'given-up', 'given-up'])
  expect(items.flatMap(({ status }) => status ?? [])).toEqual([410])
  for (const { message } of items) expect(message).toContain('410 (gone): nothing is sent to it until 2026-11-22T12:00')
  expect(JSON.stringify(items)).not.toContain(receiver.url)

  receiver.status = 200
  nowMs += HOUR
  await fail('d')
  expect(await settle()).toMatchObject({ delivered: 0, failed: [] })
  expect(receiver.heard).toHaveLength(1)
  const waiting = (await state.openAlerts()).find(({ source }) => source === 'd')
  expect(await state.listDecisions(waiting!.id)).toMatchObject([{ channel: 'ops', outcome: 'gone', notice: null }])

  nowMs = Date.UTC(2026, 10, 22, 12, 0, 1)
  expect(await settle()).toMatchObject({ delivered: 1 })
  expect(await state.listDecisions(waiting!.id)).toMatchObject([{ outcome: 'gone' }, { outcome: 'sent' }])
})

test('another configuration of the channel is tried at once', async () => {
  await fail('a')
  receiver.status = 410
  await settle()
  receiver.status = 200
  await fail('b')
  expect(await settle()).toMatchObject({ delivered: 0 })
  expect(await settle('b')).toMatchObject({ delivered: 1 })
  // The newest line says that the channel works.
  await fail('c')
  expect(await settle()).toMatchObject({ delivered: 1 })
})

test('a receiver that is still gone after the day is asked once a day', async () => {
  receiver.status = 410
  for (const source of ['a', 'b', 'c']) {
    await fail(source)
    for (let turn = 0; turn < 6; turn += 1) {
      await settle()
      nowMs += 4 * HOUR
    }
  }
  expect(receiver.heard).toHaveLength(3)
})
