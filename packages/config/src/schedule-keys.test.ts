import { expect, test } from 'vitest'
import type { ScheduleConfig } from '@tidegate/core'
import { parseConfig, type ConfigResult } from './parse-config.ts'
import { EVERY_15_MINUTES } from './testing/daemon-defaults.ts'

function read(schedule: string): Exclude<ConfigResult, { kind: 'missing' }> {
  return parseConfig(`version: 1\nsources:\n  a:\n    path: in\n    schedule: ${schedule}\n`, { directory: '/p' })
}

function scheduleOf(schedule: string): ScheduleConfig | undefined {
  const result = read(schedule)
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result.problems))
  return result.config.sources[0]?.schedule
}

test('every key of a schedule is read, durations as milliseconds', () => {
  const text = `{ cron: " 0  2 * * mon-fri", timezone: Europe/Berlin, overlap: queue, catch_up: all, catch_up_limit: 3,
      catch_up_window: 2h, starting_deadline: 5m, jitter: 90s, retries: { max_attempts: 5, first_delay: 1s, max_delay: 1m },
      expire_after: 6h }`
  expect(scheduleOf(text)).toEqual({
    trigger: { kind: 'cron', cron: '0 2 * * mon-fri', timezone: 'Europe/Berlin' },
    overlap: 'queue',
    catchUp: 'all',
    catchUpLimit: 3,
    catchUpWindowMs: 7_200_000,
    startingDeadlineMs: 300_000,
    jitterMs: 90_000,
    retries: { maxAttempts: 5, firstDelayMs: 1000, maxDelayMs: 60_000 },
    expiryMs: 21_600_000,
  })
})

test('an interval and a watch for files need no more than their trigger', () => {
  expect(scheduleOf('{ every: 15m }')).toEqual({ ...EVERY_15_MINUTES, trigger: { kind: 'interval', everyMs: 900_000 } })
  expect(scheduleOf('{ on_arrival: true }')?.trigger).toEqual({ kind: 'arrival', pollMs: 30_000 })
  expect(scheduleOf('{ on_arrival: true, poll: 5s }')?.trigger).toEqual({ kind: 'arrival', pollMs: 5000 })
})

test.each([
  ['{}', 'CONFIG_MISSING_KEY', '`sources.a.schedule` does not say when'],
  ['{ on_arrival: false }', 'CONFIG_MISSING_KEY', '`sources.a.schedule` does not say when'],
  ['{ cron: "0 2 * * *", every: 1h }', 'CONFIG_VALUE', '`sources.a.schedule` has `cron` and `every`'],
  ['{ every: 1h, on_arrival: true }', 'CONFIG_VALUE', '`sources.a.schedule` has `every` and `on_arrival`'],
  ['{ every: 1h, poll: 5s }', 'CONFIG_VALUE', '`sources.a.schedule.poll` belongs to `on_arrival: true`'],
  [
    '{ cron: "0 0 30 2 *" }',
    'CONFIG_VALUE',
    '`sources.a.schedule.cron` must be a cron expression of a date that comes',
  ],
  ['{ cron: "61 * * * *" }', 'CONFIG_VALUE', '`sources.a.schedule.cron` must be a cron expression: "61" is no minute'],
  [
    '{ cron: "0 0 * * fry" }',
    'CONFIG_VALUE',
    '`sources.a.schedule.cron` must be a cron expression: "fry" is no weekday',
  ],
  ['{ cron: "0 0 31 4,6,9,11 *" }', 'CONFIG_VALUE', '`sources.a.schedule.cron` must be a cron expression'],
  ['{ cron: "* * * * * *" }', 'CONFIG_VALUE', '`sources.a.schedule.cron` must be a cron expression'],
  ['{ every: 0s }', 'CONFIG_VALUE', '`sources.a.schedule.every` must be between 1s and 366d'],
  ['{ every: 1ms }', 'CONFIG_VALUE', '`sources.a.schedule.every` must be between 1s and 366d'],
  ['{ every: 10000w }', 'CONFIG_VALUE', '`sources.a.schedule.every` must be between 1s and 366d'],
  ['{ every: 15 }', 'CONFIG_TYPE', '`sources.a.schedule.every` must be a duration'],
  ['{ every: 1h, jitter: 1h }', 'CONFIG_VALUE', '`sources.a.schedule.jitter` is not shorter than `every`'],
  ['{ every: 1h, timezone: Mars/Base }', 'CONFIG_VALUE', '`sources.a.schedule.timezone` must be a time zone'],
  ['{ every: 1h, overlap: forbit }', 'CONFIG_VALUE', '`sources.a.schedule.overlap` must be one of forbid, queue'],
  ['{ every: 1h, catch_up_limit: 1e9 }', 'CONFIG_VALUE', '`sources.a.schedule.catch_up_limit` must be at most 1000'],
  ['{ every: 1h, retries: { max_attempts: 0 } }', 'CONFIG_VALUE', '`sources.a.schedule.retries.max_attempts` must be'],
  ['{ every: 1h, retries: { first_delay: 2h } }', 'CONFIG_VALUE', '`sources.a.schedule.retries.first_delay` is longer'],
  ['{ every: 1h, expire_after: 0s }', 'CONFIG_VALUE', '`sources.a.schedule.expire_after` must be more than 0'],
])('schedule: %s is refused, and nothing else is said', (schedule, code, message) => {
  const result = read(schedule)
  const problems = result.kind === 'problems' ? result.problems : []
  expect(problems.map((problem) => problem.code)).toEqual([code])
  expect(problems[0]?.message).toContain(message)
  expect(problems[0]?.line).toBe(5)
})

test('a zone without cron has no effect, and that is said', () => {
  const result = read('{ every: 1h, timezone: Europe/Berlin }')
  expect(result.kind === 'ok' ? result.warnings.map(({ message }) => message) : []).toEqual([
    '`sources.a.schedule.timezone` has no effect without `cron`',
  ])
})
