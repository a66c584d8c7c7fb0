import path from 'node:path'
import { literal } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { benchRelation, checkAll, withEngine } from './engine-bench.ts'
import { race } from './measure.ts'
import { PROVABLE, provableByHand } from './provable-suite.ts'
import { ratioRow, type ResultRow } from './result-row.ts'
import { handWrittenQueries } from './wide-suite.ts'
import { WIDE_COLUMNS, writeWideTable } from './wide-table.ts'

export const proofsSection: Section = {
  name: 'proofs',
  about:
    'a suite that Parquet footers alone can prove, against the hand-written query of 40 expectations, and of its own',
  run: runProofs,
}

async function runProofs({ bare, folder, rows, rounds, say }: BenchContext): Promise<readonly ResultRow[]> {
  const file = path.join(folder, 'wide.parquet')
  await writeWideTable(bare, file, { firstRow: 0, rows })
  return withEngine(folder, async (session) => {
    const relation = benchRelation(session, [{ file, rows }], WIDE_COLUMNS)
    const from = `read_parquet(${literal(file)})`
    const suite = handWrittenQueries(from)
    say('proofs: taking turns')
    const best = await race(rounds, {
      ours: async () => {
        const statistics = await session.fileStatistics([file])
        const results = await checkAll(session, relation, PROVABLE, PROVABLE.expectations.length, { statistics })
        const scanned = results.filter((result) => result.provedBy === 'scan' || result.outcome !== 'passed')
        if (scanned.length > 0) throw new Error(`not proved: ${scanned.map((result) => result.id).join(', ')}`)
      },
      same: async () => void (await bare.run(provableByHand(from))),
      grouped: async () => void (await bare.run(suite.grouped)),
      distinct: async () => void (await bare.run(suite.distinct)),
    })
    const what = `footers: ${PROVABLE.expectations.length} provable expectations, ${rows.toLocaleString('en-US')} rows × 10`
    const row = (bareMs: number, against: string, bar: number | undefined): ResultRow => ({
      ...ratioRow({ section: 'proofs', what: `${what}, against ${against}`, oursMs: best.ours, bareMs }, bar),
      ...(bar === undefined ? {} : { bar: '≥ 50 × faster' }),
      note: `${(bareMs / best.ours).toFixed(0)} × faster; statistics are read anew each time`,
    })
    return [
      row(Math.min(best.grouped, best.distinct), 'the hand-written query of validate', 1 / 50),
      row(best.same, 'these checks by hand', undefined),
    ]
  })
}
