/** When something is done without anybody asking for it. Times are Unix milliseconds, UTC; durations milliseconds. */

export type ScheduleTrigger =
  | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string }
  /** At every whole multiple of `everyMs` after the schedule's anchor. */
  | { readonly kind: 'interval'; readonly everyMs: number }
  /** When files arrive: the source is looked at this often, and run when there is something to do. */
  | { readonly kind: 'arrival'; readonly pollMs: number }

/** What happens at an instant whose predecessor still runs. */
export type OverlapPolicy =
  /** The instant is skipped. */
  | 'forbid'
  /** It waits; at most one waits, a further one is skipped. */
  | 'queue'
  /** What runs is cancelled first. */
  | 'replace'
  /** Both run, as far as the source's lease lets them: a second one waits for it. */
  | 'allow'

/** What becomes of instants that passed while no scheduler ran. */
export type CatchUpPolicy = 'none' | 'latest' | 'all'

export interface ScheduleConfig {
  readonly trigger: ScheduleTrigger
  readonly overlap: OverlapPolicy
  readonly catchUp: CatchUpPolicy
  /** With `all`: at most so many, the newest; the others are recorded as missed. */
  readonly catchUpLimit: number
  /** What is older is never caught up. */
  readonly catchUpWindowMs: number
  /** An instant that is later than this when it is decided counts as missed. Undefined: the period, at most an hour. */
  readonly startingDeadlineMs: number | undefined
  /** Each instant starts later by a share of this that its name decides. */
  readonly jitterMs: number
  readonly retries: RetryConfig
  /** A run that takes longer is ended as `expired`. Undefined: it may take as long as it takes. */
  readonly expiryMs: number | undefined
}

export interface RetryConfig {
  /** Attempts in all; after the last failed one the job is dead until somebody drives it again. */
  readonly maxAttempts: number
  /** Wait after the first failed attempt; doubled with each further one. */
  readonly firstDelayMs: number
  readonly maxDelayMs: number
}

/** What is done at an instant. `subject`: the source; `` for what concerns the whole project. */
export type ScheduledCommand = 'ingest' | 'maintain' | 'arrivals' | 'digest'

/** A schedule as the state keeps it; the rule itself comes from the configuration at each start. */
export interface ScheduleRecord {
  /** `ingest:orders`, `maintain`, `arrivals`, `digest:ops`. */
  readonly id: string
  readonly command: ScheduledCommand
  readonly subject: string
  readonly config: ScheduleConfig
  /** From here on instants count. Moved to now when the rule was edited, so that an edit never runs anything of the past. */
  readonly anchorMs: number
  /** Every instant up to here is decided. Goes down only after a clock was ahead; ticks keep what was started from being started again. */
  readonly cursorMs: number
  readonly pausedAtMs: number | null
  readonly pausedBy: string | null
  /** False once the configuration does not have it any more. */
  readonly isCurrent: boolean
}

export type TickState = 'started' | 'skipped' | 'missed'

/** What became of one instant of a schedule. Unique by (schedule, instant): decided once, for ever. */
export interface TickRecord {
  readonly schedule: string
  readonly instantMs: number
  readonly state: TickState
  /** Why it was skipped or missed: `overlap`, `paused`, `late`, `catch-up-limit`, `catch-up-window`, `catch-up-none`, `no-files`. */
  readonly reason: string | null
  /** Of `started`: the job it became. */
  readonly job: string | null
  /** Instants that this row stands for: long absences are summed up in one row. */
  readonly count: number
  readonly decidedAtMs: number
}
