import path from 'node:path'
import type { FileVersion, Session } from '@tidegate/core'
import { compileContract, evaluateChecks, planChecks } from '@tidegate/dq'
import { startEngine } from '@tidegate/duckdb'
import { relationOf } from '@tidegate/pipeline'
import { ENGINE_LIMITS, literal } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
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
  const engine = startEngine({
    ...ENGINE_LIMITS,
    tempDirectory: path.join(folder, 'engine'),
    allowedDirectories: [folder],
  })
  try {
    const session = await engine.openSession()
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
  } finally {
    await engine.close()
  }
}

async function validate(session: Session, file: string, rows: number): Promise<void> {
  const columns = WIDE_COLUMNS.map(([name, type]) => ({ name, type }))
  const version = { path: 'wide.parquet', uri: file } as FileVersion
  const relation = relationOf(
    [
      {
        kind: 'readable',
        version,
        columns,
        rowsRead: rows,
        rejectedLines: [],
        rejectedCount: 0,
        scan: file,
        converted: false,
      },
    ],
    session,
  )
  const plan = planChecks(compileContract(wideContract(), columns), relation, session.dialect)
  const results = (await evaluateChecks(session, plan)).get(file) ?? []
  const failed = results.filter((result) => result.outcome !== 'passed')
  if (results.length < 40 || failed.length > 0) {
    throw new Error(`${results.length} results, not passed: ${failed.map((result) => result.message).join('; ')}`)
  }
}
