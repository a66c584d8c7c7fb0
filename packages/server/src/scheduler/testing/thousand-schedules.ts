import type { CatchUpPolicy, OverlapPolicy, ScheduleConfig, ScheduleTrigger } from '@tidegate/core'
import type { WantedSchedule } from '../scheduler-types.ts'

/** A schedule with what it is made of, so that an oracle can say when it is due without reading its pattern. */
export interface KnownSchedule extends WantedSchedule {
  readonly known: {
    /** Minutes after local midnight at which it is due, or every so many milliseconds after the anchor. */
    readonly minutes: readonly number[] | undefined
    readonly everyMs: number | undefined
    readonly offsetMinutes: number
  }
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Zones that set no clock in June. Minutes east of Greenwich. */
const ZONES = [
  ['UTC', 0],
  ['Europe/Berlin', 120],
  ['Asia/Kolkata', 330],
  ['America/New_York', -240],
] as const

/** Two thirds want every instant; the others have every mix of the other policies. */
const POLICIES: readonly (readonly [OverlapPolicy, CatchUpPolicy])[] = [
  ['forbid', 'latest'],
  ['queue', 'latest'],
  ['replace', 'none'],
  ['allow', 'latest'],
  ['forbid', 'none'],
]

/** The same ones for the same number. Mostly a few times a day, some every hour, some every half. */
export function thousandSchedules(howMany: number): readonly KnownSchedule[] {
  return Array.from({ length: howMany }, (_, index) => makeSchedule(index))
}

function makeSchedule(index: number): KnownSchedule {
  const [timezone, offsetMinutes] = ZONES[index % ZONES.length] ?? ['UTC', 0]
  const [overlap, catchUp] =
    index % 3 === 0 ? (POLICIES[(index / 3) % POLICIES.length] ?? ['forbid', 'latest']) : (['allow', 'all'] as const)
  const rule = ruleOf(index, timezone)
  const id = `ingest:s${String(index).padStart(4, '0')}`
  return {
    id,
    command: 'ingest',
    subject: id.slice('ingest:'.length),
    config: config(rule.trigger, overlap, catchUp, index % 2 === 0 ? 0 : 3 * MINUTE_MS),
    known: { minutes: rule.minutes, everyMs: rule.everyMs, offsetMinutes },
  }
}

function ruleOf(
  index: number,
  timezone: string,
): {
  readonly trigger: ScheduleTrigger
  readonly minutes?: readonly number[]
  readonly everyMs?: number
} {
  const minute = (index * 7) % 60
  const hour = (index * 5) % 24
  const cron = (pattern: string): ScheduleTrigger => ({ kind: 'cron', cron: pattern, timezone })
  const at = (hours: readonly number[], minutes: readonly number[]): readonly number[] =>
    hours.flatMap((each) => minutes.map((one) => each * 60 + one))
  const everyHour = Array.from({ length: 24 }, (_, each) => each)
  switch (index % 20) {
    case 0:
      if (index % 100 !== 0) break
      return { trigger: cron(`${String(minute)} * * * *`), minutes: at(everyHour, [minute]) }
    case 10:
      return index % 200 === 10
        ? { trigger: cron('*/30 * * * *'), minutes: at(everyHour, [0, 30]) }
        : { trigger: cron('0 */3 * * *'), minutes: at([0, 3, 6, 9, 12, 15, 18, 21], [0]) }
    case 5:
    case 15: {
      const everyMs = (4 + (index % 7)) * 3_600_000 + 17_000
      return { trigger: { kind: 'interval', everyMs }, everyMs }
    }
    case 3:
    case 13:
      return { trigger: cron('0 0,12 * * *'), minutes: at([0, 12], [0]) }
  }
  return { trigger: cron(`${String(minute)} ${String(hour)} * * *`), minutes: at([hour], [minute]) }
}

function config(
  trigger: ScheduleTrigger,
  overlap: OverlapPolicy,
  catchUp: CatchUpPolicy,
  jitterMs: number,
): ScheduleConfig {
  return {
    trigger,
    overlap,
    catchUp,
    catchUpLimit: 1000,
    catchUpWindowMs: 2 * DAY_MS,
    startingDeadlineMs: undefined,
    jitterMs,
    retries: { maxAttempts: 3, firstDelayMs: MINUTE_MS, maxDelayMs: 3_600_000 },
    expiryMs: undefined,
  }
}

/** Instants in `afterMs < instant ≤ untilMs`, by plain arithmetic. */
export function dueByHand({ known }: KnownSchedule, anchorMs: number, untilMs: number): readonly number[] {
  const { minutes, everyMs, offsetMinutes } = known
  const instants: number[] = []
  if (everyMs !== undefined) {
    for (let instant = anchorMs + everyMs; instant <= untilMs; instant += everyMs) instants.push(instant)
    return instants
  }
  const offsetMs = offsetMinutes * MINUTE_MS
  const firstMidnightMs = Math.floor((anchorMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs
  for (let midnightMs = firstMidnightMs; midnightMs <= untilMs; midnightMs += DAY_MS)
    for (const minute of minutes ?? []) {
      const instant = midnightMs + minute * MINUTE_MS
      if (instant > anchorMs && instant <= untilMs) instants.push(instant)
    }
  return instants
}
