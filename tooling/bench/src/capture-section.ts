import path from 'node:path'
import type { BenchContext, Section } from './bench-context.ts'
import { benchRelation, checkAll, withEngine } from './engine-bench.ts'
import { race } from './measure.ts'
import { ratioRow, type ResultRow } from './result-row.ts'
import { wideContract } from './wide-suite.ts'
import { WIDE_COLUMNS, writeWideTable } from './wide-table.ts'

export const captureSection: Section = {
  name: 'capture',
  about: '40 expectations with the first 20 failing rows of each captured, against the same without',
  run: async (context) => {
    const rows: ResultRow[] = []
    for (const badEvery of [undefined, 100, 2]) rows.push(...(await runCapture(context, badEvery)))
    return rows
  },
}

async function runCapture(
  { bare, folder, rows, rounds, say }: BenchContext,
  badEvery: number | undefined,
): Promise<readonly ResultRow[]> {
  const file = path.join(folder, `wide-${badEvery ?? 'good'}.parquet`)
  await writeWideTable(bare, file, { firstRow: 0, rows, badEvery })
  const contract = wideContract()
  return withEngine(folder, async (session) => {
    const relation = benchRelation(session, [{ file, rows }], WIDE_COLUMNS)
    say('capture: taking turns')
    const capture = async (when: 'after' | 'same-scan'): Promise<void> => {
      const results = await checkAll(session, relation, contract, 40, { capture: { when, rows: true } })
      const captured = results.some((result) => (result.partialUnexpected ?? []).length > 0)
      if (captured !== (badEvery !== undefined)) throw new Error('nothing, or too much, was captured')
    }
    const best = await race(rounds, {
      ours: () => capture('after'),
      sameScan: () => capture('same-scan'),
      bare: async () => void (await checkAll(session, relation, contract, 40, { capture: { when: 'never' } })),
    })
    const bad = badEvery === undefined ? 'no row fails' : `1 row in ${badEvery} fails`
    const what = `capture of failing rows: 40 expectations, ${rows.toLocaleString('en-US')} rows × 10, ${bad}`
    const note = 'bare is our own evaluation without capture'
    const sameScan = ratioRow(
      { section: 'capture', what: `${what}, in the same scan`, oursMs: best.sameScan, bareMs: best.bare, note },
      undefined,
    )
    return [ratioRow({ section: 'capture', what, oursMs: best.ours, bareMs: best.bare, note }, 1.3), sameScan]
  })
}
