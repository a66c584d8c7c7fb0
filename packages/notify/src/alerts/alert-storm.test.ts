import { expect, test } from 'vitest'
import { channel, HOUR, MINUTE, openAlertClock, signal } from '../testing/alert-clock.ts'

/** 100 sources with 100 datasets each fail within ten seconds. */
test('10,000 alerts in one storm: no channel gets more messages than its rules allow, and no alert is lost', () => {
  const sources = Array.from({ length: 100 }, (_, index) => `source-${index}`)
  const channels = [
    channel({ name: 'open' }),
    channel({ name: 'narrow', maxPerHour: 10 }),
    channel({ name: 'one', maxPerHour: 1 }),
  ]
  const clock = openAlertClock(channels, new Map(sources.map((source) => [source, ['open', 'narrow', 'one']])))
  const started = performance.now()
  for (let second = 0; second < 10; second += 1) {
    for (const source of sources)
      for (let dataset = second * 10; dataset < second * 10 + 10; dataset += 1)
        clock.add(signal({ kind: 'gate_failed', source, dataset: `d${dataset}`, atMs: clock.nowMs }))
    clock.pass(1000)
  }
  clock.pass(MINUTE)
  const sentTo = (name: string): readonly (typeof clock.notices)[number][] =>
    clock.notices.filter((notice) => notice.channel === name)
  // One message for each source; ten an hour; one an hour. All within a minute, and nothing afterwards before a repeat.
  expect([sentTo('open').length, sentTo('narrow').length, sentTo('one').length]).toEqual([100, 10, 1])
  clock.pass(3 * HOUR)
  expect(clock.notices).toHaveLength(111)
  expect(clock.alerts.size).toBe(10_000)
  for (const { name } of channels) {
    const counted = sentTo(name).reduce((sum, { payload }) => sum + (payload['counts'] as { firing: number }).firing, 0)
    expect(counted).toBe(10_000)
    const keys = new Set(sentTo(name).map(({ key }) => key))
    const told = clock.decisions.filter(
      (one) => one.channel === name && one.outcome === 'sent' && keys.has(one.notice ?? ''),
    )
    expect(new Set(told.map(({ alert }) => alert)).size).toBe(10_000)
  }
  // A message says how many it does not spell out.
  const payload = sentTo('one')[0]?.payload ?? {}
  expect((payload['sections'] as readonly unknown[]).length + Number(payload['more'])).toBe(10_000)
  expect(performance.now() - started).toBeLessThan(30_000)
})
