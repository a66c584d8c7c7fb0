import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Cell, CheckResult, Relation, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluatePlan } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { rowRules } from '../rows/row-rules.ts'
import { splitSql } from '../rows/split-sql.ts'
import { SLOW } from './lane.ts'
import { naiveAnswer, type NaiveSpec } from './naive/naive-answer.ts'
import { naiveSpec } from './naive/naive-suites.ts'
import { NAIVE_COLUMNS, naiveRow, sqlCells, type NaiveCell, type NaiveRow } from './naive/naive-table.ts'
import { contractOf, literalRelation } from './tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

type Files = readonly (readonly NaiveRow[])[]

const files: fc.Arbitrary<Files> = fc.array(
  fc.oneof({ weight: 4, arbitrary: fc.array(naiveRow, { maxLength: 9 }) }, fc.array(naiveRow, { maxLength: 45 })),
  { minLength: 1, maxLength: 3 },
)
const suite = fc.array(naiveSpec, { minLength: 1, maxLength: 15 })
/** More of them, and others, for a longer search: `NAIVE_RUNS=20000 NAIVE_SEED=7`. */
const RUNS = Number(process.env['NAIVE_RUNS'] ?? (SLOW ? 160 : 60))
const SEED = Number(process.env['NAIVE_SEED'] ?? 20260701)

test('a suite on several files answers what loops over their rows answer, and splits the rows that they name', async () => {
  await fc.assert(
    fc.asyncProperty(files, suite, async (lists, specs) => {
      const relation = relationOf(lists)
      const compiled = compileContract(contractOf(NAIVE_COLUMNS, specs), relation.columns, { schema: false })
      const plan = planChecks(compiled, relation, session.dialect)
      const { results, failingValues } = await evaluatePlan(session, plan)
      for (const [index, rows] of lists.entries())
        for (const [place, spec] of specs.entries()) expectAnswer(results.get(`f${index}`)?.[place], spec, rows)
      const ids = compiled.checks.map((check) => check.id)
      const rules = rowRules(compiled, relation, session.dialect, failingValues)
      const { rejected } = splitSql(relation, rules, session.dialect, { columns: relation.columns })
      const { rows } = await session.query(`SELECT __tg_file, __tg_row, __tg_rules FROM (${rejected})`)
      const split = rows.map(([file, row, broken]) => `${String(file)} ${String(row)} ${sorted(broken)}`)
      expect(split.toSorted()).toEqual(rejectedByHand(lists, specs, ids).toSorted())
    }),
    { numRuns: RUNS, seed: SEED },
  )
}, 600_000)

function relationOf(lists: Files): Relation {
  return literalRelation(
    session,
    NAIVE_COLUMNS,
    Object.fromEntries(lists.map((rows, index) => [`f${index}`, rows.map(sqlCells)])),
  )
}

function sorted(labels: unknown): string {
  return (labels as string[]).toSorted().join(' ')
}

function rejectedByHand(lists: Files, specs: readonly NaiveSpec[], ids: readonly string[]): readonly string[] {
  return lists.flatMap((rows, file) => {
    const broken = rows.map((): string[] => [])
    for (const [index, spec] of specs.entries()) {
      const answer = naiveAnswer(spec, rows)
      if (answer.kind === 'rows') for (const place of answer.unexpected) broken[place]?.push(ids[index] ?? '')
    }
    return broken.flatMap((labels, row) => (labels.length === 0 ? [] : [`f${file} ${row} ${sorted(labels)}`]))
  })
}

function expectAnswer(result: CheckResult | undefined, spec: NaiveSpec, rows: readonly NaiveRow[]): void {
  const answer = naiveAnswer(spec, rows)
  const said = JSON.stringify(spec)
  if (result === undefined) throw new Error(`no result of ${said}`)
  expect([result.outcome, result.error?.message], said).toEqual([answer.success ? 'passed' : 'failed', undefined])
  if (answer.kind === 'column') {
    if (answer.observed !== undefined) expectObserved(result.observedValue, answer.observed, said)
    return
  }
  expect([result.elementCount, result.missingCount ?? 0, result.unexpectedCount], said).toEqual([
    answer.elements,
    answer.missing,
    answer.unexpected.length,
  ])
  if (answer.percent === null) expect(result.unexpectedPercent, said).toBeNull()
  else expect(result.unexpectedPercent, said).toBeCloseTo(answer.percent, 9)
  if (spec[0] === 'expect_column_values_to_not_be_null') return
  expect(result.partialUnexpected?.map(plain) ?? [], said).toEqual(answer.values.slice(0, 20).map(listed))
}

function expectObserved(observed: Cell | undefined, expected: NaiveCell | readonly NaiveCell[], said: string): void {
  if (typeof expected === 'number' && Number.isFinite(expected))
    expect(Math.abs(Number(observed) - expected), said).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)))
  else expect(plain(observed ?? null), said).toEqual(listed(expected))
}

/** A value of either side as text, whatever the engine's type for it is. Records are lists of their values. */
function plain(cell: Cell): string | null | readonly (string | null)[] {
  if (Array.isArray(cell)) return (cell as readonly Cell[]).map((item) => plain(item) as string | null)
  if (typeof cell === 'object' && cell !== null) return plain(Object.values(cell) as Cell)
  return text(cell as NaiveCell)
}

function listed(value: NaiveCell | readonly NaiveCell[]): string | null | readonly (string | null)[] {
  return Array.isArray(value) ? value.map(text) : text(value as NaiveCell)
}

/** `2.50` is 2.5, and NaN is nothing. */
function text(value: NaiveCell): string | null {
  if (value === null || Number.isNaN(value)) return null
  const asText = String(value)
  return /^-?[0-9]+\.[0-9]+$/.test(asText) ? String(Number(asText)) : asText
}
