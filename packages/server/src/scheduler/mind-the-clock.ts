import { TidegateError, type ScheduleRecord, type TickRecord } from '@tidegate/core'
import type { LeadershipKeeper } from './leadership.ts'
import { TOLERATED_MS, TRUSTED_MS } from './known-ticks.ts'
import type { RoundMemory } from './round-memory.ts'
import type { SchedulerOptions } from './scheduler-types.ts'

/**
 * Sees that a clock was ahead, or is set back now, and lets schedules that it silenced go on. Returns the schedules as they are
 * then.
 *
 * @param schedules those that run, as the state has them
 */
export async function mindTheClock(
  options: SchedulerOptions,
  keeper: LeadershipKeeper,
  memory: RoundMemory,
  schedules: readonly ScheduleRecord[],
): Promise<readonly ScheduleRecord[]> {
  const { store, report } = options
  const nowMs = options.nowMs()
  // What is remembered was planned for times that are yet to come.
  if (nowMs < memory.seenMs) memory.plans.clear()
  memory.seenMs = nowMs

  const ahead = schedules.filter(({ cursorMs }) => cursorMs > nowMs + TOLERATED_MS)
  const isNear = ({ cursorMs }: ScheduleRecord): boolean => cursorMs <= nowMs + TRUSTED_MS
  for (const schedule of ahead.filter((one) => !isNear(one) && !memory.reported.has(one.id))) {
    memory.reported.add(schedule.id)
    report(tooFarAhead(schedule), schedule.id)
  }
  const leader = ahead.some((one) => isNear(one)) ? await keeper.keep() : undefined
  const range = { fromMs: TOLERATED_MS, toMs: TRUSTED_MS }
  const moved = leader === undefined ? [] : await store.setBackSchedules(range, leader, nowMs)
  if (moved.length > 0) report(setBack(moved))

  const now = new Set(moved.map(({ id }) => id))
  const current = moved.length === 0 ? schedules : (await store.listSchedules()).filter((one) => runs(one))
  const isLower = current.some(({ id, cursorMs }) => cursorMs < (memory.cursors.get(id) ?? cursorMs))
  for (const { id, cursorMs } of current) memory.cursors.set(id, cursorMs)
  if (isLower || now.size > 0 || nowMs >= (memory.known?.untilMs ?? -Infinity)) {
    const ticks = await store.ticksAhead(KNOWN)
    const untilMs = ticks.length < KNOWN ? Infinity : (ticks.at(-1)?.instantMs ?? Infinity)
    memory.known = { bySchedule: bySchedule(ticks), untilMs }
  }
  return current
}

/** Ticks that are held in memory at once. */
const KNOWN = 10_000

export function runs({ isCurrent, pausedAtMs }: ScheduleRecord): boolean {
  return isCurrent && pausedAtMs === null
}

function bySchedule(ticks: readonly TickRecord[]): ReadonlyMap<string, readonly TickRecord[]> {
  return Map.groupBy(ticks, ({ schedule }) => schedule)
}

function setBack(moved: readonly ScheduleRecord[]): TidegateError {
  const until = isoOf(Math.max(...moved.map(({ cursorMs }) => cursorMs)))
  const many = moved.length === 1 ? '1 schedule was' : `${String(moved.length)} schedules were`
  return new TidegateError(
    'SCHEDULE_CLOCK',
    `The clock was ahead: ${many} decided up to ${until}, and go on from now.`,
    {
      hint: 'Look at the time synchronisation of the machines that run daemons on this state.',
      dataNow: 'What was started for a time to come is not started again.',
    },
  )
}

function tooFarAhead({ id, cursorMs }: ScheduleRecord): TidegateError {
  const what = `${id} is decided up to ${isoOf(cursorMs)}, more than a week ahead of this machine's clock`
  return new TidegateError(
    'SCHEDULE_CLOCK',
    `${what}: it starts nothing until then. Is the clock right, pause and resume it.`,
    {
      hint: 'If the clock is right, pause and resume the schedule: it goes on from now.',
      dataNow: 'Nothing was changed.',
    },
  )
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
