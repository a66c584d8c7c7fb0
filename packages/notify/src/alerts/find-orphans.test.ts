import { expect, test } from 'vitest'
import { channel, MINUTE, openAlertClock, signal } from '../testing/alert-clock.ts'
import { describeAlert } from './describe-alert.ts'

const OPS = channel({ on: ['run_failed', 'stale', 'schedule_missed'] })

test('an alert of a source that the configuration lost is over by itself, and who was told of it is told why', () => {
  const notify = new Map([['orders', ['ops']]])
  const clock = openAlertClock([OPS], notify)
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(MINUTE)
  expect(clock.notices).toHaveLength(1)
  notify.delete('orders')
  // Another process may know an ingestion a little earlier than this one.
  clock.pass(8 * MINUTE)
  expect([...clock.alerts.values()].map(({ state }) => state)).toEqual(['firing'])
  clock.pass(10 * MINUTE)
  const [alert] = clock.alerts.values()
  expect(alert?.state).toBe('resolved')
  expect(describeAlert(alert!).lines).toContain('It is over: source orders is not in the configuration any more.')
  expect(clock.notices.map(({ event }) => event)).toEqual(['run_failed', 'recovered'])
  expect([...clock.groups.values()].flatMap(({ told }) => Object.keys(told))).toEqual([])
  const before = clock.notices.length
  clock.pass(24 * 60 * MINUTE)
  expect(clock.notices).toHaveLength(before)
})

test('what is seen again in the meantime is not over', () => {
  const clock = openAlertClock([OPS], new Map())
  for (let minute = 0; minute < 30; minute += 5) {
    clock.add(signal({ kind: 'run_failed', source: 'elsewhere', atMs: clock.nowMs }))
    clock.pass(5 * MINUTE)
  }
  expect([...clock.alerts.values()].map(({ state, count }) => [state, count])).toEqual([['firing', 6]])
})

test('alerts of the whole project stay; those of a digest end with its channel', () => {
  const clock = openAlertClock([OPS], new Map([['orders', ['ops']]]))
  for (const source of ['maintain', 'arrivals', 'digest', 'digest:ops', 'digest:mail', ''])
    clock.add(signal({ kind: 'schedule_missed', source, atMs: clock.nowMs }))
  clock.pass(60 * MINUTE)
  const over = [...clock.alerts.values()].filter(({ state }) => state === 'resolved')
  expect(over.map(({ source }) => source)).toEqual(['digest:mail'])
})

test('a source that tells nobody any more keeps what is wrong, and nobody is told of it', () => {
  const notify = new Map([['orders', ['ops']]])
  const clock = openAlertClock([OPS], notify)
  for (const kind of ['run_failed', 'stale', 'schedule_missed'] as const)
    clock.add(signal({ kind, source: 'orders', atMs: clock.nowMs }))
  clock.pass(MINUTE)
  expect(clock.notices).toHaveLength(1)
  notify.set('orders', [])
  clock.pass(24 * 60 * MINUTE)
  expect([...clock.alerts.values()].map(({ state }) => state)).toEqual(['firing', 'firing', 'firing'])
  clock.add(signal({ kind: 'run_failed', source: 'orders', effect: 'resolve', atMs: clock.nowMs }))
  clock.pass(20 * MINUTE)
  expect(clock.notices).toHaveLength(1)
})

test('an alert that was raised while its source told nobody is told to the channel that it names later, as long as it is open', () => {
  const notify = new Map<string, readonly string[]>([['orders', []]])
  const clock = openAlertClock([OPS], notify)
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(60 * MINUTE)
  expect([clock.notices, clock.decisions]).toEqual([[], []])
  notify.set('orders', ['ops'])
  clock.step()
  clock.pass(MINUTE)
  expect(clock.notices.map(({ event }) => event)).toEqual(['run_failed'])
})

test('a channel that was taken out keeps what is open in mind, for it may come back, and nothing that is over', () => {
  const channels = [OPS, channel({ name: 'mail', on: ['run_failed'] })]
  const clock = openAlertClock(channels, new Map([['orders', ['ops', 'mail']]]))
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(MINUTE)
  channels.pop()
  clock.pass(10 * MINUTE)
  const told = (): number => Object.keys(clock.groups.get('mail source=orders')?.told ?? {}).length
  expect(told()).toBe(1)
  clock.add(signal({ kind: 'run_failed', source: 'orders', effect: 'resolve', atMs: clock.nowMs }))
  clock.pass(10 * MINUTE)
  expect(told()).toBe(0)
})

test('nothing is sent while a receiver is gone, the decision says so, and it is told when that is over', () => {
  const clock = openAlertClock([OPS], new Map([['orders', ['ops']]]))
  const untilMs = clock.nowMs + 60 * MINUTE
  clock.gone.set('ops', { untilMs, reason: 'it answered 410' })
  clock.add(signal({ kind: 'run_failed', source: 'orders', atMs: clock.nowMs }))
  clock.pass(59 * MINUTE)
  expect(clock.notices).toEqual([])
  expect(clock.decisions.at(-1)).toMatchObject({ outcome: 'gone', reason: 'it answered 410', notice: null })
  expect(clock.step().nextWakeMs).toBe(untilMs)
  clock.nowMs = untilMs
  clock.gone.delete('ops')
  clock.step()
  expect(clock.notices).toMatchObject([{ createdAtMs: untilMs }])
  expect(clock.decisions.at(-1)).toMatchObject({ outcome: 'sent' })
})
