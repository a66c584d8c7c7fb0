import type { ScheduleConfig, ScheduledCommand, ScheduleRecord, ScheduleTrigger } from '@tidegate/core'
import { z } from 'zod'
import { instantsBetween } from '../scheduler/calendar.ts'
import { TOLERATED_MS, TRUSTED_MS } from '../scheduler/known-ticks.ts'
import { instant, isoOf, isoOrNull, maybe } from './fields.ts'

const trigger = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('cron'), cron: z.string(), timezone: z.string() }),
    z.object({ kind: z.literal('interval'), everyMs: z.int().min(1) }),
    z.object({ kind: z.literal('arrival'), pollMs: z.int().min(1) }),
  ])
  .meta({
    id: 'ScheduleTrigger',
    description: 'When something is done: by pattern, by interval, or when files arrive.',
  })

export interface RuleView {
  readonly trigger: ScheduleTrigger
  readonly overlap: ScheduleConfig['overlap']
  readonly catchUp: ScheduleConfig['catchUp']
  readonly catchUpLimit: number
  readonly catchUpWindowMs: number
  readonly startingDeadlineMs: number | null
  readonly jitterMs: number
  readonly retries: ScheduleConfig['retries']
  readonly expiryMs: number | null
}

export interface ScheduleView {
  readonly id: string
  readonly command: ScheduledCommand
  readonly subject: string
  readonly state: 'active' | 'paused' | 'gone'
  readonly timezone: string
  readonly rule: RuleView
  readonly next: readonly string[]
  readonly decidedUntil: string
  readonly pausedAt: string | null
  readonly pausedBy: string | null
  readonly problem: string | null
}

export const ruleSchema: z.ZodType<RuleView> = z
  .object({
    trigger,
    overlap: z.enum(['forbid', 'queue', 'replace', 'allow']),
    catchUp: z.enum(['none', 'latest', 'all']),
    catchUpLimit: z.int().min(0),
    catchUpWindowMs: z.int().min(0),
    startingDeadlineMs: maybe(z.int().min(0)),
    jitterMs: z.int().min(0),
    retries: z.object({ maxAttempts: z.int().min(1), firstDelayMs: z.int().min(0), maxDelayMs: z.int().min(0) }),
    expiryMs: maybe(z.int().min(0)),
  })
  .meta({
    id: 'ScheduleRule',
    description: 'As the configuration has it, with its defaults. Durations are milliseconds.',
  })

export const scheduleSchema: z.ZodType<ScheduleView> = z
  .object({
    id: z.string().meta({ examples: ['ingest:orders', 'maintain'] }),
    command: z.enum(['ingest', 'maintain', 'arrivals', 'digest']),
    subject: z.string().meta({ description: 'The source; empty where the whole project is meant.' }),
    state: z.enum(['active', 'paused', 'gone']).meta({ description: '`gone`: the configuration has it no more.' }),
    timezone: z.string().meta({ description: 'In which its pattern is meant; UTC for intervals.' }),
    rule: ruleSchema,
    next: z.array(instant('An instant to come.')).meta({ description: 'The next five; none while it is paused.' }),
    decidedUntil: instant('Every instant up to here is decided.'),
    pausedAt: maybe(instant('Since when.')),
    pausedBy: maybe(z.string()),
    problem: maybe(z.string()).meta({ description: 'Why it starts nothing although it is active, and what mends it.' }),
  })
  .meta({ id: 'Schedule', description: 'Something that is done without being asked for.' })

const NEXT = 5
/** A pattern that is due on 29 February of a Monday has its next instant within this. */
const FAR_MS = 30 * 366 * 86_400_000

export function toSchedule(schedule: ScheduleRecord, nowMs: number): ScheduleView {
  const { config, pausedAtMs, isCurrent } = schedule
  const state = isCurrent ? (pausedAtMs === null ? 'active' : 'paused') : 'gone'
  return {
    id: schedule.id,
    command: schedule.command,
    subject: schedule.subject,
    state,
    timezone: zoneOf(config),
    rule: toRule(config),
    next: state === 'active' ? nextInstants(config, schedule.anchorMs, nowMs) : [],
    decidedUntil: isoOf(schedule.cursorMs),
    pausedAt: isoOrNull(pausedAtMs),
    pausedBy: schedule.pausedBy,
    problem: state === 'active' ? problemOf(schedule, nowMs) : null,
  }
}

/** As the scheduler sees it: a little is waited for, up to a week mends itself at its next look. */
function problemOf({ cursorMs }: ScheduleRecord, nowMs: number): string | null {
  if (cursorMs <= nowMs + TOLERATED_MS) return null
  const what = `The clock was ahead, and it is decided up to ${isoOf(cursorMs)}.`
  const mends =
    cursorMs <= nowMs + TRUSTED_MS ? 'It goes on within seconds.' : 'Pause and resume it: it goes on from now.'
  return `${what} ${mends}`
}

export function nextInstants(config: ScheduleConfig, anchorMs: number, nowMs: number): string[] {
  return instantsBetween(config.trigger, anchorMs, nowMs, nowMs + FAR_MS, NEXT).map((ms) => isoOf(ms))
}

export function zoneOf({ trigger: rule }: ScheduleConfig): string {
  return rule.kind === 'cron' ? rule.timezone : 'UTC'
}

export function toRule(config: ScheduleConfig): RuleView {
  return {
    trigger: { ...config.trigger },
    overlap: config.overlap,
    catchUp: config.catchUp,
    catchUpLimit: config.catchUpLimit,
    catchUpWindowMs: config.catchUpWindowMs,
    startingDeadlineMs: config.startingDeadlineMs ?? null,
    jitterMs: config.jitterMs,
    retries: { ...config.retries },
    expiryMs: config.expiryMs ?? null,
  }
}
