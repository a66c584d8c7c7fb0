import path from 'node:path'
import type { Contract } from '@tidegate/core'
import { literal } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { benchRelation, checkAll, withEngine } from './engine-bench.ts'
import { race } from './measure.ts'
import type { ResultRow } from './result-row.ts'
import { SMALL_CONTRACT, smallCheckQuery, writeSmallFiles } from './small-files.ts'

export const groupedSection: Section = {
  name: 'grouped',
  about: 'many small files checked in grouped scans, against one hand-written query per file',
  run: runGrouped,
}

const ROWS = 1000
const TIMES_FASTER = 4
/** Files in one scan: what the pipeline takes, 100,000 rows. */
const FILES_PER_SCAN = 100

async function runGrouped({ bare, folder, big, rounds, say }: BenchContext): Promise<readonly ResultRow[]> {
  const count = big ? 10_000 : 2000
  say(`grouped: writing ${count} files`)
  const files = await writeSmallFiles(bare, path.join(folder, 'small'), count, ROWS)
  return withEngine(folder, async (session) => {
    say('grouped: taking turns')
    const best = await race(Math.min(rounds, 3), {
      ours: async () => {
        for (let start = 0; start < files.length; start += FILES_PER_SCAN) {
          const part = files.slice(start, start + FILES_PER_SCAN).map((file) => ({ file, rows: ROWS }))
          await checkAll(session, benchRelation(session, part, COLUMNS), TEN_CHECKS, 10 * part.length)
        }
      },
      bare: async () => {
        for (const file of files) await bare.run(smallCheckQuery(`read_parquet(${literal(file)})`))
      },
    })
    const faster = best.bare / best.ours
    return [
      {
        section: 'grouped',
        what: `grouped scans: ${count.toLocaleString('en-US')} files × ${ROWS.toLocaleString('en-US')} rows, 10 checks`,
        unit: 's',
        ours: best.ours / 1000,
        bare: best.bare / 1000,
        ratio: best.ours / best.bare,
        bar: `≥ ${TIMES_FASTER} × faster`,
        verdict: faster >= TIMES_FASTER ? 'met' : 'missed',
        note: `${faster.toFixed(1)} × faster than one query per file; --big takes 10,000 files`,
      },
    ]
  })
}

const COLUMNS = [
  ['id', 'BIGINT'],
  ['value', 'DOUBLE'],
  ['name', 'VARCHAR'],
] as const

const TEN_CHECKS: Contract = {
  ...SMALL_CONTRACT,
  expectations: [
    ...SMALL_CONTRACT.expectations,
    { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'value' } },
    { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'name' } },
    { type: 'expect_column_value_lengths_to_equal', kwargs: { column: 'name', value: 1 } },
    { type: 'expect_column_max_to_be_between', kwargs: { column: 'value', max_value: 1000 } },
  ],
}
