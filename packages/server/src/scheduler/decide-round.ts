import { setImmediate as pause } from 'node:timers/promises'
import {
  isTidegateError,
  stringifyJson,
  type JobRecord,
  type ScheduleRecord,
  type TickDecision,
  type TickRecord,
} from '@tidegate/core'
import type { LeadershipKeeper } from './leadership.ts'
import type { FileLooks } from './look-for-files.ts'
import { mindTheClock, runs } from './mind-the-clock.ts'
import { subjectOfAlert } from './missed-signals.ts'
import { openNow, planTicks, type TickPlan } from './plan-ticks.ts'
import { recall, type Recalled, type RoundMemory } from './round-memory.ts'
import type { SchedulerOptions } from './scheduler-types.ts'

/** What a round is made with. */
interface Round {
  readonly options: SchedulerOptions
  readonly keeper: LeadershipKeeper
  readonly looks: FileLooks
  readonly memory: RoundMemory
}

/** A schedule that is decided now. */
interface Turn {
  readonly stored: ScheduleRecord
  readonly recalled: Recalled
  readonly plan: TickPlan
}

/** Decides what is due of all schedules. Returns when to come back; null: when somebody wakes it. */
export async function decideRound(
  options: SchedulerOptions,
  keeper: LeadershipKeeper,
  looks: FileLooks,
  memory: RoundMemory,
): Promise<number | null> {
  const round: Round = { options, keeper, looks, memory }
  const schedules = await mindTheClock(options, keeper, memory, await currentSchedules(options, memory))
  let open: ReadonlyMap<string, readonly JobRecord[]> | undefined
  let batch: Turn[] = []
  let rows = 0
  let sinceMs = performance.now()
  for (const stored of schedules) {
    const recalled = recall(memory, stored)
    const { wakeMs } = recalled
    if (wakeMs !== undefined && (wakeMs === null || wakeMs > options.nowMs())) continue
    open ??= groupBySchedule(await options.store.openJobs())
    if (performance.now() - sinceMs > BREATH_MS) {
      await pause()
      sinceMs = performance.now()
    }
    if ((await keeper.keep()) === undefined) return null
    const plan = planOne(round, recalled.schedule, open.get(stored.id) ?? [])
    if (plan === 'later') comeAgain(round, stored, recalled)
    else if (isWorthWriting(plan, stored)) {
      batch.push({ stored, recalled, plan })
      rows += 1 + plan.ticks.length + plan.jobs.length + plan.cancel.length
    } else remember(round, { stored, recalled, plan })
    if (rows < ROWS_AT_ONCE) continue
    if ((await decideBatch(round, batch)) === 'lost') return null
    batch = []
    rows = 0
  }
  if ((await decideBatch(round, batch)) === 'lost') return null
  const wakes = schedules.map(({ id }) => memory.plans.get(id)?.nextWakeMs ?? null)
  return wakes.reduce((first, wake) => (wake === null || (first !== null && first <= wake) ? first : wake), null)
}

/**
 * Of one transaction: 200 schedules that are due, each with a tick and a job. Each transaction waits for the disk once, and
 * keeps everybody else who writes out while it lasts.
 */
const ROWS_AT_ONCE = 600

/** Others of this process are let in this often: an instant in a zone takes a tenth of a millisecond and more. */
const BREATH_MS = 10

/** Until a schedule whose decision failed or was refused is tried again. */
const AGAIN_MS = 1000

async function currentSchedules(options: SchedulerOptions, memory: RoundMemory): Promise<readonly ScheduleRecord[]> {
  const { store, nowMs } = options
  const wanted = options.schedules()
  if (wanted !== memory.saved?.wanted) {
    const text = stringifyJson(wanted)
    if (text !== memory.saved?.text) await store.saveSchedules(wanted, nowMs())
    memory.saved = { wanted, text }
  }
  if (memory.missed === undefined) {
    const alerts = await store.openAlerts()
    memory.missed = new Set(alerts.filter(({ kind }) => kind === 'schedule_missed').map(({ source }) => source))
  }
  const schedules = (await store.listSchedules()).filter(({ isCurrent }) => isCurrent)
  const ids = new Set(schedules.map(({ id }) => id))
  for (const id of memory.plans.keys()) if (!ids.has(id)) memory.plans.delete(id)
  return schedules.filter((schedule) => runs(schedule))
}

function groupBySchedule(jobs: readonly JobRecord[]): ReadonlyMap<string, readonly JobRecord[]> {
  return Map.groupBy(jobs, (job) => job.schedule ?? '')
}

function planOne(round: Round, schedule: ScheduleRecord, openJobs: readonly JobRecord[]): TickPlan | 'later' {
  const { options, looks, memory } = round
  const nowMs = options.nowMs()
  const isMissedOpen = memory.missed?.has(subjectOfAlert(schedule)) === true
  const known = memory.known?.bySchedule.get(schedule.id)
  try {
    const question = { schedule, nowMs, openJobs, known, isMissedOpen }
    const plan = planTicks(question)
    const needsLook = schedule.config.trigger.kind === 'arrival' && plan.toCursorMs > schedule.cursorMs
    if (!needsLook || openNow(question).length > 0) return plan
    const hasFiles = looks.ask(schedule.id, schedule.subject)
    return hasFiles === undefined ? 'later' : planTicks({ ...question, hasFiles })
  } catch (error) {
    options.report(error, schedule.id)
    return 'later'
  }
}

/** Looks that found nothing are not: a thousand sources that are looked at each second would keep the state busy. */
function isWorthWriting(plan: TickPlan, stored: ScheduleRecord): boolean {
  if (stored.config.trigger.kind === 'arrival') return plan.ticks.length > 0
  return plan.toCursorMs > stored.cursorMs
}

/** In one transaction. Where that cannot be written, each by itself: one that is broken keeps no other from being decided. */
async function decideBatch(round: Round, batch: readonly Turn[]): Promise<'decided' | 'lost'> {
  if (batch.length === 0) return 'decided'
  const { options, keeper } = round
  const leader = await keeper.keep()
  if (leader === undefined) return 'lost'
  let written: readonly (readonly TickRecord[] | undefined)[]
  try {
    written = await options.store.decideTicks(
      batch.map(({ stored, plan }) => decisionOf(stored, plan)),
      leader,
      options.nowMs(),
    )
  } catch (error) {
    // The state is busy or away: for all schedules alike. Anything else concerns one alone.
    if (isTidegateError(error) && error.retryable) throw error
    if (batch.length > 1) {
      for (const turn of batch) if ((await decideBatch(round, [turn])) === 'lost') return 'lost'
      return 'decided'
    }
    for (const { stored, recalled } of batch) {
      options.report(error, stored.id)
      comeAgain(round, stored, recalled)
    }
    return 'decided'
  }
  for (const [index, turn] of batch.entries()) {
    if (written[index] === undefined) comeAgain(round, turn.stored, turn.recalled)
    else remember(round, turn)
  }
  const ticks = written.flatMap((each) => each ?? [])
  if (ticks.length > 0) options.onDecided(ticks)
  return written.includes(undefined) && (await keeper.confirm()) === undefined ? 'lost' : 'decided'
}

function decisionOf({ id, cursorMs }: ScheduleRecord, plan: TickPlan): TickDecision {
  const { toCursorMs, ticks, jobs, cancel, signals } = plan
  return { schedule: id, fromCursorMs: cursorMs, toCursorMs, ticks, jobs, cancel, signals }
}

function comeAgain({ memory, options }: Round, { id }: ScheduleRecord, { schedule, basedOn }: Recalled): void {
  memory.plans.set(id, { basedOn, lookedUntilMs: schedule.cursorMs, nextWakeMs: options.nowMs() + AGAIN_MS })
}

function remember({ memory }: Round, { stored, recalled, plan }: Turn): void {
  const { toCursorMs, nextWakeMs } = plan
  memory.plans.set(stored.id, { basedOn: recalled.basedOn, lookedUntilMs: toCursorMs, nextWakeMs })
  for (const { effect } of plan.signals) {
    if (effect === 'raise') memory.missed?.add(subjectOfAlert(stored))
    if (effect === 'resolve') memory.missed?.delete(subjectOfAlert(stored))
  }
}
