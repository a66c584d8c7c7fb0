import type { ScheduleRecord, TickRecord } from '@tidegate/core'
import type { WantedSchedule } from './scheduler-types.ts'

/** What a leader remembers from round to round. All of it can be lost. */
export interface RoundMemory {
  saved: { readonly wanted: readonly WantedSchedule[]; readonly text: string } | undefined
  /** Subjects of open alerts `schedule_missed`; undefined before they were read. */
  missed: Set<string> | undefined
  readonly plans: Map<string, Remembered>
  /** When the round before began; a clock that says less now was set back. */
  seenMs: number
  /** Undefined before they were read. */
  known: KnownTicks | undefined
  readonly cursors: Map<string, number>
  /** Schedules too far ahead of the clock, which were reported. */
  readonly reported: Set<string>
}

/** Ticks after their schedule's cursor: those that a clock that was ahead left. */
export interface KnownTicks {
  readonly bySchedule: ReadonlyMap<string, readonly TickRecord[]>
  /** There are more from here on. */
  readonly untilMs: number
}

export interface Remembered {
  /** Of the state, when this was remembered: another one makes it worthless. */
  readonly basedOn: string
  /** Of arrival triggers: up to here was looked, without anything to write down. */
  readonly lookedUntilMs: number
  readonly nextWakeMs: number | null
}

export function freshMemory(): RoundMemory {
  return {
    saved: undefined,
    missed: undefined,
    plans: new Map(),
    seenMs: -Infinity,
    known: undefined,
    cursors: new Map(),
    reported: new Set(),
  }
}

export interface Recalled {
  readonly schedule: ScheduleRecord
  readonly basedOn: string
  readonly wakeMs: number | null | undefined
}

/** The schedule with what is remembered of it. `wakeMs` undefined: nothing is, so it is looked at now. */
export function recall(memory: RoundMemory, stored: ScheduleRecord): Recalled {
  const basedOn = `${String(stored.anchorMs)} ${String(stored.cursorMs)} ${JSON.stringify(stored.config.trigger)}`
  const known = memory.plans.get(stored.id)
  if (known?.basedOn !== basedOn) return { schedule: stored, basedOn, wakeMs: undefined }
  const cursorMs = Math.max(stored.cursorMs, known.lookedUntilMs)
  return { schedule: { ...stored, cursorMs }, basedOn, wakeMs: known.nextWakeMs }
}
