import type { ScheduleConfig, ScheduleRecord } from '@tidegate/core'

export const hourly: ScheduleConfig = {
  trigger: { kind: 'cron', cron: '0 * * * *', timezone: 'UTC' },
  overlap: 'forbid',
  catchUp: 'latest',
  catchUpLimit: 10,
  catchUpWindowMs: 86_400_000,
  startingDeadlineMs: undefined,
  jitterMs: 0,
  retries: { maxAttempts: 3, firstDelayMs: 1000, maxDelayMs: 60_000 },
  expiryMs: undefined,
}

/** The hourly ingest of a source. */
export function makeSchedule(source: string): Pick<ScheduleRecord, 'id' | 'command' | 'subject' | 'config'> {
  return { id: `ingest:${source}`, command: 'ingest', subject: source, config: hourly }
}
