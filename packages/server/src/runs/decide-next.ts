/**
 * What becomes of a job when an attempt of it ended. Pure.
 *
 *   outcome                                 state         counts   when
 *   ok · nothing-new · gate-failed · partial  the same      no       it is over: what is left in files is taken by the next run
 *   cancelled                               cancelled     no       it is over
 *   failed · expired                        retrying      yes      first delay · 2ⁿ, at most the longest, ± 20 %
 *   … the last one that it may have         dead          yes      it is over until somebody drives it again
 *   … by what no try can mend (staysWrong)  dead          yes      at once: the same again would fail the same
 *   lease-held                              retrying      no       15 s, at most the longest delay: somebody else is at it
 *   interrupted                             queued        no       at once; the fifth in a row and later ones as below
 *
 * An attempt that is killed again and again is the fault of what it works on more likely than that of who kills: from the
 * fifth interruption in a row on the job waits like one that failed, so that a file that takes the machine down does not do
 * so every second. It never becomes dead by that: a deployment kills too.
 */
import type { AttemptOutcome, AttemptRecord, JobRecord, JobState, RetryConfig } from '@tidegate/core'
import { staysWrong } from './stays-wrong.ts'

export interface NextStep {
  readonly state: JobState
  /** Null: at once, or never. */
  readonly notBeforeMs: number | null
  readonly countsAsFailure: boolean
}

/** Interruptions in a row that cost no waiting. */
export const FREE_INTERRUPTIONS = 4

export const LEASE_RETRY_MS = 15_000

/**
 * @param interruptions how many attempts in a row were interrupted, this one included
 * @param jitterShare 0..1
 */
export function decideNext(
  job: Pick<JobRecord, 'failedAttempts' | 'maxAttempts'>,
  outcome: Exclude<AttemptOutcome, 'running'>,
  nowMs: number,
  jitterShare: number,
  retries: Pick<RetryConfig, 'firstDelayMs' | 'maxDelayMs'>,
  interruptions = 1,
  errorCode: string | null = null,
): NextStep {
  switch (outcome) {
    case 'ok':
    case 'nothing-new':
    case 'gate-failed':
    case 'partial':
    case 'cancelled':
      return { state: outcome, notBeforeMs: null, countsAsFailure: false }
    case 'lease-held':
      return {
        state: 'retrying',
        notBeforeMs: nowMs + Math.min(LEASE_RETRY_MS, retries.maxDelayMs),
        countsAsFailure: false,
      }
    case 'interrupted': {
      const waits = interruptions - FREE_INTERRUPTIONS
      if (waits <= 0) return { state: 'queued', notBeforeMs: null, countsAsFailure: false }
      const delayMs = backOffMs(waits, jitterShare, retries)
      return { state: 'retrying', notBeforeMs: nowMs + delayMs, countsAsFailure: false }
    }
    case 'failed':
    case 'expired': {
      const failures = job.failedAttempts + 1
      if (failures >= job.maxAttempts || (errorCode !== null && staysWrong(errorCode)))
        return { state: 'dead', notBeforeMs: null, countsAsFailure: true }
      const delayMs = backOffMs(failures, jitterShare, retries)
      return { state: 'retrying', notBeforeMs: nowMs + delayMs, countsAsFailure: true }
    }
  }
}

/** Wait before the next try after the `nth` one (from 1): first · 2ⁿ⁻¹, at most `maxDelayMs`, ± 20 %. Whole milliseconds. */
export function backOffMs(
  nth: number,
  jitterShare: number,
  { firstDelayMs, maxDelayMs }: Pick<RetryConfig, 'firstDelayMs' | 'maxDelayMs'>,
): number {
  // Beyond 2⁵² a double is no count of milliseconds; the longest delay is below it.
  const delayMs = Math.min(firstDelayMs * 2 ** Math.min(nth - 1, 52), maxDelayMs)
  return Math.round(Math.min(delayMs * (0.8 + 0.4 * jitterShare), maxDelayMs))
}

/**
 * Attempts that were interrupted in a row until now, of those that ended. One that a daemon ended because it went down itself
 * (`RUN_DRAINED`) says nothing of the job and is passed over.
 */
export function interruptionsInARow(attempts: readonly AttemptRecord[]): number {
  let count = 0
  for (const { outcome, errorCode } of attempts.toSorted((a, b) => b.attempt - a.attempt)) {
    if (outcome === 'running' || errorCode === 'RUN_DRAINED') continue
    if (outcome !== 'interrupted') break
    count += 1
  }
  return count
}
