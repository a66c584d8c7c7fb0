import { isTidegateError, stringifyJson, type JobRecord, type Leadership, type ScheduleRecord } from '@tidegate/core'
import type { LeadershipKeeper } from './leadership.ts'
import type { FileLooks } from './look-for-files.ts'
import { subjectOfAlert } from './missed-signals.ts'
import { planTicks, type TickPlan } from './plan-ticks.ts'
import type { SchedulerOptions, WantedSchedule } from './scheduler-types.ts'

/** What a leader remembers from round to round. All of it can be lost. */
export interface RoundMemory {
  saved: { readonly wanted: readonly WantedSchedule[]; readonly text: string } | undefined
  /** Subjects of open alerts `schedule_missed`; undefined before they were read. */
  missed: Set<string> | undefined
  readonly plans: Map<string, Remembered>
}

interface Remembered {
  /** Of the state, when this was remembered: another one makes it worthless. */
  readonly basedOn: string
  /** Of arrival triggers: up to here was looked, without anything to write down. */
  readonly lookedUntilMs: number
  readonly nextWakeMs: number | null
}

export function freshMemory(): RoundMemory {
  return { saved: undefined, missed: undefined, plans: new Map() }
}

/** Decides what is due of all schedules. Returns when to come back; null: when somebody wakes it. */
export async function decideRound(
  options: SchedulerOptions,
  keeper: LeadershipKeeper,
  looks: FileLooks,
  memory: RoundMemory,
): Promise<number | null> {
  const { store, nowMs } = options
  const schedules = await currentSchedules(options, memory)
  const wakes: (number | null)[] = []
  let open: ReadonlyMap<string, readonly JobRecord[]> | undefined
  for (const stored of schedules) {
    const { schedule, basedOn, wakeMs } = recall(memory, stored)
    if (wakeMs !== undefined && (wakeMs === null || wakeMs > nowMs())) {
      wakes.push(wakeMs)
      continue
    }
    open ??= groupBySchedule(await store.openJobs())
    const leader = await keeper.keep()
    if (leader === undefined) return null
    const plan = await decideOne({ options, keeper, looks, memory, stored, schedule, leader, open })
    if (plan === 'lost') return null
    const nextWakeMs = plan === 'later' ? nowMs() + AGAIN_MS : plan.nextWakeMs
    const lookedUntilMs = plan === 'later' ? schedule.cursorMs : plan.toCursorMs
    memory.plans.set(stored.id, { basedOn, lookedUntilMs, nextWakeMs })
    wakes.push(nextWakeMs)
  }
  return wakes.reduce((first, wake) => (wake === null || (first !== null && first <= wake) ? first : wake), null)
}

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
  return schedules.filter(({ pausedAtMs }) => pausedAtMs === null)
}

/** The schedule with what is remembered of it. `wakeMs` undefined: nothing is, so it is looked at now. */
function recall(
  memory: RoundMemory,
  stored: ScheduleRecord,
): { readonly schedule: ScheduleRecord; readonly basedOn: string; readonly wakeMs: number | null | undefined } {
  const basedOn = `${String(stored.anchorMs)} ${String(stored.cursorMs)} ${JSON.stringify(stored.config.trigger)}`
  const known = memory.plans.get(stored.id)
  if (known?.basedOn !== basedOn) return { schedule: stored, basedOn, wakeMs: undefined }
  const cursorMs = Math.max(stored.cursorMs, known.lookedUntilMs)
  return { schedule: { ...stored, cursorMs }, basedOn, wakeMs: known.nextWakeMs }
}

function groupBySchedule(jobs: readonly JobRecord[]): ReadonlyMap<string, readonly JobRecord[]> {
  return Map.groupBy(jobs, (job) => job.schedule ?? '')
}

interface Turn {
  readonly options: SchedulerOptions
  readonly keeper: LeadershipKeeper
  readonly looks: FileLooks
  readonly memory: RoundMemory
  /** As the state has it, and with what is remembered. */
  readonly stored: ScheduleRecord
  readonly schedule: ScheduleRecord
  readonly leader: Leadership
  readonly open: ReadonlyMap<string, readonly JobRecord[]>
}

async function decideOne(turn: Turn): Promise<TickPlan | 'later' | 'lost'> {
  const { options, keeper, stored } = turn
  try {
    const plan = planOne(turn)
    if (plan === 'later' || !isWorthWriting(plan, stored)) return plan
    const written = await options.store.decideTicks(
      {
        schedule: stored.id,
        fromCursorMs: stored.cursorMs,
        toCursorMs: plan.toCursorMs,
        ticks: plan.ticks,
        jobs: plan.jobs,
        cancel: plan.cancel,
        signals: plan.signals,
      },
      turn.leader,
      options.nowMs(),
    )
    if (written === undefined) return (await keeper.confirm()) === undefined ? 'lost' : 'later'
    remember(turn, plan)
    options.onDecided(written)
    return plan
  } catch (error) {
    // The state is busy or away: for all schedules alike. Anything else concerns this one alone.
    if (isTidegateError(error) && error.retryable) throw error
    options.report(error, stored.id)
    return 'later'
  }
}

function planOne({ options, looks, memory, schedule, open }: Turn): TickPlan | 'later' {
  const openJobs = open.get(schedule.id) ?? []
  const nowMs = options.nowMs()
  const isMissedOpen = memory.missed?.has(subjectOfAlert(schedule)) === true
  const plan = planTicks({ schedule, nowMs, openJobs, isMissedOpen })
  const needsLook = schedule.config.trigger.kind === 'arrival' && plan.toCursorMs > schedule.cursorMs
  if (!needsLook || openJobs.length > 0) return plan
  const hasFiles = looks.ask(schedule.id, schedule.subject)
  return hasFiles === undefined ? 'later' : planTicks({ schedule, nowMs, openJobs, hasFiles })
}

/** Looks that found nothing are not: a thousand sources that are looked at each second would keep the state busy. */
function isWorthWriting(plan: TickPlan, stored: ScheduleRecord): boolean {
  if (stored.config.trigger.kind === 'arrival') return plan.ticks.length > 0
  return plan.toCursorMs > stored.cursorMs
}

function remember({ memory, schedule }: Turn, plan: TickPlan): void {
  for (const { effect } of plan.signals) {
    if (effect === 'raise') memory.missed?.add(subjectOfAlert(schedule))
    if (effect === 'resolve') memory.missed?.delete(subjectOfAlert(schedule))
  }
}
