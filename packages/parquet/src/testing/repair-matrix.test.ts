/** A sample of the matrix that `slow/repair-matrix-*.slow.ts` runs over all writers, codecs and shapes. */
import { expect, test } from 'vitest'

import { runRepairMatrix } from './repair-matrix.ts'
import { SMALL_SPECS } from './sound-files.ts'

const specs = SMALL_SPECS.filter(({ shape }) => shape === 'flat' || shape === 'list' || shape === 'three')

test('every fourth kind of damage, from diagnosis to the compared cells', { timeout: 120_000 }, async () => {
  const { failures, kinds, lostFooters } = await runRepairMatrix({
    seed: 7,
    specs,
    casesPerKind: 1,
    filter: (_, index) => index % 4 === 0,
  })
  expect(failures).toEqual([])
  expect(kinds.length).toBeGreaterThan(20)
  expect(lostFooters.strong).toBe(lostFooters.cases)
})
