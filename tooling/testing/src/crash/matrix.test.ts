import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBundledCli, type BundledCli } from '../faults/fault-scene.ts'
import { openBases } from './base.ts'
import { FAILPOINTS } from './failpoints.ts'
import { nameOf, playCell, type Cell } from './play-cell.ts'
import { seedOf } from './random.ts'

// A few cells of the crash matrix, before and after the commit and in recovery; some more in the slow lane, and all of them are
// played by `npm run test:crash`.
const SLOW = process.env['TIDEGATE_LANE'] === 'slow'
const CELLS: ReadonlySet<string> = new Set([
  'K05/parquet',
  'R2/parquet',
  'K14/delta',
  'K14/duckdb',
  ...(SLOW ? ['K12/parquet', 'K14d/parquet', 'K16/none'] : []),
])

let cli: BundledCli
beforeAll(async () => {
  cli = await openBundledCli()
})
afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

const cells = FAILPOINTS.flatMap((failpoint) =>
  (['parquet', 'delta', 'duckdb', 'none'] as const).map((kind): Cell => ({ failpoint, kind, state: 'sqlite' })),
)

test.concurrent.for(
  cells.filter((cell) => CELLS.has(nameOf(cell).replace('/sqlite', ''))).map((cell) => [nameOf(cell), cell] as const),
)(
  '%s: killed there, and killed again in recovery, nothing is lost and nothing is doubled',
  { timeout: 120_000 },
  async ([name, cell]) => {
    const bases = openBases({ cli: cli.file, server: undefined, seed: 1 })
    const result = await playCell(cell, bases, seedOf(name, 1))
    bases.close()
    expect(result.because).toEqual([])
    expect(result.deaths.length).toBeGreaterThanOrEqual(2)
  },
)
