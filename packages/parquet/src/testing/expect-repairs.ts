import { expect, test } from 'vitest'

import { judgeFailures, KNOWN_MISSES } from './known-misses.ts'
import { reasonOfFalse, runRepairMatrix, sampleSpecs, soundFaults } from './repair-matrix.ts'
import { allSpecs } from './sound-files.ts'

/** Of the 1,488 ways to write a file; each writer with each shape is among them. */
const FILES = 40
const CASES_PER_KIND = Number(process.env['REPAIR_CASES'] ?? 5)

/** The tests of one half of the matrix: all kinds, over files and seeds of its own. */
export function expectRepairs(half: 1 | 2): void {
  const specs = sampleSpecs(allSpecs(), FILES, half)

  test(`sound files of every writer and shape are left alone: half ${half}`, async () => {
    expect(await soundFaults(specs)).toEqual([])
  })

  test(`every row that is there comes back, and nothing false: half ${half}`, async () => {
    const matrix = await runRepairMatrix({ seed: half, specs, casesPerKind: CASES_PER_KIND })
    const { kinds, failures, diagnosisFaults, tried, ...figures } = matrix
    const misses = KNOWN_MISSES.filter((miss) => miss.half === half)
    const { unknown, mended, known } = judgeFailures(failures, tried, misses)
    const undetectable = kinds.reduce((sum, { undetectableCells }) => sum + undetectableCells, 0)
    const losses = failures.filter((failure) => /NULLs are not in|cells of intact pages|are said to be/.test(failure))
    const wrongCells = kinds
      .filter(({ kind }) => reasonOfFalse(kind) === undefined)
      .reduce((sum, kind) => sum + kind.falseCells, 0)
    process.stderr.write(
      `${JSON.stringify({ half, ...figures, falseCells: wrongCells, wrongLosses: losses.length, undetectable, known, diagnosisFaults })}\n`,
    )
    expect({ unknown, mended }).toEqual({ unknown: [], mended: [] })
    expect(
      kinds.filter(
        ({ salvageWorst, falseCells, kind }) =>
          !misses.some(({ name }) => name.startsWith(`${kind} of `)) &&
          (salvageWorst < 1 || (falseCells > 0 && reasonOfFalse(kind) === undefined)),
      ),
    ).toEqual([])
    expect(matrix.lostFooters.strong).toBeGreaterThanOrEqual(0.95 * matrix.lostFooters.cases)
    expect(matrix.recall).toBeGreaterThanOrEqual(0.99)
    expect(matrix.precision).toBeGreaterThanOrEqual(0.98)
  })
}
