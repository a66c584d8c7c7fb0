import { expect, test } from 'vitest'
import type { AlertsConfig } from '@tidegate/core'
import { channel, HOUR, MINUTE, openAlertClock, signal, type AlertClock } from '../testing/alert-clock.ts'
import type { AlertChannel } from './alert-world.ts'

const NOTIFY = new Map([
  ['orders', ['ops']],
  ['flights', ['ops']],
])

function open(settings: Partial<AlertsConfig> = {}, ...channels: readonly AlertChannel[]): AlertClock {
  return openAlertClock(channels.length === 0 ? [channel()] : channels, NOTIFY, settings)
}

function told(clock: AlertClock): readonly (readonly [number, string, number, number])[] {
  const start = Date.UTC(2026, 10, 21, 12)
  return clock.notices.map(({ createdAtMs, event, payload }) => {
    const { firing, resolved } = payload['counts'] as { firing: number; resolved: number }
    return [createdAtMs - start, event, firing, resolved] as const
  })
}

const outcomes = (clock: AlertClock): readonly string[] => clock.decisions.map(({ outcome }) => outcome)

test('the first message of a group waits for others, the next one for group_interval', () => {
  const clock = open()
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(10_000)
  clock.add(signal({ kind: 'schema_changed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(50_000)
  expect(told(clock)).toEqual([[30_000, 'alerts', 2, 0]])
  clock.add(signal({ kind: 'gate_failed', source: 'orders', dataset: 'a', atMs: clock.nowMs }))
  clock.pass(HOUR)
  // What is open still stands beside what is new.
  expect(told(clock).slice(1)).toEqual([[330_000, 'alerts', 3, 0]])
  expect(outcomes(clock)).toEqual(['grouping', 'grouping', 'sent', 'sent', 'grouping', 'sent'])
})

test('what is open is told again after repeat_interval, until somebody acknowledges it', () => {
  const clock = open()
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(9 * HOUR)
  expect(told(clock).map(([at]) => at)).toEqual([30_000, 30_000 + 4 * HOUR, 30_000 + 8 * HOUR])
  clock.acknowledge([...clock.alerts.keys()][0] ?? '', 'token:1')
  clock.pass(24 * HOUR)
  expect(clock.notices).toHaveLength(3)
  expect(clock.decisions.at(-1)).toMatchObject({
    outcome: 'acknowledged',
    reason: 'acknowledged by token:1: not repeated',
  })
})

test('the end is told to who was told, once, after group_interval', () => {
  const three = [
    channel(),
    channel({ name: 'quiet', on: ['gate_failed'] }),
    channel({ name: 'never', sendResolved: false }),
  ]
  const clock = openAlertClock(three, new Map([['orders', ['ops', 'quiet', 'never']]]))
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(MINUTE)
  clock.add(signal({ kind: 'run_failed', effect: 'resolve', source: 'orders', atMs: clock.nowMs }))
  clock.pass(HOUR)
  expect(clock.notices.map((notice) => [notice.channel, notice.event])).toEqual([
    ['ops', 'run_failed'],
    ['never', 'run_failed'],
    ['ops', 'recovered'],
  ])
  expect(told(clock).at(-1)).toEqual([6 * MINUTE, 'recovered', 0, 1])
  for (const group of clock.groups.values()) expect(group.told).toEqual({})
})

test('what is over and back within group_interval is told once, and is the same alert', () => {
  const clock = open()
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(MINUTE)
  for (let round = 0; round < 5; round += 1) {
    clock.add(signal({ kind: 'run_failed', effect: 'resolve', source: 'orders', atMs: clock.nowMs }))
    clock.pass(MINUTE)
    clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
    clock.pass(MINUTE)
  }
  expect(clock.notices).toHaveLength(1)
  expect([...clock.alerts.values()]).toMatchObject([{ state: 'firing', count: 6, resolvedAtMs: null }])
  expect(clock.decisions.at(-1)?.reason).toBe('it came back within alerts.group_interval 5m: told once')
})

test('what ends before `for` is over was never told', () => {
  const clock = open({ forMs: 10 * MINUTE })
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(9 * MINUTE)
  expect(outcomes(clock)).toEqual(['pending'])
  clock.add(signal({ kind: 'run_failed', effect: 'resolve', source: 'orders', atMs: clock.nowMs }))
  clock.pass(HOUR)
  expect(clock.notices).toEqual([])
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(11 * MINUTE)
  expect(told(clock)).toEqual([[HOUR + 19 * MINUTE + 30_000, 'run_failed', 1, 0]])
})

test('a failed run explains that nothing came; when it is over, what is late still is told', () => {
  const clock = open()
  clock.add(
    signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }),
    signal({ kind: 'stale', source: 'orders', atMs: clock.nowMs }),
    signal({ kind: 'stale', source: 'flights', atMs: clock.nowMs }),
  )
  clock.pass(MINUTE)
  expect(told(clock).map(([, event]) => event)).toEqual(['run_failed', 'stale'])
  expect(clock.decisions.find(({ outcome }) => outcome === 'inhibited')?.reason).toMatch(
    /^run_failed al-[0-9a-f]{16} of the same source explains it$/,
  )
  clock.add(signal({ kind: 'run_failed', effect: 'resolve', source: 'orders', atMs: clock.nowMs }))
  clock.pass(HOUR)
  expect(told(clock).slice(2)).toEqual([
    [330_000, 'stale', 1, 0],
    [630_000, 'alerts', 1, 1],
  ])
})

test('a failed gate makes the quarantine of the same run superfluous, for who asks for both', () => {
  const on = ['file_quarantined']
  const clock = openAlertClock([channel(), channel({ name: 'stock', on })], new Map([['orders', ['ops', 'stock']]]))
  const seen = { source: 'orders', dataset: 'a', run: 'r1', atMs: clock.nowMs }
  clock.add(signal({ kind: 'file_quarantined', ...seen }), signal({ kind: 'gate_failed', ...seen }))
  clock.pass(MINUTE)
  expect(clock.notices.map((notice) => [notice.channel, notice.event])).toEqual([
    ['ops', 'gate_failed'],
    ['stock', 'file_quarantined'],
  ])
})

test('a silence holds back until it ends, and counts what it hid', () => {
  const clock = open()
  const by = { createdBy: 'token:1', createdAtMs: clock.nowMs, reason: 'migration', hidden: 0 }
  clock.silences.push({
    id: 'si-1',
    matcher: { source: 'ord*' },
    startsAtMs: clock.nowMs,
    endsAtMs: clock.nowMs + HOUR,
    ...by,
  })
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.add(signal({ kind: 'run_failed', source: 'flights', atMs: clock.nowMs }))
  clock.pass(HOUR - 1)
  expect(clock.notices.map(({ payload }) => (payload['labels'] as { source: string }).source)).toEqual(['flights'])
  expect(clock.silences[0]?.hidden).toBe(1)
  expect(clock.decisions.find(({ outcome }) => outcome === 'silenced')?.reason).toBe(
    'silence si-1 of token:1 until 2026-11-21 13:00 UTC (migration)',
  )
  clock.pass(MINUTE)
  expect(clock.notices).toHaveLength(2)
})

test('a channel has its messages of the hour; the rest comes together in the last of them or the next hour', () => {
  const sources = Array.from({ length: 9 }, (_, index) => `s${index}`)
  const clock = openAlertClock([channel({ maxPerHour: 3 })], new Map(sources.map((source) => [source, ['ops']])))
  for (const source of sources) clock.add(signal({ kind: 'run_failed', source, atMs: clock.nowMs }))
  clock.pass(MINUTE)
  expect(told(clock).map(([, , firing]) => firing)).toEqual([1, 1, 7])
  for (const source of sources) clock.add(signal({ kind: 'schema_changed', source, atMs: clock.nowMs }))
  clock.pass(50 * MINUTE)
  expect(clock.notices).toHaveLength(3)
  expect(outcomes(clock).filter((outcome) => outcome === 'throttled')).toHaveLength(9)
  clock.pass(20 * MINUTE)
  // Two of the three sent left the hour at the same moment: all nine groups in three messages at most.
  const later = told(clock).slice(3)
  expect(later.length).toBeLessThanOrEqual(3)
  expect(later.reduce((sum, [, , firing]) => sum + firing, 0)).toBe(18)
})

test('news are told once to who asks; of a recovery only those who are not told its end anyway', () => {
  const on = ['run_failed', 'recovered', 'file_arrived']
  const both = channel({ name: 'both', on })
  const last = channel({ name: 'last', on, sendResolved: false })
  const only = channel({ name: 'only', on: ['recovered'] })
  const clock = openAlertClock([both, last, only], new Map([['orders', ['both', 'last', 'only']]]))
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(MINUTE)
  clock.add(signal({ kind: 'run_failed', effect: 'resolve', source: 'orders', atMs: clock.nowMs }))
  clock.pass(HOUR)
  const events = Map.groupBy(clock.notices, (notice) => notice.channel)
  const of = (name: string): readonly string[] => events.get(name)?.map(({ event }) => event) ?? []
  expect([of('both'), of('last'), of('only')]).toEqual([
    ['run_failed', 'recovered'],
    ['run_failed', 'recovered'],
    ['recovered'],
  ])
  const arrived = { kind: 'file_arrived', effect: 'news', source: 'orders' } as const
  clock.add(signal({ ...arrived, atMs: clock.nowMs, detail: { files: 2, bytes: 10 } }))
  clock.add(signal({ ...arrived, atMs: clock.nowMs, detail: { files: 3, bytes: 20 } }))
  clock.pass(HOUR)
  const titles = clock.notices.filter(({ event }) => event === 'file_arrived').map(({ payload }) => payload['title'])
  expect(titles).toEqual(['orders: 5 files arrived', 'orders: 5 files arrived'])
})

test('when group_by is edited, nothing is told twice', () => {
  const clock = open()
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.add(signal({ kind: 'run_failed', source: 'flights', atMs: clock.nowMs }))
  clock.pass(MINUTE)
  expect(clock.notices).toHaveLength(2)
  clock.settings = { ...clock.settings, groupBy: ['kind'] }
  clock.pass(HOUR)
  expect(clock.notices).toHaveLength(2)
  clock.add(signal({ kind: 'run_failed', effect: 'resolve', source: 'orders', atMs: clock.nowMs }))
  clock.pass(HOUR)
  expect(told(clock).at(-1)).toMatchObject([expect.any(Number), 'alerts', 1, 1])
})

test('a resolution without a dataset spares those that it names', () => {
  const clock = open()
  for (const dataset of ['a', 'b'])
    clock.add(signal({ kind: 'gate_failed', source: 'orders', dataset, atMs: clock.nowMs }))
  clock.add(
    signal({ kind: 'gate_failed', effect: 'resolve', source: 'orders', atMs: clock.nowMs, detail: { except: ['b'] } }),
  )
  clock.step()
  expect([...clock.alerts.values()].map(({ dataset, state }) => [dataset, state])).toEqual([
    ['a', 'resolved'],
    ['b', 'firing'],
  ])
})
