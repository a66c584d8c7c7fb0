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
  run: async (context) => [...(await runCapture(context, undefined)), ...(await runCapture(context, 100))],
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
    const best = await race(rounds, {
      ours: async () => {
        const results = await checkAll(session, relation, contract, 40, { capture: { when: 'same-scan', rows: true } })
        const captured = results.some((result) => (result.partialUnexpected ?? []).length > 0)
        if (captured !== (badEvery !== undefined)) throw new Error('nothing, or too much, was captured')
      },
      bare: async () => void (await checkAll(session, relation, contract, 40, { capture: { when: 'never' } })),
    })
    const bad = badEvery === undefined ? 'no row fails' : `1 row in ${badEvery} fails`
    const what = `capture of failing rows: 40 expectations, ${rows.toLocaleString('en-US')} rows × 10, ${bad}`
    const note = 'bare is our own evaluation without capture'
    return [ratioRow({ section: 'capture', what, oursMs: best.ours, bareMs: best.bare, note }, 1.3)]
  })
}
