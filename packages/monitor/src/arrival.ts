/**
 * When the next file is due. Times of day are wall-clock times of a zone, so that "by 02:15" stays 02:15 across the change
 * to summer time; a time that the clock skips counts as the first moment after the gap.
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** `15m`, `1h`, `1h30m`, `1d`, `1w` in milliseconds, or undefined where it is no duration above 0. */
export function parseEvery(text: string): number | undefined {
  const compact = text.trim()
  if (!/^(\d+(\.\d+)?\s*(ms|min|s|m|h|d|w)\s*)+$/.test(compact)) return undefined
  let total = 0
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d|w)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0)
  }
  return Number.isFinite(total) && total > 0 ? total : undefined
}

/** The deadlines around `nowMs`: the last that passed (or is now), the one before it, and the next. */
export interface Deadlines {
  readonly previousMs: number
  readonly lastMs: number
  readonly nextMs: number
}

/** Daily deadlines at `HH:MM` in a zone, or undefined where time or zone make no sense. */
export function dailyDeadlines(by: string, zone: string, nowMs: number): Deadlines | undefined {
  const minutes = minutesOf(by)
  const wall = wallClock(zone)
  if (minutes === undefined || wall === undefined) return undefined
  const today = Math.floor(wall(nowMs) / DAY_MS)
  const instants = [-2, -1, 0, 1].map((offset) => instantOf(wall, (today + offset) * DAY_MS + minutes * 60_000))
  const passed = instants.filter((instant) => instant <= nowMs)
  const lastMs = passed.at(-1)
  const previousMs = passed.at(-2)
  const nextMs = instants.find((instant) => instant > nowMs)
  if (lastMs === undefined || previousMs === undefined || nextMs === undefined) return undefined
  return { previousMs, lastMs, nextMs }
}

/** All deadlines at `HH:MM` in a zone from `sinceMs` to `untilMs`, both inclusive, oldest first; at most 4,000. */
export function deadlinesBetween(
  by: string,
  zone: string,
  sinceMs: number,
  untilMs: number,
): readonly number[] | undefined {
  const minutes = minutesOf(by)
  const wall = wallClock(zone)
  if (minutes === undefined || wall === undefined) return undefined
  const last = Math.floor(wall(untilMs) / DAY_MS)
  const first = Math.max(Math.floor(wall(sinceMs) / DAY_MS), last - MOST_DEADLINES)
  const instants = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    instantOf(wall, (first + index) * DAY_MS + minutes * 60_000),
  )
  return instants.filter((instant) => instant >= sinceMs && instant <= untilMs)
}

const MOST_DEADLINES = 4000

function minutesOf(by: string): number | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(by.trim())
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2])
}

const DAY_MS = 86_400_000

type WallClock = (instantMs: number) => number

/** A format costs more to make than to use, and a report asks for hundreds of deadlines in few zones. */
const clocks = new Map<string, WallClock | undefined>()

/** Maps an instant to its zone's wall clock, as if that were UTC; undefined for unknown zones. */
function wallClock(zone: string): WallClock | undefined {
  if (!clocks.has(zone)) clocks.set(zone, openClock(zone))
  return clocks.get(zone)
}

function openClock(zone: string): WallClock | undefined {
  if (zone === 'UTC') return (instantMs) => instantMs
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    return (instantMs) => {
      const parts = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]))
      const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
      return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
    }
  } catch {
    return undefined
  }
}

/** The first instant whose wall clock shows at least `wallMs`. */
function instantOf(wall: (instantMs: number) => number, wallMs: number): number {
  // The zone's offset before and after a possible change; the earlier instant that fits wins.
  const candidates = [wallMs - DAY_MS, wallMs + DAY_MS].map((near) => wallMs - (wall(near) - near))
  const fitting = candidates.filter((candidate) => wall(candidate) === wallMs)
  if (fitting.length > 0) return Math.min(...fitting)
  return gapEnd(wall, wallMs, Math.min(...candidates), Math.max(...candidates))
}

/** Bisects for the change of the clock that skipped `wallMs`. */
function gapEnd(wall: (instantMs: number) => number, wallMs: number, lowMs: number, highMs: number): number {
  let low = lowMs
  let high = highMs
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000
    if (wall(middle) >= wallMs) high = middle
    else low = middle
  }
  return high
}
