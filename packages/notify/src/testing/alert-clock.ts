/** A state of the alert engine in memory, with a clock that goes from wake to wake: what a store and a loop do, in small. */
import type {
  AlertDecision,
  AlertGroup,
  AlertRecord,
  AlertsConfig,
  AlertSignal,
  OutboxNotice,
  SilenceRecord,
} from '@tidegate/core'
import type { AlertChannel, AlertStep, GoneReceiver } from '../alerts/alert-world.ts'
import { stepAlerts } from '../alerts/step-alerts.ts'

export const MINUTE = 60_000
export const HOUR: number = 60 * MINUTE

export const SETTINGS: AlertsConfig = {
  forMs: 0,
  groupWaitMs: 30_000,
  groupIntervalMs: 5 * MINUTE,
  repeatIntervalMs: 4 * HOUR,
  groupBy: ['source'],
}

export interface AlertClock {
  nowMs: number
  readonly alerts: Map<string, AlertRecord>
  readonly groups: Map<string, AlertGroup>
  readonly silences: SilenceRecord[]
  readonly notices: OutboxNotice[]
  readonly decisions: AlertDecision[]
  readonly gone: Map<string, GoneReceiver>
  settings: AlertsConfig
  add(...signals: readonly AlertSignal[]): void
  /** Steps now, as the loop does when something comes. */
  step(): AlertStep
  /** Lets the time pass, stepping whenever the engine asked for it. */
  pass(ms: number): void
  acknowledge(id: string, by: string): void
}

export function openAlertClock(
  channels: readonly AlertChannel[],
  notify: ReadonlyMap<string, readonly string[]>,
  settings: Partial<AlertsConfig> = {},
): AlertClock {
  const pending: AlertSignal[] = []
  const known = new Set<string>()
  const clock: AlertClock = {
    nowMs: Date.UTC(2026, 10, 21, 12),
    alerts: new Map(),
    groups: new Map(),
    silences: [],
    notices: [],
    decisions: [],
    gone: new Map(),
    settings: { ...SETTINGS, ...settings },
    add(...signals) {
      for (const signal of signals) if (!known.has(signal.key)) pending.push(signal)
      for (const { key } of signals) known.add(key)
    },
    step() {
      const { nowMs } = clock
      const remembered = new Set([...clock.groups.values()].flatMap(({ told }) => Object.keys(told)))
      const sent = Map.groupBy(
        clock.notices.filter(({ createdAtMs }) => createdAtMs > nowMs - HOUR),
        ({ channel }) => channel,
      )
      const result = stepAlerts({
        nowMs,
        alerts: [...clock.alerts.values()].filter(({ id, state }) => state !== 'resolved' || remembered.has(id)),
        groups: [...clock.groups.values()],
        silences: clock.silences,
        signals: pending.splice(0),
        channels,
        notify,
        settings: clock.settings,
        gone: clock.gone,
        sent: new Map([...sent].map(([name, messages]) => [name, messages.map(({ createdAtMs }) => createdAtMs)])),
      })
      for (const alert of result.alerts) clock.alerts.set(alert.id, alert)
      for (const group of result.groups) clock.groups.set(`${group.channel} ${group.key}`, group)
      for (const [id, count] of Object.entries(result.silenced)) {
        const at = clock.silences.findIndex((silence) => silence.id === id)
        const silence = clock.silences[at]
        if (silence !== undefined) clock.silences[at] = { ...silence, hidden: silence.hidden + count }
      }
      clock.notices.push(...result.notices)
      clock.decisions.push(...result.decisions)
      return result
    },
    pass(ms) {
      const untilMs = clock.nowMs + ms
      for (let next = clock.step().nextWakeMs; next !== null && next <= untilMs; next = clock.step().nextWakeMs)
        clock.nowMs = next
      clock.nowMs = untilMs
    },
    acknowledge(id, by) {
      const alert = clock.alerts.get(id)
      if (alert === undefined || alert.state === 'resolved') return
      clock.alerts.set(id, { ...alert, state: 'acknowledged', acknowledgedAtMs: clock.nowMs, acknowledgedBy: by })
    },
  }
  return clock
}

let made = 0

export function signal(fields: Partial<AlertSignal> & Pick<AlertSignal, 'kind' | 'source' | 'atMs'>): AlertSignal {
  made += 1
  return {
    key: `sg_${made}`,
    effect: 'raise',
    dataset: null,
    severity: 'critical',
    run: null,
    detail: {},
    ...fields,
  }
}

export function channel(fields: Partial<AlertChannel> = {}): AlertChannel {
  return {
    name: 'ops',
    on: ['run_failed', 'gate_failed', 'file_quarantined', 'stale', 'missing', 'schema_changed'],
    maxPerHour: undefined,
    sendResolved: true,
    ...fields,
  }
}
