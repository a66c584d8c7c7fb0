import path from 'node:path'
import type { Session } from '@tidegate/core'
import { literal } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { benchRelation, checkAll, withEngine } from './engine-bench.ts'
import { race } from './measure.ts'
import { ratioRow, type ResultRow } from './result-row.ts'
import { handWrittenQueries, wideContract } from './wide-suite.ts'
import { WIDE_COLUMNS, writeWideTable } from './wide-table.ts'

export const validateSection: Section = {
  name: 'validate',
  about: '40 expectations on one Parquet file, against the same aggregates as one hand-written query',
  run: runValidate,
}

async function runValidate({ bare, folder, rows, rounds, say }: BenchContext): Promise<readonly ResultRow[]> {
  const file = path.join(folder, 'wide.parquet')
  await writeWideTable(bare, file, { firstRow: 0, rows })
  return withEngine(folder, async (session) => {
    const queries = handWrittenQueries(`read_parquet(${literal(file)})`)
    say('validate: taking turns')
    const best = await race(rounds, {
      ours: () => validate(session, file, rows),
      grouped: async () => void (await bare.run(queries.grouped)),
      distinct: async () => void (await bare.run(queries.distinct)),
    })
    const bareMs = Math.min(best.grouped, best.distinct)
    const note = `bare as ${best.grouped <= best.distinct ? 'GROUP BY subqueries' : 'count(DISTINCT)'}; the other form ${Math.round(Math.max(best.grouped, best.distinct))} ms`
    const what = `validate: 40 expectations, ${rows.toLocaleString('en-US')} rows × 10`
    return [ratioRow({ section: 'validate', what, oursMs: best.ours, bareMs, note }, 1.15)]
  })
}

async function validate(session: Session, file: string, rows: number): Promise<void> {
  const relation = benchRelation(session, [{ file, rows }], WIDE_COLUMNS)
  const failed = (await checkAll(session, relation, wideContract(), 40)).filter(({ outcome }) => outcome !== 'passed')
  if (failed.length > 0) throw new Error(`not passed: ${failed.map(({ message }) => message).join('; ')}`)
}
