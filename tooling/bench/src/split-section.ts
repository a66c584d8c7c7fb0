import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Session } from '@tidegate/core'
import { compileContract, rowRules, splitSql } from '@tidegate/dq'
import { literal } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { benchRelation, withEngine } from './engine-bench.ts'
import { race } from './measure.ts'
import { ratioRow, type ResultRow } from './result-row.ts'
import { wideContract } from './wide-suite.ts'
import { WIDE_COLUMNS, writeWideTable } from './wide-table.ts'

export const splitSection: Section = {
  name: 'split',
  about: 'good and rejected rows written apart, against one COPY with the reasons as a CASE column',
  run: runSplit,
}

const BAD_EVERY = 1000

async function runSplit({ bare, folder, rows, rounds, say }: BenchContext): Promise<readonly ResultRow[]> {
  const file = path.join(folder, 'wide.parquet')
  await writeWideTable(bare, file, { firstRow: 0, rows, badEvery: BAD_EVERY })
  const out = path.join(folder, 'out')
  return withEngine(folder, async (session) => {
    say('split: taking turns')
    const best = await race(rounds, {
      ours: async () => {
        await mkdir(out, { recursive: true })
        await split(session, file, rows, out)
        await rm(out, { recursive: true })
      },
      bare: async () => {
        await mkdir(out, { recursive: true })
        await bare.run(`COPY (SELECT *, CASE WHEN quantity < 1 OR quantity > 20 THEN 'quantity:between' END AS reason
          FROM read_parquet(${literal(file)})) TO ${literal(path.join(out, 'all.parquet'))} (FORMAT parquet, COMPRESSION zstd)`)
        await rm(out, { recursive: true })
      },
    })
    const what = `split: ${rows.toLocaleString('en-US')} rows × 10, 1 row in ${BAD_EVERY} rejected`
    return [ratioRow({ section: 'split', what, oursMs: best.ours, bareMs: best.bare }, 1.15)]
  })
}

async function split(session: Session, file: string, rows: number, out: string): Promise<void> {
  const relation = benchRelation(session, [{ file, rows }], WIDE_COLUMNS)
  const rules = rowRules(compileContract(wideContract(), relation.columns), relation, session.dialect)
  const broken = rules.filter((rule) => rule.check.startsWith('quantity'))
  const { good, rejected } = splitSql(relation, broken, session.dialect, { columns: relation.columns })
  for (const [name, select] of [
    ['good', good],
    ['rejected', rejected],
  ] as const) {
    const to = session.dialect.literal(path.join(out, `${name}.parquet`))
    await session.query(`COPY (${select}) TO ${to} (FORMAT parquet, COMPRESSION zstd)`)
  }
}
