import type { ChannelConfig, Config, ScheduleConfig } from '@tidegate/core'
import type { WantedSchedule } from './scheduler-types.ts'

/**
 * The schedules that a configuration asks for: `ingest:<source>`, `maintain`, `arrivals`, and `digest:<channel>` for channels
 * that ask for `daily_digest`. Sorted by id.
 */
export function schedulesOf(config: Pick<Config, 'sources' | 'schedules' | 'channels'>): readonly WantedSchedule[] {
  const { maintain, arrivals } = config.schedules
  const schedules: WantedSchedule[] = config.sources.flatMap(({ name, schedule }) =>
    schedule === undefined ? [] : [{ id: `ingest:${name}`, command: 'ingest', subject: name, config: schedule }],
  )
  if (maintain !== undefined) schedules.push({ id: 'maintain', command: 'maintain', subject: '', config: maintain })
  if (arrivals !== undefined) schedules.push({ id: 'arrivals', command: 'arrivals', subject: '', config: arrivals })
  for (const channel of config.channels)
    if (channel.on.includes('daily_digest'))
      schedules.push({
        id: `digest:${channel.name}`,
        command: 'digest',
        subject: channel.name,
        config: digest(channel),
      })
  return schedules.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Yesterday's digest is worth sending for some hours; two of them are worth no more than the newer one. */
function digest({ digest: { at, timezone } }: ChannelConfig): ScheduleConfig {
  const [hour = '0', minute = '0'] = at.split(':')
  return {
    trigger: { kind: 'cron', cron: `${String(Number(minute))} ${String(Number(hour))} * * *`, timezone },
    overlap: 'forbid',
    catchUp: 'latest',
    catchUpLimit: 1,
    catchUpWindowMs: 6 * HOUR_MS,
    startingDeadlineMs: undefined,
    jitterMs: 0,
    retries: { maxAttempts: 3, firstDelayMs: 60_000, maxDelayMs: HOUR_MS },
    expiryMs: 10 * 60_000,
  }
}

const HOUR_MS = 3_600_000
