/**
 * A command that tells what it owes, as a process that can be killed: `node settle-child.ts STATE URL NOW_MS [SOURCE,…]` raises
 * an alert of each source, says `marking KEY` after each answer and before its mark, and is held there where HOLD is set.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '@tidegate/core'
import { openState } from '@tidegate/state'
import { settleAlerts } from '../alerts/settle-alerts.ts'

const [path = '', url = '', now = '', sources = ''] = process.argv.slice(2)
const nowMs = Number(now)
const state = await openState({ path, nowMs: () => nowMs })
const names = sources.split(',').filter((name) => name !== '')
const common = { kind: 'run_failed', effect: 'raise', dataset: null, severity: 'critical', run: null } as const
await state.addSignals(names.map((source) => ({ ...common, key: source, source, atMs: nowMs, detail: {} })))

const ops = { kind: 'webhook', name: 'ops', url, on: ['run_failed'], sendResolved: true, allowPrivate: true }
const settings = { forMs: 0, groupWaitMs: 0, groupIntervalMs: 0, repeatIntervalMs: 1e12, groupBy: ['source'] }
const known = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => ({ name, notify: ['ops'] }))
const held: typeof state = {
  ...state,
  async markDelivered(key, atMs) {
    process.stdout.write(`marking ${key}\n`)
    if (process.env['HOLD'] !== undefined) await delay(60_000)
    await state.markDelivered(key, atMs)
  },
}
const config = { channels: [ops], alerts: settings, sources: known } as unknown as Config
await settleAlerts({ state: held, config, effects: { clock: { nowMs: () => nowMs } } })
await state.close()
