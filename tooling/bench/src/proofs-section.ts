import path from 'node:path'
import type { Contract, Expectation, JsonValue } from '@tidegate/core'
import { literal } from './bare-engine.ts'
import type { BenchContext, Section } from './bench-context.ts'
import { benchRelation, checkAll, withEngine } from './engine-bench.ts'
import { race } from './measure.ts'
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
      same: async () => void (await bare.run(`SELECT ${HAND_WRITTEN.join(', ')} FROM ${from}`)),
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

function check(type: string, kwargs: Readonly<Record<string, JsonValue>>): Expectation {
  return { type, kwargs }
}

/** Nulls, bounds, extremes, a row count and types. Not `price`: a DOUBLE may hide NaN from its footer. */
const PROVABLE: Contract = {
  contract: 'provable',
  version: 1,
  schema: { columns: Object.fromEntries(WIDE_COLUMNS.map(([name, type]) => [name, { type }])) },
  expectations: [
    ...['id', 'created_at', 'customer_id', 'country', 'status', 'code', 'quantity'].map((column) =>
      check('expect_column_values_to_not_be_null', { column }),
    ),
    check('expect_column_values_to_be_between', { column: 'id', min_value: 0, max_value: 1e12 }),
    check('expect_column_values_to_be_between', {
      column: 'created_at',
      min_value: '2024-01-01',
      max_value: '2124-01-01',
    }),
    check('expect_column_values_to_be_between', { column: 'customer_id', min_value: 0, max_value: 49_999 }),
    check('expect_column_values_to_be_between', { column: 'quantity', min_value: 1, max_value: 20 }),
    check('expect_column_values_to_be_between', { column: 'discount', min_value: 0, max_value: 1 }),
    check('expect_column_values_to_be_between', { column: 'country', min_value: 'A', max_value: 'Z' }),
    check('expect_column_min_to_be_between', { column: 'quantity', min_value: 0, max_value: 1 }),
    check('expect_column_max_to_be_between', { column: 'quantity', min_value: 20, max_value: 20 }),
    check('expect_column_max_to_be_between', { column: 'customer_id', max_value: 49_999 }),
    check('expect_table_row_count_to_be_between', { min_value: 1 }),
    check('expect_column_values_to_be_of_type', { column: 'id', type_: 'BIGINT' }),
    check('expect_column_to_exist', { column: 'code' }),
  ],
}

const HAND_WRITTEN: readonly string[] = [
  'count(*)',
  ...['id', 'created_at', 'customer_id', 'country', 'status', 'code', 'quantity', 'discount'].map(
    (name) => `count(${name})`,
  ),
  'count_if(id < 0 OR id > 1000000000000)',
  `count_if(created_at < TIMESTAMP '2024-01-01' OR created_at > TIMESTAMP '2124-01-01')`,
  'count_if(customer_id < 0 OR customer_id > 49999)',
  'count_if(quantity < 1 OR quantity > 20)',
  'count_if(discount < 0 OR discount > 1)',
  `count_if(country < 'A' OR country > 'Z')`,
  'min(quantity), max(quantity), max(customer_id)',
]
