/** The shape of what only the daemon reads: `schedules`, `alerts`, `server`, `prices`. */
import { z } from 'zod'
import type { AlertsConfig } from '@tidegate/core'
import { duration, size } from './arrival-schema.ts'
import { scheduleSchema, type ScheduleFileEntry } from './schedule-schema.ts'
import { parseDuration, parseSize } from './units.ts'

export interface DaemonFile {
  readonly schedules: {
    readonly maintain?: ScheduleFileEntry | undefined
    readonly arrivals?: ScheduleFileEntry | undefined
  }
  readonly alerts: {
    readonly for: string
    readonly group_wait: string
    readonly group_interval: string
    readonly repeat_interval: string
    readonly group_by: AlertsConfig['groupBy']
  }
  readonly server: {
    readonly host: string
    readonly port: number
    readonly allowed_hosts: readonly string[]
    readonly cors_origins: readonly string[]
    /** Undefined: the project's folder. */
    readonly roots?: readonly string[] | undefined
    readonly requests_per_minute: number
    readonly body_limit: string | number
    readonly max_runs: number
    readonly drain: string
    readonly open_metrics: boolean
  }
  readonly prices: {
    readonly currency: string
    readonly compute_per_hour: number
    readonly storage_requests_per_1000: number
  }
}

const text = z.string().min(1, 'must not be empty')
const hostName = text.refine(isHostName, 'must be a host name or an address, without scheme and port')
const origin = z.string().refine(isOrigin, 'must be an origin such as https://board.example.com, without a path')
const price = z.number().min(0).max(1e9)
/** `setTimeout` counts to 24.8 days. */
const shortDuration = duration.refine((value) => (parseDuration(value) ?? 0) <= 86_400_000, 'must be at most 24h')
const someDuration = duration.refine((value) => (parseDuration(value) ?? 1) > 0, 'must be more than 0')

export function daemonShape(): { readonly [Key in keyof DaemonFile]: z.ZodType<DaemonFile[Key]> } {
  return {
    schedules: z
      .strictObject({
        maintain: scheduleSchema('project').optional().describe('When `tidegate maintain` runs. Default: never.'),
        arrivals: scheduleSchema('project')
          .optional()
          .describe(
            'When it is looked whether what `expect:` asks for has come. Default: every minute where a source expects.',
          ),
      })
      .prefault({})
      .describe("What the daemon does beside the sources' own schedules."),
    alerts: z
      .strictObject({
        for: duration.default('0s').describe('How long something must last before it is told.'),
        group_wait: duration.default('30s').describe('How long the first message of a group waits for others.'),
        group_interval: someDuration.default('5m').describe('At least so long between two messages of one group.'),
        repeat_interval: someDuration.default('4h').describe('What is still open is told again after this.'),
        group_by: z
          .array(z.enum(['kind', 'source', 'dataset', 'severity']))
          .default(['source'])
          .describe('What shares these is told together; with [] everything is.'),
      })
      .prefault({})
      .describe('When people are told.'),
    server: z
      .strictObject({
        host: hostName.default('127.0.0.1').describe('Anything but a loopback address needs at least one token.'),
        port: z.int().min(0).max(65_535).default(4300),
        allowed_hosts: z
          .array(hostName)
          .default([])
          .describe('Host headers that are answered, beside the loopback names; without port.'),
        cors_origins: z.array(origin).default([]).describe('Origins that browsers may call from.'),
        roots: z
          .array(text.refine((value) => !value.includes('\0'), 'must not contain a NUL character'))
          .min(1, 'must name at least one folder')
          .optional()
          .describe("Folders in which ingestions made by API may read and write. Default: the project's folder."),
        requests_per_minute: z.int().min(1).max(1_000_000).default(600).describe('Of one token or address.'),
        body_limit: size
          .refine((value) => {
            const bytes = parseSize(String(value)) ?? 1024
            return bytes >= 1024 && bytes <= 64 * 2 ** 20
          }, 'must be between 1KiB and 64MiB')
          .default('1MiB')
          .describe("Of a request's body."),
        max_runs: z.int().min(1).max(64).default(2).describe('Runs at the same time.'),
        drain: shortDuration.default('25s').describe('How long running work may take to end after SIGTERM.'),
        open_metrics: z
          .boolean()
          .default(true)
          .describe('`/metrics` without a token; `/livez` and `/readyz` never need one.'),
      })
      .prefault({})
      .describe('How the daemon listens and what it lets callers do.'),
    prices: z
      .strictObject({
        currency: z
          .string()
          .regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR')
          .default('USD'),
        compute_per_hour: price.default(0).describe('Of the machine.'),
        storage_requests_per_1000: price.default(0).describe('Per thousand requests to the store.'),
      })
      .prefault({})
      .describe('What work costs, for estimates.'),
  }
}

function isHostName(value: string): boolean {
  return value.length <= 253 && (/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(value) || isAddress6(value))
}

function isAddress6(value: string): boolean {
  return /^[0-9A-Fa-f:.]+$/.test(value) && value.includes(':') && URL.canParse(`http://[${value}]/`)
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value
}
