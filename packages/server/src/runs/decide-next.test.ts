import type { AttemptOutcome, AttemptRecord } from '@tidegate/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backOffMs, decideNext, FREE_INTERRUPTIONS, interruptionsInARow, type NextStep } from './decide-next.ts'

const NOW = 1_000_000
const RETRIES = { firstDelayMs: 1000, maxDelayMs: 60_000 }
const fresh = { failedAttempts: 0, maxAttempts: 3 }

function next(outcome: Exclude<AttemptOutcome, 'running'>, job = fresh, share = 0.5, interruptions = 1): NextStep {
  return decideNext(job, outcome, NOW, share, RETRIES, interruptions)
}

test.each(['ok', 'nothing-new', 'gate-failed', 'partial', 'cancelled'] as const)(
  '%s is the end of the job',
  (outcome) => {
    expect(next(outcome)).toEqual({ state: outcome, notBeforeMs: null, countsAsFailure: false })
  },
)

describe.each(['failed', 'expired'] as const)('an attempt that %s', (outcome) => {
  test('is tried again after the first delay, then twice and four times that', () => {
    const retrying = (notBeforeMs: number): NextStep => ({ state: 'retrying', notBeforeMs, countsAsFailure: true })
    const job = (failedAttempts: number): typeof fresh => ({ failedAttempts, maxAttempts: 9 })
    expect(next(outcome, job(0))).toEqual(retrying(NOW + 1000))
    expect(next(outcome, job(1))).toEqual(retrying(NOW + 2000))
    expect(next(outcome, job(2))).toEqual(retrying(NOW + 4000))
    expect(next(outcome, job(7))).toEqual(retrying(NOW + 60_000))
  })

  test('is the death of the job where it was the last one it may have', () => {
    expect(next(outcome, { failedAttempts: 2, maxAttempts: 3 })).toEqual({
      state: 'dead',
      notBeforeMs: null,
      countsAsFailure: true,
    })
    expect(next(outcome, { failedAttempts: 0, maxAttempts: 1 }).state).toBe('dead')
  })
})

test('what a person has to mend is the death of the job at once; what may pass is not', () => {
  const after = (code: string): NextStep => decideNext(fresh, 'failed', NOW, 0.5, RETRIES, 1, code)
  for (const code of [
    'CONFIG_TARGET_MOVED',
    'CONFIG_INVALID',
    'CONTRACT_INVALID',
    'USAGE_PATH',
    'JOB_BAD_ARGUMENT',
    'JOB_UNKNOWN_COMMAND',
    'LEDGER_BEHIND_STATE',
    'LEDGER_CORRUPT',
    'STATE_NEWER',
    'PG_AUTH',
    'PG_VALUE',
    'WRITE_DENIED',
    'TARGET_TABLE_FOREIGN',
    'DELTA_SCHEMA',
    'QUARANTINE_OUTDATED',
    'PLAN_STALE',
  ])
    expect(after(code), code).toEqual({ state: 'dead', notBeforeMs: null, countsAsFailure: true })
  for (const code of [
    'CONFIG_UNREADABLE',
    'SOURCE_UNREADABLE',
    'SOURCE_MISSING',
    'ENGINE_CONFIG_',
    'ENGINE_OUT_OF_MEMORY',
    'RUN_CRASHED',
    'INTERNAL',
    'ENOENT',
    'DISK_FULL',
    'LEDGER_CONFLICT',
    'PG_CONNECT',
    'PG_READ_ONLY',
    'STATE_BUSY',
    'TARGET_BUSY',
    'TARGET_OUTCOME_UNKNOWN',
    'QUARANTINE_OVERTAKEN',
  ])
    expect(after(code).state, code).toBe('retrying')
  // The code says why it was stopped, not what is wrong with it.
  expect(decideNext(fresh, 'interrupted', NOW, 0.5, RETRIES, 1, 'CONFIG_INVALID').state).toBe('queued')
})

test('a source that somebody else works on is asked again in 15 s, and that is no failure', () => {
  expect(next('lease-held', { failedAttempts: 2, maxAttempts: 3 })).toEqual({
    state: 'retrying',
    notBeforeMs: NOW + 15_000,
    countsAsFailure: false,
  })
})

test('who was interrupted goes on at once, four times; from the fifth time in a row on it waits, and never dies of it', () => {
  for (const times of [1, 4])
    expect(next('interrupted', fresh, 0.5, times)).toEqual({
      state: 'queued',
      notBeforeMs: null,
      countsAsFailure: false,
    })
  for (const [times, delayMs] of [
    [5, 1000],
    [6, 2000],
    [100, 60_000],
  ] as const)
    expect(next('interrupted', { failedAttempts: 2, maxAttempts: 3 }, 0.5, times)).toEqual({
      state: 'retrying',
      notBeforeMs: NOW + delayMs,
      countsAsFailure: false,
    })
})

test('jitter is a fifth to both sides, and never beyond the longest delay', () => {
  expect(backOffMs(1, 0, RETRIES)).toBe(800)
  expect(backOffMs(1, 1, RETRIES)).toBe(1200)
  expect(backOffMs(99, 0, RETRIES)).toBe(48_000)
  expect(backOffMs(99, 1, RETRIES)).toBe(60_000)
})

test('interruptions in a row are counted from the newest attempt that ended; a daemon that goes down does not count', () => {
  const past = (...ends: readonly (readonly [AttemptOutcome, string | null])[]): AttemptRecord[] =>
    ends.map(([outcome, errorCode], index) => ({
      job: 'j',
      attempt: index + 1,
      run: `r${index}`,
      owner: 'o',
      startedAtMs: 0,
      heartbeatAtMs: 0,
      endedAtMs: outcome === 'running' ? null : 1,
      outcome,
      errorCode,
      errorMessage: null,
    }))
  expect(interruptionsInARow([])).toBe(0)
  expect(
    interruptionsInARow(past(['interrupted', null], ['failed', 'X'], ['interrupted', null], ['running', null])),
  ).toBe(1)
  expect(interruptionsInARow(past(['interrupted', null], ['interrupted', 'RUN_DRAINED'], ['interrupted', null]))).toBe(
    2,
  )
  expect(interruptionsInARow(past(['interrupted', null], ['ok', null]))).toBe(0)
})

const outcomes = fc.constantFrom<Exclude<AttemptOutcome, 'running'>>(
  'ok',
  'nothing-new',
  'gate-failed',
  'partial',
  'failed',
  'expired',
  'interrupted',
  'lease-held',
  'cancelled',
)

test('whatever happens, a job ends or goes on later, fails at most as often as it may, and its waits never go beyond the longest', () => {
  const life = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 8 }),
    firstDelayMs: fc.integer({ min: 1, max: 10_000_000 }),
    maxDelayMs: fc.integer({ min: 1, max: 10_000_000 }),
    steps: fc.array(fc.tuple(outcomes, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 40 }),
  })
  fc.assert(
    fc.property(life, ({ maxAttempts, firstDelayMs, maxDelayMs, steps }) => {
      let failedAttempts = 0
      let killed = 0
      for (const [outcome, share] of steps) {
        killed = outcome === 'interrupted' ? killed + 1 : 0
        const step = decideNext(
          { failedAttempts, maxAttempts },
          outcome,
          NOW,
          share,
          { firstDelayMs, maxDelayMs },
          killed,
        )
        if (step.countsAsFailure) failedAttempts += 1
        expect(step.countsAsFailure).toBe(outcome === 'failed' || outcome === 'expired')
        expect(failedAttempts).toBeLessThanOrEqual(maxAttempts)
        expect(step.state === 'dead').toBe(step.countsAsFailure && failedAttempts === maxAttempts)
        expect(step.notBeforeMs === null).toBe(step.state !== 'retrying')
        const waitMs = (step.notBeforeMs ?? NOW) - NOW
        expect(waitMs).toBeLessThanOrEqual(maxDelayMs)
        expect(waitMs).toBeGreaterThanOrEqual(0)
        if (outcome === 'interrupted') expect(step.state).toBe(killed > FREE_INTERRUPTIONS ? 'retrying' : 'queued')
        if (!['queued', 'retrying'].includes(step.state)) return
      }
    }),
    { seed: 7, numRuns: 500 },
  )
})
