import type { Capped, FileFailure } from '@tidegate/core'
import type { Facts } from '../facts.ts'
import { oncePerFacts } from '../once-per-facts.ts'
import { isLoading } from './facets.ts'

/**
 * Files that could not be judged and still are to be. Every run tries them again: what a later run that came to its end does
 * not name was judged meanwhile, or is not there any more. Those that are not listed are counted as they are.
 */
export function waitingFailures(facts: Facts): Capped<FileFailure> {
  return waiting(facts)
}

const waiting = oncePerFacts(({ failures, runs }): Capped<FileFailure> => {
  // Newest first.
  const lookedAtMs = new Map<string, number>()
  for (const run of failures.items.length === 0 ? [] : runs.items) {
    if (!lookedAtMs.has(run.source) && isLoading(run) && ENDED.has(run.status)) {
      lookedAtMs.set(run.source, run.startedAtMs)
    }
  }
  const items = failures.items.filter(
    ({ source, failedAtMs }) => failedAtMs >= (lookedAtMs.get(source) ?? Number.NEGATIVE_INFINITY),
  )
  return { items, total: items.length + Math.max(0, failures.total - failures.items.length) }
})

/** Such a run looked at every file that was there. */
const ENDED: ReadonlySet<string> = new Set(['ok', 'nothing-new', 'partial', 'gate-failed'])
