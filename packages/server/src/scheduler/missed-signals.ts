import type { AlertSignal, ScheduleRecord } from '@tidegate/core'
import type { Fate } from './plan-ticks.ts'

/** Missed instants of one reason that get rows of their own; more are one row with their count. */
export const MISSED_ROWS = 100

/**
 * One signal where work was not done: nothing was started in place of what was missed, or it is very much. A daemon that was
 * away for an hour and starts the newest instant is no news.
 */
export function missedSignal(
  schedule: ScheduleRecord,
  missed: readonly Fate[],
  started: number,
  nowMs: number,
): readonly AlertSignal[] {
  const first = missed[0]
  const last = missed.at(-1)
  if (first === undefined || last === undefined) return []
  if (started > 0 && missed.length <= MISSED_ROWS) return []
  return [
    {
      ...signalOf(schedule, nowMs),
      key: `schedule_missed:${schedule.id}:${String(last.instantMs)}`,
      effect: 'raise',
      detail: {
        schedule: schedule.id,
        missed: missed.length,
        fromMs: first.instantMs,
        untilMs: last.instantMs,
        reason: last.reason,
        catchUp: schedule.config.catchUp,
      },
    },
  ]
}

/** The schedule works again. */
export function resolvedSignal(schedule: ScheduleRecord, instantMs: number, nowMs: number): readonly AlertSignal[] {
  return [
    {
      ...signalOf(schedule, nowMs),
      key: `schedule_missed:${schedule.id}:resolved:${String(instantMs)}`,
      effect: 'resolve',
      detail: { schedule: schedule.id },
    },
  ]
}

/** What an alert of this schedule is about: its source, or itself where it has none. */
export function subjectOfAlert(schedule: Pick<ScheduleRecord, 'command' | 'subject' | 'id'>): string {
  return schedule.command === 'ingest' ? schedule.subject : schedule.id
}

function signalOf(schedule: ScheduleRecord, nowMs: number): Omit<AlertSignal, 'key' | 'effect' | 'detail'> {
  const source = subjectOfAlert(schedule)
  return { kind: 'schedule_missed', source, dataset: null, severity: 'warning', run: null, atMs: nowMs }
}
