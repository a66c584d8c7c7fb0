/** Days and hours are those of UTC. */
import type { RunRecord } from '@tidegate/core'
import { FACT_LIMITS, type Facts } from './facts.ts'
import { isoTime } from './figures.ts'
import { oncePerFacts } from './once-per-facts.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS: number = 24 * HOUR_MS
const DAYS_SHOWN = 90

export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS
}

export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS
}

/** `YYYY-MM-DD`. */
export function dayText(dayMs: number): string {
  const date = new Date(dayMs)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10)
}

/** The window's days, oldest first: from that in which it begins, at most the last 90. */
export function windowDays(facts: Facts): readonly number[] {
  return knownDays(facts)
}

const knownDays = oncePerFacts(({ sinceMs, untilMs }): readonly number[] => {
  const last = dayOf(Math.max(sinceMs, untilMs - 1))
  const first = Math.max(dayOf(sinceMs), last - (DAYS_SHOWN - 1) * DAY_MS)
  if (!Number.isFinite(first) || !Number.isFinite(last)) return []
  return Array.from({ length: Math.round((last - first) / DAY_MS) + 1 }, (_, index) => first + index * DAY_MS)
})

/** Of sums by day those of the window, whose first day counts whole. */
export function daysIn<Item extends { readonly dayMs: number }>(
  items: readonly Item[],
  { sinceMs, untilMs }: Facts,
): readonly Item[] {
  const from = dayOf(sinceMs)
  return items.filter(({ dayMs }) => dayMs >= from && dayMs < untilMs)
}

/** Runs begun in the window, newest first. */
export function runsIn(facts: Facts): readonly RunRecord[] {
  return knownRuns(facts)
}

const knownRuns = oncePerFacts(({ runs, sinceMs, untilMs }): readonly RunRecord[] =>
  runs.items.filter(({ startedAtMs }) => startedAtMs >= sinceMs && startedAtMs < untilMs),
)

/** How many runs were begun in the window, listed or not. */
export function runsTotal(facts: Facts): number {
  const { runs, sinceMs, reachMs } = facts
  const listed = runsIn(facts).length
  const notListed = Math.max(0, runs.total - runs.items.length)
  if (notListed === 0) return listed
  // The list is cut at its old end. Where it reaches back beyond the window (not only with the newest few of each source),
  // none of the window's runs is missing.
  const older = runs.items.filter(({ startedAtMs }) => startedAtMs < sinceMs && startedAtMs >= reachMs)
  const few = FACT_LIMITS.latestRuns * new Set(older.map(({ source }) => source)).size
  return older.length > few ? listed : listed + notListed
}

/** From inclusive, to exclusive, as links want it. */
export function dayRange(dayMs: number): TimeRange {
  return { since: isoTime(dayMs), until: isoTime(dayMs + DAY_MS) }
}

/** The window, as links want it. */
export function windowRange(facts: Facts): TimeRange {
  return knownRange(facts)
}

const knownRange = oncePerFacts(({ sinceMs, untilMs }): TimeRange => ({
  since: isoTime(sinceMs),
  until: isoTime(untilMs),
}))

export interface TimeRange {
  readonly since: string | null
  readonly until: string | null
}
