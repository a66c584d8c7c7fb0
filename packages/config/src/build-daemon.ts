/** `schedules`, `alerts`, `server` and `prices` → core's spelling. */
import type { Config, ScheduleConfig, SourceConfig } from '@tidegate/core'
import { buildSchedule } from './build-schedule.ts'
import type { DaemonFile } from './daemon-schema.ts'
import { toAbsolute, type BuildContext } from './paths-and-templates.ts'
import type { Problem } from './problem.ts'
import { parseDuration, parseSize } from './units.ts'

type Daemon = Pick<Config, 'schedules' | 'alerts' | 'server' | 'prices'>

export function buildDaemon(
  file: DaemonFile,
  sources: readonly Pick<SourceConfig, 'expect'>[],
  context: BuildContext,
  problems: Problem[],
): Daemon {
  const { alerts, server, prices } = file
  const scheduleOf = (name: 'maintain' | 'arrivals'): ScheduleConfig | undefined => {
    const entry = file.schedules[name]
    return entry === undefined ? undefined : buildSchedule(entry, ['schedules', name], context.tree, problems)
  }
  return {
    schedules: { maintain: scheduleOf('maintain'), arrivals: scheduleOf('arrivals') ?? defaultArrivals(sources) },
    alerts: {
      forMs: durationOf(alerts.for),
      groupWaitMs: durationOf(alerts.group_wait),
      groupIntervalMs: durationOf(alerts.group_interval),
      repeatIntervalMs: durationOf(alerts.repeat_interval),
      groupBy: [...new Set(alerts.group_by)],
    },
    server: {
      host: server.host,
      port: server.port,
      allowedHosts: server.allowed_hosts.map((host) => host.toLowerCase()),
      corsOrigins: server.cors_origins,
      roots: server.roots?.map((root) => toAbsolute(root, ['server', 'roots'], context, problems)) ?? [
        context.directory,
      ],
      requestsPerMinute: server.requests_per_minute,
      bodyLimitBytes: parseSize(String(server.body_limit)) ?? 2 ** 20,
      maxRuns: server.max_runs,
      drainMs: durationOf(server.drain),
      openMetrics: server.open_metrics,
    },
    prices: {
      currency: prices.currency,
      computePerHour: prices.compute_per_hour,
      storageRequestsPer1000: prices.storage_requests_per_1000,
    },
  }
}

/** Where nobody said how often: every minute, as soon as one source expects something. */
export function defaultArrivals(sources: readonly Pick<SourceConfig, 'expect'>[]): ScheduleConfig | undefined {
  if (sources.every(({ expect }) => expect === undefined)) return undefined
  return {
    trigger: { kind: 'interval', everyMs: 60_000 },
    overlap: 'forbid',
    catchUp: 'latest',
    catchUpLimit: 10,
    catchUpWindowMs: 86_400_000,
    startingDeadlineMs: undefined,
    jitterMs: 0,
    retries: { maxAttempts: 3, firstDelayMs: 30_000, maxDelayMs: 3_600_000 },
    expiryMs: undefined,
  }
}

function durationOf(text: string): number {
  return parseDuration(text) ?? 0
}
