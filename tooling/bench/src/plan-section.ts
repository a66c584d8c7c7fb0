import type { Contract, Relation } from '@tidegate/core'
import { compileContract, planChecks } from '@tidegate/dq'
import type { BenchContext, Section } from './bench-context.ts'
import { withEngine } from './engine-bench.ts'
import { race } from './measure.ts'
import type { ResultRow } from './result-row.ts'

export const planSection: Section = {
  name: 'plan',
  about: 'compiling and planning 200 columns × 3 checks, and a suite of 5,000 checks, without running them',
  run: runPlan,
}

async function runPlan({ folder, rounds }: BenchContext): Promise<readonly ResultRow[]> {
  return withEngine(folder, async (session) => {
    const plan = (columns: number, checks: number) => (): Promise<void> => {
      const relation = wideRelation(columns)
      planChecks(compileContract(contractOf(columns, checks), relation.columns), relation, session.dialect)
      return Promise.resolve()
    }
    const best = await race(rounds, { wide: plan(200, 3), many: plan(1000, 5) })
    return [row('plan: 200 columns × 3 checks', best.wide, 200), row('plan: 1,000 columns × 5 checks', best.many, 2000)]
  })
}

function row(what: string, ours: number, most: number): ResultRow {
  const verdict = ours <= most ? 'met' : 'missed'
  return { section: 'plan', what, unit: 'ms', ours, bare: null, ratio: null, bar: `≤ ${most} ms`, verdict }
}

function wideRelation(columns: number): Relation {
  return {
    sql: 'wide',
    columns: Array.from({ length: columns }, (_, index) => ({ name: `c${index}`, type: 'INTEGER' })),
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: [{ key: 'wide', path: 'wide' }],
  }
}

const KINDS = [
  (column: string) => ({ type: 'expect_column_values_to_not_be_null', kwargs: { column } }),
  (column: string) => ({
    type: 'expect_column_values_to_be_between',
    kwargs: { column, min_value: 0, max_value: 1000 },
  }),
  (column: string) => ({ type: 'expect_column_values_to_be_unique', kwargs: { column } }),
  (column: string) => ({ type: 'expect_column_mean_to_be_between', kwargs: { column, min_value: 0 } }),
  (column: string) => ({ type: 'expect_column_values_to_be_in_set', kwargs: { column, value_set: [1, 2, 3] } }),
]

function contractOf(columns: number, checks: number): Contract {
  return {
    contract: 'wide',
    version: 1,
    schema: { columns: {} },
    expectations: Array.from({ length: columns }, (_, index) =>
      KINDS.slice(0, checks).map((kind) => kind(`c${index}`)),
    ).flat(),
  }
}
