import { expect, test } from 'vitest'
import type { Config } from '@tidegate/core'
import { parseConfig } from './parse-config.ts'
import type { Problem } from './problem.ts'
import { EVERY_15_MINUTES } from './testing/daemon-defaults.ts'

const SOURCE = 'sources: { a: { path: in } }\n'

function config(text: string): Config {
  const result = parseConfig(`version: 1\n${SOURCE}${text}`, { directory: '/project' })
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result.problems))
  return result.config
}

function problems(text: string): readonly Problem[] {
  const result = parseConfig(`version: 1\n${SOURCE}${text}`, { directory: '/project' })
  return result.kind === 'problems' ? result.problems : []
}

test('what the daemon reads is read whole', () => {
  const { schedules, alerts, server, prices } =
    config(`schedules: { maintain: { cron: "0 3 * * *" }, arrivals: { every: 5m } }
alerts: { for: 2m, group_wait: 1m, group_interval: 10m, repeat_interval: 1d, group_by: [kind, source, kind] }
server: { host: 0.0.0.0, port: 8080, allowed_hosts: [Gate.Example.com], cors_origins: ["https://board.example.com"],
  roots: [landing, /data/lake], requests_per_minute: 60, body_limit: 2MiB, max_runs: 4, drain: 20s, open_metrics: false }
prices: { currency: EUR, compute_per_hour: 0.12, storage_requests_per_1000: 0.0054 }
`)
  expect(schedules.maintain).toEqual({
    ...EVERY_15_MINUTES,
    trigger: { kind: 'cron', cron: '0 3 * * *', timezone: 'UTC' },
  })
  expect(schedules.arrivals?.trigger).toEqual({ kind: 'interval', everyMs: 300_000 })
  expect(alerts).toEqual({
    forMs: 120_000,
    groupWaitMs: 60_000,
    groupIntervalMs: 600_000,
    repeatIntervalMs: 86_400_000,
    groupBy: ['kind', 'source'],
  })
  expect(server).toEqual({
    host: '0.0.0.0',
    port: 8080,
    allowedHosts: ['gate.example.com'],
    corsOrigins: ['https://board.example.com'],
    roots: ['/project/landing', '/data/lake'],
    requestsPerMinute: 60,
    bodyLimitBytes: 2_097_152,
    maxRuns: 4,
    drainMs: 20_000,
    openMetrics: false,
  })
  expect(prices).toEqual({ currency: 'EUR', computePerHour: 0.12, storageRequestsPer1000: 0.0054 })
})

test('arrivals are looked at only where a source expects something', () => {
  expect(config('').schedules).toEqual({ maintain: undefined, arrivals: undefined })
})

test.each([
  ['server: { host: "http://gate" }', '`server.host` must be a host name'],
  ['server: { host: "127.0.0.1:80" }', '`server.host` must be a host name'],
  ['server: { port: 70000 }', '`server.port` must be at most 65535'],
  ['server: { cors_origins: ["*"] }', '`server.cors_origins.0` must be an origin'],
  ['server: { cors_origins: ["https://board.example.com/"] }', '`server.cors_origins.0` must be an origin'],
  ['server: { roots: [] }', '`server.roots` must name at least one folder'],
  ['server: { roots: ["s3://bucket"] }', '`server.roots` is not a local path'],
  ['server: { body_limit: 10GB }', '`server.body_limit` must be between 1KiB and 64MiB'],
  ['server: { drain: 30d }', '`server.drain` must be at most 24h'],
  ['server: { tokens: [tg_x] }', 'unknown key "tokens" in `server`'],
  ['alerts: { group_by: [channel] }', '`alerts.group_by.0` must be one of kind, source, dataset, severity'],
  ['alerts: { repeat_interval: 0s }', '`alerts.repeat_interval` must be more than 0'],
  ['prices: { currency: euro }', '`prices.currency` must be a currency code'],
  ['prices: { compute_per_hour: -1 }', '`prices.compute_per_hour` must be at least 0'],
  ['prices: { compute_per_hour: .inf }', '`prices.compute_per_hour` must be a number'],
  ['schedules: { arrivals: { on_arrival: true } }', 'unknown key "on_arrival" in `schedules.arrivals`'],
  ['schedules: { maintain: { timezone: UTC } }', '`schedules.maintain` does not say when'],
])('%s is refused', (line, message) => {
  const found = problems(`${line}\n`)
  expect(found[0]?.message).toContain(message)
  expect(found[0]?.line).toBe(3)
})
