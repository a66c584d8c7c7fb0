/** The shape of `schedule:` of a source and of each entry of `schedules:`. What goes together is judged by `buildSchedule`. */
import { z } from 'zod'
import type { CatchUpPolicy, OverlapPolicy } from '@tidegate/core'
import { duration } from './arrival-schema.ts'
import { cronProblem } from './cron-problem.ts'
import { parseDuration } from './units.ts'

export interface ScheduleFileEntry {
  readonly cron?: string | undefined
  readonly every?: string | undefined
  readonly on_arrival?: boolean | undefined
  readonly poll?: string | undefined
  readonly timezone?: string | undefined
  readonly overlap: OverlapPolicy
  readonly catch_up: CatchUpPolicy
  readonly catch_up_limit: number
  readonly catch_up_window: string
  readonly starting_deadline?: string | undefined
  readonly jitter: string
  readonly retries: { readonly max_attempts: number; readonly first_delay: string; readonly max_delay: string }
  readonly expire_after?: string | undefined
}

export const timezone: z.ZodType<string> = z
  .string()
  .refine(isTimezone, 'must be a time zone such as UTC or Europe/Berlin')

/** A duration that something is done again after: less is a busy loop, more never comes. */
const period = duration.refine((value) => {
  const ms = parseDuration(value)
  return ms === undefined || (ms >= 1000 && ms <= LONGEST_MS)
}, 'must be between 1s and 366d')
const positive = duration.refine((value) => parseDuration(value) !== 0, 'must be more than 0')
const LONGEST_MS = 366 * 86_400_000

/** `kind: 'source'` has `on_arrival` beside what every schedule has. */
export function scheduleSchema(kind: 'source' | 'project'): z.ZodType<ScheduleFileEntry> {
  const common = z.strictObject({
    cron: z
      .string()
      .superRefine((text, context) => {
        const message = cronProblem(text)
        if (message !== undefined) context.addIssue({ code: 'custom', message })
      })
      .optional()
      .describe('Minute, hour, day, month, weekday, in `timezone`.'),
    every: period.optional().describe('At every multiple of this, such as 15m.'),
    timezone: timezone.optional().describe('Zone of `cron`. Default: UTC.'),
    overlap: z
      .enum(['forbid', 'queue', 'replace', 'allow'])
      .default('forbid')
      .describe(
        'What happens at an instant whose predecessor still runs: skip it, let one wait, cancel what runs, run both.',
      ),
    catch_up: z
      .enum(['none', 'latest', 'all'])
      .default('latest')
      .describe('Which instants are made up for that passed while no daemon ran.'),
    catch_up_limit: z.int().min(1).max(1000).default(10).describe('With `catch_up: all`: at most so many, the newest.'),
    catch_up_window: positive.default('24h').describe('What is older is never made up for.'),
    starting_deadline: positive
      .optional()
      .describe('An instant that is later than this is missed. Default: the period, at most an hour.'),
    jitter: duration.default('0s').describe('Each instant starts later by a share of this that its name decides.'),
    retries: z
      .strictObject({
        max_attempts: z.int().min(1).max(100).default(3).describe('Attempts in all.'),
        first_delay: duration
          .default('30s')
          .describe('Wait after the first failed attempt; doubled with each further.'),
        max_delay: duration.default('1h'),
      })
      .prefault({})
      .describe('What happens when a run fails.'),
    expire_after: positive
      .optional()
      .describe('A run that takes longer is ended. Default: it may take as long as it takes.'),
  })
  if (kind === 'project') return common
  return common
    .extend({
      on_arrival: z.boolean().optional().describe('Run when there are files to do; looked for every `poll`.'),
      poll: period.optional().describe('With `on_arrival`: how often the source is looked at. Default: 30s.'),
    })
    .describe('When the daemon ingests the source: one of `cron`, `every`, `on_arrival`.')
}

function isTimezone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
