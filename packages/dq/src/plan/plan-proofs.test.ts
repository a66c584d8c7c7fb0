import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { explainPlan } from './explain-plan.ts'
import { planChecks } from './plan-checks.ts'
import { tempFolder, writtenRelation } from '../testing/parquet-file.ts'
import { contractOf } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const between = 'expect_column_values_to_be_between'
const ROWS = `SELECT range AS id, 'code' || (range % 3) AS code, (range % 10)::INTEGER AS digit FROM range(10000)`

test('what the footer proves is not asked, and the result says who proved it', async () => {
  using folder = tempFolder()
  const relation = await writtenRelation(session, path.join(folder.path, 'a.parquet'), ROWS)
  const contract = contractOf({}, [
    [between, { column: 'id', min_value: 0, max_value: 9999 }],
    ['expect_column_values_to_not_be_null', { column: 'code' }],
    ['expect_table_row_count_to_equal', { value: 9999 }],
  ])
  const compiled = compileContract(contract, relation.columns, { schema: false })
  const statistics = await session.fileStatistics([relation.files[0]?.parquet ?? ''])
  const plan = planChecks(compiled, relation, session.dialect, { statistics })
  expect(plan.queries.filter((query) => query.kind !== 'sample')).toEqual([])
  expect(structuredClone(plan)).toEqual(plan)
  expect(explainPlan(plan).rows.map((row) => row.how)).toEqual(['metadata', 'metadata', 'metadata'])
  const [results = []] = [...(await evaluateChecks(session, plan)).values()]
  expect(results.map(({ outcome, provedBy, proof }) => [outcome, provedBy, proof])).toEqual([
    ['passed', 'metadata', { files: 1, rowGroups: 5 }],
    ['passed', 'metadata', { files: 1, rowGroups: 5 }],
    ['failed', 'metadata', { files: 1, rowGroups: 5 }],
  ])
  const [scanned = []] = [...(await evaluateChecks(session, planChecks(compiled, relation, session.dialect))).values()]
  const unproved = results.map((result) => ({ ...result, provedBy: 'scan', proof: undefined }))
  expect(scanned).toEqual(unproved)
})

test('a check of which a part is not proved is scanned for that part', async () => {
  using folder = tempFolder()
  const relation = await writtenRelation(session, path.join(folder.path, 'a.parquet'), ROWS)
  const contract = contractOf({}, [[between, { column: 'digit', min_value: 5 }]])
  const compiled = compileContract(contract, relation.columns, { schema: false })
  const statistics = await session.fileStatistics([relation.files[0]?.parquet ?? ''])
  const plan = planChecks(compiled, relation, session.dialect, { statistics })
  expect(plan.queries.find((query) => query.kind === 'fused')?.answers).toEqual(['count("digit" < 5)'])
  const [results = []] = [...(await evaluateChecks(session, plan)).values()]
  expect(results[0]).toMatchObject({
    provedBy: 'scan',
    elementCount: 10_000,
    unexpectedCount: 5000,
    partialUnexpected: [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4],
  })
  expect(results[0]?.proof).toBeUndefined()
})

test('conditions on a text whose values repeat are judged once per value, with the same answers', async () => {
  using folder = tempFolder()
  const relation = await writtenRelation(session, path.join(folder.path, 'a.parquet'), ROWS)
  const contract = contractOf({}, [
    ['expect_column_values_to_match_regex', { column: 'code', regex: '[01]$' }],
    ['expect_column_value_lengths_to_equal', { column: 'code', value: 5 }],
    ['expect_column_values_to_be_in_set', { column: 'code', value_set: ['code0'] }],
    ['expect_column_values_to_be_in_set', { column: 'digit', value_set: [1, 2] }],
  ])
  const compiled = compileContract(contract, relation.columns, { schema: false })
  const statistics = await session.fileStatistics([relation.files[0]?.parquet ?? ''])
  const plan = planChecks(compiled, relation, session.dialect, { statistics })
  const groups = plan.queries.filter((query) => query.kind === 'group-by')
  expect(groups.map((query) => query.answers.length)).toEqual([3])
  const plain = await evaluateChecks(session, planChecks(compiled, relation, session.dialect))
  expect(await evaluateChecks(session, plan)).toEqual(plain)
  const [results = []] = [...plain.values()]
  expect(results.map((result) => result.unexpectedCount)).toEqual([3333, 0, 6666, 8000])
})
