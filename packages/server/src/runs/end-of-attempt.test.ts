import { expect, test } from 'vitest'
import type { AttemptExit, AttemptResult } from './attempt-protocol.ts'
import { endOf } from './end-of-attempt.ts'

const done: AttemptResult = { outcome: 'ok', errorCode: null, errorMessage: null, summary: { filesLoaded: 1 } }
const reported = (result: Partial<AttemptResult>): AttemptExit => ({ kind: 'reported', result: { ...done, ...result } })

test('what was done before the request to stop was heard is done', () => {
  expect(endOf(reported({}), 'cancelled')).toMatchObject({ outcome: 'ok', errorCode: null })
  expect(endOf(reported({ outcome: 'gate-failed' }), 'expired')).toMatchObject({ outcome: 'gate-failed' })
})

test.each([
  ['cancelled', 'cancelled', 'RUN_CANCELLED'],
  ['expired', 'expired', 'RUN_EXPIRED'],
  ['drained', 'interrupted', 'RUN_DRAINED'],
] as const)('who was %s is that, whether it stopped by itself, was killed or broke', (reason, outcome, errorCode) => {
  for (const exit of [
    reported({ outcome: 'interrupted', errorCode: 'CANCELLED' }),
    { kind: 'killed', signal: 'SIGKILL' },
    { kind: 'crashed', code: 1, message: null },
  ] satisfies AttemptExit[])
    expect(endOf(exit, reason)).toMatchObject({ outcome, errorCode })
})

test('a process that was killed was interrupted; one that ended without a word failed, and says its code and last line', () => {
  expect(endOf({ kind: 'killed', signal: 'SIGKILL' }, undefined)).toEqual({
    outcome: 'interrupted',
    errorCode: 'RUN_KILLED',
    errorMessage: 'its process was ended by SIGKILL',
    summary: null,
  })
  expect(endOf({ kind: 'crashed', code: 7, message: 'out of luck' }, undefined)).toEqual({
    outcome: 'failed',
    errorCode: 'RUN_CRASHED',
    errorMessage: 'its process ended with code 7: out of luck',
    summary: null,
  })
})
