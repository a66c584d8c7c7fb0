import { dayOf, runsIn } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, keyOf } from '../figures.ts'
import type { CauseFacts } from './cause-facts.ts'

/** Runs that failed, by source and error code. */
export function runCauses(facts: Facts): readonly CauseFacts[] {
  const failed = runsIn(facts).filter(({ status }) => status === 'failed')
  return Array.from(groupBy(failed, ({ source, errorCode }) => keyOf(source, errorCode)).values(), (newestFirst) => {
    // Groups are made of at least one run.
    const last = newestFirst[0]!
    const times = newestFirst.map(({ startedAtMs, endedAtMs }) => endedAtMs ?? startedAtMs)
    const countByDay = new Map<number, number>()
    for (const { startedAtMs } of newestFirst) {
      countByDay.set(dayOf(startedAtMs), (countByDay.get(dayOf(startedAtMs)) ?? 0) + 1)
    }
    return {
      kind: 'run' as const,
      code: last.errorCode ?? 'UNKNOWN',
      source: last.source,
      dataset: null,
      severity: 'critical',
      count: newestFirst.length,
      files: 0,
      examples: [],
      rows: 0,
      message: last.errorMessage ?? 'no message was recorded',
      firstMs: times.reduce((least, time) => Math.min(least, time)),
      lastMs: times.reduce((latest, time) => Math.max(latest, time)),
      countByDay,
    }
  })
}
