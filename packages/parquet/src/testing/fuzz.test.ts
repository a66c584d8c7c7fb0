import { expect, test } from 'vitest'

import { runFuzz } from './run-fuzz.ts'

/** The first of the 20,000 cases of the slow lane. */
test(
  '25 damaged files get an answer, twice the same, and what a plan makes is sound',
  { timeout: 240_000 },
  async () => {
    const outcome = await runFuzz(0, 25)
    expect(outcome.failures).toEqual([])
    expect(outcome.unsound).toEqual([])
    // Were nothing repaired, nothing would have been tried.
    expect(outcome.plans['repair']).toBeGreaterThan(12)
  },
)
