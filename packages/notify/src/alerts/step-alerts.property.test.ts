import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AlertKind, AlertRecord, OutboxNotice } from '@tidegate/core'
import { channel, HOUR, MINUTE, openAlertClock, signal, type AlertClock } from '../testing/alert-clock.ts'
import type { AlertChannel } from './alert-world.ts'

const SOURCES = ['a', 'b', 'c']
const KINDS: readonly AlertKind[] = ['run_failed', 'gate_failed', 'file_quarantined', 'stale', 'schema_changed']
const CHANNELS: readonly AlertChannel[] = [
  channel({ name: 'all', on: KINDS }),
  channel({ name: 'few', on: KINDS, maxPerHour: 2 }),
  channel({ name: 'gates', on: ['gate_failed', 'stale'], sendResolved: false }),
]
const NOTIFY = new Map(SOURCES.map((source) => [source, CHANNELS.map(({ name }) => name)]))

type Action =
  | { readonly kind: 'raise' | 'resolve'; readonly what: AlertKind; readonly source: string }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'acknowledge'; readonly at: number }
  | { readonly kind: 'silence'; readonly source: string; readonly minutes: number }

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('raise' as const),
      what: fc.constantFrom(...KINDS),
      source: fc.constantFrom(...SOURCES),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('resolve' as const),
      what: fc.constantFrom(...KINDS),
      source: fc.constantFrom(...SOURCES),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 0, max: 4000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), at: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('silence' as const),
      source: fc.constantFrom(...SOURCES),
      minutes: fc.integer({ min: 1, max: 120 }),
    }),
  },
)

function play(actions: readonly Action[], groupBy: AlertClock['settings']['groupBy']): AlertClock {
  const clock = openAlertClock(CHANNELS, NOTIFY, { groupBy })
  for (const step of actions) {
    switch (step.kind) {
      case 'raise':
      case 'resolve':
        clock.add(signal({ kind: step.what, effect: step.kind, source: step.source, run: 'r', atMs: clock.nowMs }))
        clock.step()
        break
      case 'pass':
        clock.pass(step.seconds * 1000)
        break
      case 'acknowledge': {
        const open = [...clock.alerts.values()].filter(({ state }) => state === 'firing')
        clock.acknowledge(open[step.at % Math.max(1, open.length)]?.id ?? '', 'token:1')
        break
      }
      case 'silence': {
        const ends = {
          startsAtMs: clock.nowMs,
          endsAtMs: clock.nowMs + step.minutes * MINUTE,
          createdAtMs: clock.nowMs,
        }
        clock.silences.push({
          id: `si-${clock.silences.length}`,
          matcher: { source: step.source },
          ...ends,
          createdBy: 'x',
          reason: 'y',
          hidden: 0,
        })
      }
    }
  }
  return clock
}

const asks = (to: AlertChannel, kind: AlertKind): boolean => to.on.includes(kind)

/** Said by hand: an alert that explains this one for this channel, whatever was told. */
function isExplained(alert: AlertRecord, to: AlertChannel, open: readonly AlertRecord[]): boolean {
  const has = (kind: AlertKind): boolean => open.some((other) => other.kind === kind && other.source === alert.source)
  if (alert.kind === 'stale') return has('run_failed') && asks(to, 'run_failed')
  return alert.kind === 'file_quarantined' && has('gate_failed') && asks(to, 'gate_failed')
}

function sentOf(clock: AlertClock, alert: string, name: string): readonly (OutboxNotice | undefined)[] {
  const said = clock.decisions.filter((one) => one.alert === alert && one.channel === name && one.outcome === 'sent')
  return said.map(({ notice }) => clock.notices.find(({ key }) => key === notice))
}

const groupings = fc.constantFrom<AlertClock['settings']['groupBy'][]>(['source'], ['kind'], [], ['kind', 'source'])

test('whatever comes, each alert that still fires is in a message to each channel that asks, or explained away', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), groupings, (actions, groupBy) => {
      const clock = play(actions, groupBy)
      // All silences end, all waits are over, every limit has room again.
      clock.pass(12 * HOUR)
      const open = [...clock.alerts.values()].filter(({ state }) => state !== 'resolved')
      for (const alert of open)
        for (const to of CHANNELS) {
          const sent = sentOf(clock, alert.id, to.name)
          expect(sent).not.toContain(undefined)
          if (!asks(to, alert.kind)) expect(sent).toEqual([])
          else if (alert.state === 'firing' && !isExplained(alert, to, open)) expect(sent.length).toBeGreaterThan(0)
        }
    }),
    { seed: 7, numRuns: 150 },
  )
})

test('whatever comes, no group speaks more often than its interval, and no channel more often than its limit', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const clock = play(actions, ['source'])
      clock.pass(6 * HOUR)
      for (const to of CHANNELS) {
        const own = clock.notices.filter(({ channel: name }) => name === to.name)
        expect(new Set(own.map(({ key }) => key)).size).toBe(own.length)
        for (const { createdAtMs } of own) {
          const hour = own.filter((other) => other.createdAtMs <= createdAtMs && other.createdAtMs > createdAtMs - HOUR)
          expect(hour.length).toBeLessThanOrEqual(to.maxPerHour ?? Infinity)
        }
        for (const source of to.maxPerHour === undefined ? SOURCES : []) {
          const times = own.flatMap(({ payload, createdAtMs }) =>
            (payload['labels'] as Record<string, string>)['group'] === `source=${source}` ? [createdAtMs] : [],
          )
          for (const [index, at] of times.entries())
            if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE)
        }
      }
    }),
    { seed: 8, numRuns: 150 },
  )
})

test('whatever comes, an end is told only to who was told, and at most once for each time it was told', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const clock = play(actions, ['source'])
      clock.pass(6 * HOUR)
      for (const to of CHANNELS) {
        let [firing, over] = [new Set<string>(), 0]
        for (const { outcome, alert, reason } of clock.decisions.filter((one) => one.channel === to.name)) {
          if (outcome !== 'sent') continue
          if (reason.startsWith('its end was told')) {
            expect(firing.delete(alert)).toBe(true)
            over += 1
          } else firing = firing.add(alert)
        }
        if (!to.sendResolved) expect(over).toBe(0)
      }
    }),
    { seed: 9, numRuns: 150 },
  )
})
