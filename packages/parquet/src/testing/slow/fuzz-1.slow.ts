import { expect, test } from 'vitest'

import { runFuzz } from '../run-fuzz.ts'

/** `npm run test:slow`: 20,000 cases in two files, one per core. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 20_000)

/** Per half. A ratchet: lower it when planning gets better, never raise it. */
const MOST_UNSOUND = 30

test('every damaged file gets an answer, twice the same, in time: half 1', async () => {
  const outcome = await runFuzz(0, CASES / 2)
  const { failures, unsound, ...counts } = outcome
  process.stderr.write(`${JSON.stringify({ failures: failures.length, unsound: unsound.length, ...counts })}\n`)
  expect(failures).toEqual([])
  expect(unsound.length, unsound.join('\n')).toBeLessThanOrEqual(MOST_UNSOUND)
  expect(outcome.cases).toBe(CASES / 2)
})
