/** What `docs/configuration.md` says that is in force where nothing is written, in core's spelling. */
import type { Config, ScheduleConfig } from '@tidegate/core'

export const EVERY_15_MINUTES: ScheduleConfig = {
  trigger: { kind: 'cron', cron: '*/15 * * * *', timezone: 'UTC' },
  overlap: 'forbid',
  catchUp: 'latest',
  catchUpLimit: 10,
  catchUpWindowMs: 86_400_000,
  startingDeadlineMs: undefined,
  jitterMs: 0,
  retries: { maxAttempts: 3, firstDelayMs: 30_000, maxDelayMs: 3_600_000 },
  expiryMs: undefined,
}

/** Of a project in `/project` with a source that expects files. */
export const DAEMON_DEFAULTS: Pick<Config, 'schedules' | 'alerts' | 'server' | 'prices'> = {
  schedules: {
    maintain: undefined,
    arrivals: { ...EVERY_15_MINUTES, trigger: { kind: 'interval', everyMs: 60_000 } },
  },
  alerts: {
    forMs: 0,
    groupWaitMs: 30_000,
    groupIntervalMs: 300_000,
    repeatIntervalMs: 14_400_000,
    groupBy: ['source'],
  },
  server: {
    host: '127.0.0.1',
    port: 4300,
    allowedHosts: [],
    corsOrigins: [],
    roots: ['/project'],
    requestsPerMinute: 600,
    bodyLimitBytes: 1_048_576,
    maxRuns: 2,
    drainMs: 25_000,
    openMetrics: true,
  },
  prices: { currency: 'USD', computePerHour: 0, storageRequestsPer1000: 0 },
}
