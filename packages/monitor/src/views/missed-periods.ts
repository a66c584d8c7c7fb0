import { parseEvery } from '../arrival.ts'
import { HOUR_MS } from '../days.ts'
import type { Facts } from '../facts.ts'
import { isoTime } from '../figures.ts'
import type { ArrivalEvidence } from './freshness.ts'
import type { MissedPeriod } from './freshness-view.ts'

/** Deadlines of the window that passed without their files, oldest first. */
export function missedPeriods(evidence: ArrivalEvidence, facts: Facts): readonly MissedPeriod[] {
  const { config } = evidence
  if (config === undefined || config.expect === null) return []
  const { by, every, files } = config.expect
  const missed = [
    ...(by === null ? [] : missedDeadlines(by, config.timezone, files ?? 1, evidence, facts)),
    ...(every === null || (files ?? 1) > 1 ? [] : missedGaps(every, evidence, facts)),
  ]
  return missed.toSorted((a, b) => a.to.localeCompare(b.to))
}

function missedDeadlines(
  by: string,
  timezone: string,
  files: number,
  { arrivals, watchedSinceMs, knownSinceMs, deadlines }: ArrivalEvidence,
  { sinceMs }: Facts,
): readonly MissedPeriod[] {
  const fromMs = Math.max(knownSinceMs, watchedSinceMs ?? Number.POSITIVE_INFINITY)
  const all = deadlines(by, timezone)
  return all.flatMap((lastMs, index) => {
    const previousMs = all[index - 1]
    if (previousMs === undefined || previousMs < fromMs || lastMs < sinceMs) return []
    const came = arrivals.countBetween(previousMs, lastMs)
    const held = arrivals.heldBetween(previousMs, lastMs)
    return came < files ? [missedPeriod(previousMs, lastMs, { files: came, held, expected: files })] : []
  })
}

/** Times between two arrivals that were certainly longer than the period. One gap counts once, however long. */
function missedGaps(
  every: string,
  { arrivals }: ArrivalEvidence,
  { sinceMs, untilMs }: Facts,
): readonly MissedPeriod[] {
  const periodMs = parseEvery(every)
  if (periodMs === undefined) return []
  const { hours } = arrivals
  return hours.flatMap(({ hourMs }, index) => {
    const before = hours[index + 1]
    if (before === undefined) return []
    const latestMs = before.hourMs + HOUR_MS
    const dueMs = latestMs + periodMs
    if (hourMs <= dueMs || dueMs < sinceMs || dueMs >= untilMs) return []
    return [missedPeriod(latestMs, dueMs, { files: 0, held: arrivals.heldBetween(latestMs, dueMs), expected: 1 })]
  })
}

function missedPeriod(
  fromMs: number,
  toMs: number,
  counts: Pick<MissedPeriod, 'files' | 'held' | 'expected'>,
): MissedPeriod {
  return { from: isoTime(fromMs) ?? '', to: isoTime(toMs) ?? '', ...counts }
}
