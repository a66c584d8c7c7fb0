import { expect, test } from 'vitest'

import { runFuzz } from '../run-fuzz.ts'

/** `npm run test:slow`: 20,000 cases in two files, one per core. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 20_000)

test('every damaged file gets an answer, twice the same, in time: half 1', async () => {
  const outcome = await runFuzz(0, CASES / 2)
  process.stderr.write(`${JSON.stringify({ ...outcome, failures: outcome.failures.length })}\n`)
  expect(outcome.failures).toEqual([])
  expect(outcome.cases).toBe(CASES / 2)
})
