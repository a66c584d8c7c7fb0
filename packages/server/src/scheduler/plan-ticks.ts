/**
 * What becomes of the instants of one schedule that nobody decided yet. Pure.
 *
 *   (1) No instant is decided twice: only those after the cursor are looked at, and of them none that has a tick already.
 *       The cursor goes down only where a clock was ahead.                                        [known-ticks.ts]
 *   (2) Every instant up to the new cursor is in a tick, or in the count of one; only polls for files leave no trace.
 *   (3) A tick that is `started` has one job, and its id follows from schedule and instant.
 *   (4) A paused schedule decides nothing; what it passed over is not decided later either (resuming moves the cursor).
 */
import type { AlertSignal, JobRecord, NewJob, ScheduleConfig, ScheduleRecord, TickRecord } from '@tidegate/core'
import { instantsBetween, lastRepeat, nextInstant } from './calendar.ts'
import { jobIdOf, jobOf } from './job-of.ts'
import { isDecided } from './known-ticks.ts'
import { MISSED_ROWS, missedSignal, resolvedSignal } from './missed-signals.ts'

export interface TickQuestion {
  readonly schedule: ScheduleRecord
  readonly nowMs: number
  /** Jobs of this schedule that wait or run, oldest first. */
  readonly openJobs: readonly JobRecord[]
  /** Of this schedule, after the cursor: there are some only after a clock was ahead. @defaultValue none */
  readonly known?: readonly TickRecord[] | undefined
  /** Of an arrival trigger: files are there. @defaultValue false */
  readonly hasFiles?: boolean | undefined
  /** An alert `schedule_missed` of this schedule is open: the next start resolves it. @defaultValue false */
  readonly isMissedOpen?: boolean | undefined
}

export interface TickPlan {
  /** In order of their instants. */
  readonly ticks: readonly TickRecord[]
  readonly jobs: readonly NewJob[]
  /** Open jobs that are asked to stop. */
  readonly cancel: readonly string[]
  readonly toCursorMs: number
  /** When there is something to decide next; `nowMs` where more is due than one plan takes. Null: never. */
  readonly nextWakeMs: number | null
  readonly signals: readonly AlertSignal[]
}

/** Instants that one plan looks at. */
const LOOKED_AT = 2000

const HOUR_MS = 3_600_000

export function planTicks(question: TickQuestion): TickPlan {
  const { schedule, nowMs } = question
  if (!schedule.isCurrent || schedule.pausedAtMs !== null) return nothing(schedule.cursorMs, null)
  if (schedule.config.trigger.kind === 'arrival') return planArrival(question)
  const { due: all, isBehind } = dueInstants(schedule, nowMs)
  const last = all.at(-1)
  if (last === undefined) return nothing(schedule.cursorMs, wakeAfter(schedule, schedule.cursorMs))
  const due = all.filter((instant) => !isDecided(question.known ?? [], instant, nowMs))
  const fates = isBehind ? due.map((instant) => tooLate(schedule, instant, nowMs)) : decideFates(question, due, last)
  const started = fates.filter((fate) => fate.state === 'started')
  const missed = fates.filter((fate) => fate.state === 'missed')
  const signals = [
    ...missedSignal(schedule, missed, started.length, nowMs),
    ...(started.length > 0 && question.isMissedOpen === true ? resolvedSignal(schedule, last, nowMs) : []),
  ]
  return {
    ticks: sumUp(fates).map((fate) => tickOf(schedule, fate, nowMs)),
    jobs: started.map((fate) => jobOf(schedule, fate.instantMs, fate.reason === null ? 'schedule' : 'catch-up', nowMs)),
    cancel: started.some((fate) => fate.replaces) ? openNow(question).map((job) => job.id) : [],
    toCursorMs: last,
    nextWakeMs: isBehind ? nowMs : wakeAfter(schedule, last),
    signals,
  }
}

/** Without those of instants to come, which a clock that was ahead made and which wait for their time. */
export function openNow({ openJobs, nowMs }: Pick<TickQuestion, 'openJobs' | 'nowMs'>): readonly JobRecord[] {
  return openJobs.filter(({ instantMs, attempts }) => attempts > 0 || instantMs === null || instantMs <= nowMs)
}

/** An instant and what becomes of it. */
export interface Fate {
  readonly instantMs: number
  readonly state: TickRecord['state']
  readonly reason: string | null
  readonly count: number
  readonly replaces: boolean
}

/**
 * Instants to decide now. Behind: there are more than one plan takes; those given are too old for the newest ones that
 * `catch_up` may still start, however many follow.
 */
function dueInstants(
  schedule: ScheduleRecord,
  nowMs: number,
): { readonly due: readonly number[]; readonly isBehind: boolean } {
  const { config, anchorMs, cursorMs } = schedule
  const kept = keptByCatchUp(config)
  const limit = Math.max(LOOKED_AT, 2 * kept)
  const due = instantsBetween(config.trigger, anchorMs, cursorMs, nowMs, limit)
  const last = due.at(-1)
  if (due.length < limit || last === undefined || !isLate(schedule, last, nowMs)) return { due, isBehind: false }
  return { due: due.slice(0, due.length - kept), isBehind: true }
}

function keptByCatchUp(config: ScheduleConfig): number {
  if (config.catchUp === 'none') return 0
  return config.catchUp === 'latest' ? 1 : config.catchUpLimit
}

/** A deadline that nobody set is the time until the next instant, at most an hour. */
function isLate(schedule: ScheduleRecord, instantMs: number, nowMs: number): boolean {
  const ageMs = nowMs - instantMs
  if (schedule.config.startingDeadlineMs !== undefined) return ageMs > schedule.config.startingDeadlineMs
  if (ageMs > HOUR_MS) return true
  const next = nextInstant(schedule.config.trigger, schedule.anchorMs, instantMs)
  return next !== undefined && ageMs > next - instantMs
}

function tooLate(schedule: ScheduleRecord, instantMs: number, nowMs: number): Fate {
  const { catchUp, catchUpWindowMs, startingDeadlineMs } = schedule.config
  let reason = 'catch-up-limit'
  if (catchUp === 'none') reason = startingDeadlineMs === undefined ? 'catch-up-none' : 'late'
  else if (nowMs - instantMs > catchUpWindowMs) reason = 'catch-up-window'
  return { instantMs, state: 'missed', reason, count: 1, replaces: false }
}

/**
 * First what is late: missed, but for the newest that `catch_up` takes. Then what may start, by what is open: `all` makes a
 * queue of everything that this round starts, because whoever wants every instant does not want them to push each other out.
 */
function decideFates(question: TickQuestion, due: readonly number[], newest: number): readonly Fate[] {
  const { schedule, nowMs } = question
  const { config } = schedule
  const late = due.filter((instant) => isLate(schedule, instant, nowMs))
  const caughtUp = new Set(takenByCatchUp(config, newest, late, nowMs))
  const isQueue = config.catchUp === 'all' && caughtUp.size > 0
  const missed = new Set(late.filter((instant) => !caughtUp.has(instant)))
  let open = openNow(question).length
  return due.map((instantMs): Fate => {
    if (missed.has(instantMs)) return tooLate(schedule, instantMs, nowMs)
    const isOverlap = !isQueue && overlaps(config, open, instantMs === newest)
    if (isOverlap) return { instantMs, state: 'skipped', reason: 'overlap', count: 1, replaces: false }
    open += 1
    const reason = caughtUp.has(instantMs) ? 'catch-up' : null
    return { instantMs, state: 'started', reason, count: 1, replaces: config.overlap === 'replace' && !isQueue }
  })
}

function takenByCatchUp(
  config: ScheduleConfig,
  newest: number,
  late: readonly number[],
  nowMs: number,
): readonly number[] {
  const young = late.filter((instant) => nowMs - instant <= config.catchUpWindowMs)
  if (config.catchUp === 'all') return config.catchUpLimit < 1 ? [] : young.slice(-config.catchUpLimit)
  // The newest of all: where that one is in time, nothing is left to be caught up.
  return config.catchUp === 'latest' ? young.slice(-1).filter((instant) => instant === newest) : []
}

function overlaps(config: ScheduleConfig, open: number, isNewest: boolean): boolean {
  if (config.overlap === 'forbid') return open > 0
  // One that runs, or is about to, and one that waits.
  if (config.overlap === 'queue') return open > 1
  // Of several at once the newest would replace the others before they started.
  return config.overlap === 'replace' && !isNewest
}

/** More than {@link MISSED_ROWS} missed ones of one reason become one row, at the newest of them. */
function sumUp(fates: readonly Fate[]): readonly Fate[] {
  const sums = new Map<string, { readonly count: number; readonly newestMs: number }>()
  for (const { state, reason, instantMs } of fates)
    if (state === 'missed')
      sums.set(reason ?? '', { count: (sums.get(reason ?? '')?.count ?? 0) + 1, newestMs: instantMs })
  return fates.flatMap((fate) => {
    const sum = fate.state === 'missed' ? sums.get(fate.reason ?? '') : undefined
    if (sum === undefined || sum.count <= MISSED_ROWS) return [fate]
    return fate.instantMs === sum.newestMs ? [{ ...fate, count: sum.count }] : []
  })
}

function tickOf(schedule: ScheduleRecord, fate: Fate, nowMs: number): TickRecord {
  const { instantMs, state, count } = fate
  const isStarted = state === 'started'
  const [reason, job] = isStarted ? [null, jobIdOf(schedule.id, instantMs)] : [fate.reason, null]
  return { schedule: schedule.id, instantMs, state, reason, job, count, decidedAtMs: nowMs }
}

/**
 * Looks for files are decided one at a time, the newest that is due. While a job of it is open nothing is: what that one
 * does not take is found by the look after it.
 */
function planArrival(question: TickQuestion): TickPlan {
  const { schedule, nowMs, hasFiles, known = [] } = question
  const { trigger } = schedule.config
  const instant = trigger.kind === 'cron' ? undefined : lastRepeat(trigger, schedule.anchorMs, nowMs)
  if (instant === undefined || instant <= schedule.cursorMs)
    return nothing(schedule.cursorMs, wakeAfter(schedule, schedule.cursorMs))
  if (hasFiles !== true || openNow(question).length > 0 || isDecided(known, instant, nowMs))
    return nothing(instant, wakeAfter(schedule, instant))
  const fate: Fate = { instantMs: instant, state: 'started', reason: null, count: 1, replaces: false }
  return {
    ...nothing(instant, wakeAfter(schedule, instant)),
    ticks: [tickOf(schedule, fate, nowMs)],
    jobs: [jobOf(schedule, instant, 'arrival', nowMs)],
  }
}

function wakeAfter(schedule: ScheduleRecord, afterMs: number): number | null {
  return nextInstant(schedule.config.trigger, schedule.anchorMs, Math.max(afterMs, schedule.anchorMs)) ?? null
}

function nothing(cursorMs: number, nextWakeMs: number | null): TickPlan {
  return { ticks: [], jobs: [], cancel: [], toCursorMs: cursorMs, nextWakeMs, signals: [] }
}
