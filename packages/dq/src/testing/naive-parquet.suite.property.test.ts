import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluatePlan } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { naiveAnswer } from './naive/naive-answer.ts'
import { naiveSpec } from './naive/naive-suites.ts'
import { NAIVE_COLUMNS, naiveRow, sqlCells } from './naive/naive-table.ts'
import { parquetFileRelation, tempFolder } from './parquet-file.ts'
import { contractOf, literalRelation } from './tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

/** Short tables of few different rows, so that footers prove much: nothing missing, one value, bounds that hold. */
const rows = fc
  .array(naiveRow, { minLength: 0, maxLength: 3 })
  .chain((some) => fc.array(fc.constantFrom(...(some.length === 0 ? [{}] : some)), { maxLength: some.length * 4 }))
const RUNS = Number(process.env['NAIVE_RUNS'] ?? 50)
const SEED = Number(process.env['NAIVE_SEED'] ?? 20260702)

test('on Parquet files, the answers with and without what footers prove are the same, and those of the loop', async () => {
  using folder = tempFolder()
  let [proved, asked] = [0, 0]
  await fc.assert(
    fc.asyncProperty(rows, fc.array(naiveSpec, { minLength: 1, maxLength: 15 }), async (list, specs) => {
      const file = join(folder.path, 'rows.parquet')
      const source = literalRelation(session, NAIVE_COLUMNS, { f: list.map(sqlCells) })
      const names = Object.keys(NAIVE_COLUMNS).map((name) => session.dialect.identifier(name))
      await session.query(
        `COPY (SELECT ${names.join(', ')} FROM ${source.sql} ORDER BY __tg_row) TO ${session.dialect.literal(file)}`,
      )
      const relation = await parquetFileRelation(session, file)
      const statistics = await session.fileStatistics([file])
      const compiled = compileContract(contractOf(NAIVE_COLUMNS, specs), relation.columns, { schema: false })
      const answers = async (footers: typeof statistics): Promise<readonly CheckResult[]> => {
        const plan = planChecks(compiled, relation, session.dialect, { statistics: footers })
        return [...(await evaluatePlan(session, plan)).results.values()].flat()
      }
      const [without, by] = [await answers([]), await answers(statistics)]
      expect(by.map(apartFromProof)).toEqual(without.map(apartFromProof))
      for (const [index, spec] of specs.entries()) {
        const outcome = naiveAnswer(spec, list).success ? 'passed' : 'failed'
        expect(by[index]?.outcome, JSON.stringify(spec)).toBe(outcome)
      }
      proved += by.filter((result) => result.provedBy === 'metadata').length
      asked += by.length
    }),
    { numRuns: RUNS, seed: SEED },
  )
  // Much must be proved, or the test would prove nothing.
  expect(proved / asked).toBeGreaterThan(0.15)
}, 600_000)

function apartFromProof(result: CheckResult): unknown {
  return { ...result, provedBy: undefined, proof: undefined }
}
