import type { ChannelConfig, Config, ScheduleConfig, SourceConfig } from '@tidegate/core'
import { expect, test } from 'vitest'
import { nextInstant } from './calendar.ts'
import { schedulesOf } from './schedules-of.ts'

const nightly: ScheduleConfig = {
  trigger: { kind: 'cron', cron: '30 2 * * *', timezone: 'UTC' },
  overlap: 'forbid',
  catchUp: 'latest',
  catchUpLimit: 10,
  catchUpWindowMs: 86_400_000,
  startingDeadlineMs: undefined,
  jitterMs: 0,
  retries: { maxAttempts: 3, firstDelayMs: 60_000, maxDelayMs: 3_600_000 },
  expiryMs: undefined,
}

function source(name: string, schedule: ScheduleConfig | undefined): SourceConfig {
  return { name, schedule } as SourceConfig
}

function channel(name: string, on: readonly string[], at: string, timezone: string): ChannelConfig {
  return { name, on, digest: { at, timezone } } as unknown as ChannelConfig
}

test('sources with a schedule, what concerns the project, and digests of those who ask for one, by id', () => {
  const config: Pick<Config, 'sources' | 'schedules' | 'channels'> = {
    sources: [source('orders', nightly), source('by-hand', undefined), source('clicks', nightly)],
    schedules: { maintain: nightly, arrivals: undefined },
    channels: [
      channel('ops', ['run_failed'], '08:00', 'UTC'),
      channel('team', ['daily_digest'], '08:05', 'Europe/Berlin'),
    ],
  }
  const schedules = schedulesOf(config)
  expect(schedules.map(({ id, command, subject }) => [id, command, subject])).toEqual([
    ['digest:team', 'digest', 'team'],
    ['ingest:clicks', 'ingest', 'clicks'],
    ['ingest:orders', 'ingest', 'orders'],
    ['maintain', 'maintain', ''],
  ])
  const digest = schedules[0]?.config.trigger ?? nightly.trigger
  // 08:05 in Berlin is 06:05 UTC in summer.
  expect(nextInstant(digest, 0, Date.parse('2026-06-10T00:00Z'))).toBe(Date.parse('2026-06-10T06:05Z'))
})

test('a project that asks for nothing has none', () => {
  expect(schedulesOf({ sources: [], schedules: { maintain: undefined, arrivals: undefined }, channels: [] })).toEqual(
    [],
  )
})
