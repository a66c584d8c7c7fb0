import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, JsonValue, Relation, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'
import type { CheckPlan } from './check-plan.ts'
import { planChecks } from './plan-checks.ts'
import { SLOW } from '../testing/lane.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const COLUMNS = { id: 'INTEGER', d: 'DOUBLE', s: 'VARCHAR' }
const UNIQUE = 'expect_column_values_to_be_unique'
type Cells = readonly [id: string, d: string, s: string]

/** With the number of rows of each file, as footers tell it. */
function counted(files: Readonly<Record<string, readonly Cells[]>>, more = 0): Relation {
  const relation = literalRelation(session, COLUMNS, files)
  return {
    ...relation,
    files: relation.files.map((file) => ({ ...file, rows: (files[file.key]?.length ?? 0) + more })),
  }
}

function plan(relation: Relation, kwargs: Readonly<Record<string, JsonValue>>, columns = ['id']): CheckPlan {
  const expectations = columns.map((column): [string, Record<string, JsonValue>] => [UNIQUE, { column, ...kwargs }])
  return planChecks(
    compileContract(contractOf(COLUMNS, expectations), relation.columns, { schema: false }),
    relation,
    session.dialect,
  )
}

/** The statements that were run, and what they said. */
async function run(
  planned: CheckPlan,
): Promise<[asked: string[], results: ReadonlyMap<string, readonly CheckResult[]>]> {
  const asked: string[] = []
  const spy: Session = {
    ...session,
    query: (sql, options) => {
      asked.push(planned.queries.find((query) => query.sql === sql)?.id ?? 'other')
      return session.query(sql, options)
    },
  }
  return [asked, await evaluateChecks(spy, planned)]
}

const SOUND = {
  a: [
    ['1', '1.5', "'x'"],
    ['NULL', 'NULL', 'NULL'],
    ['NULL', "'NaN'", "'y'"],
  ],
  b: [['1', '1.5', "'x'"]],
  empty: [],
} as const

test('where no key repeats in any file, the scan alone answers', async () => {
  const [asked, results] = await run(plan(counted(SOUND), {}, ['id', 's']))
  expect(asked).toEqual(['scan-1'])
  for (const file of ['a', 'b', 'empty'])
    for (const result of results.get(file) ?? [])
      expect(result).toMatchObject({ outcome: 'passed', unexpectedCount: 0 })
})

test('where one does, the grouping runs for its column, and says how many rows', async () => {
  const files = {
    ...SOUND,
    b: [
      ['1', '1.5', "'x'"],
      ['2', '1.5', "'x'"],
    ] as const,
  }
  const [asked, results] = await run(plan(counted(files), {}, ['id', 's']))
  expect(asked.filter((id) => id.startsWith('group'))).toEqual(['group-2'])
  expect([...results].map(([, list]) => list.map((result) => result.unexpectedCount))).toEqual([
    [0, 0],
    [0, 2],
    [0, 0],
  ])
})

test('one file, large files and files of unknown size are not screened', () => {
  expect(plan(counted({ a: SOUND.a }), {}).queries.map(({ screen }) => screen)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(plan(counted(SOUND, 10_000), {}).queries.some(({ screen }) => screen !== undefined)).toBe(false)
  expect(plan(literalRelation(session, COLUMNS, SOUND), {}).queries.some(({ screen }) => screen !== undefined)).toBe(
    false,
  )
})

test('screened or not, the answers are the same', async () => {
  const cells = fc.tuple(
    fc.constantFrom('1', '2', '3', '4', 'NULL'),
    fc.constantFrom('0', '-0.0', "'NaN'", '1e300', 'NULL'),
    fc.constantFrom("''", "'a'", "'A'", "'ä'", 'NULL'),
  )
  const rows = fc.array(cells, { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(
      fc.record({ a: rows, b: rows, c: rows }),
      fc.record({
        mostly: fc.constantFrom(0.5, 1),
        row_condition: fc.constantFrom(undefined, 'id > 1', "s = 'a'"),
      }),
      async (files, { mostly, row_condition }) => {
        const kwargs = {
          mostly,
          ...(row_condition === undefined ? {} : { row_condition, condition_parser: 'pandas' }),
        }
        const relation = counted(files)
        const unknown = { ...relation, files: relation.files.map(({ key, path }) => ({ key, path })) }
        const columns = ['id', 'd', 's']
        const [, screened] = await run(plan(relation, kwargs, columns))
        expect(screened).toEqual((await run(plan(unknown, kwargs, columns)))[1])
      },
    ),
    { numRuns: SLOW ? 60 : 25, seed: 20261121 },
  )
})
