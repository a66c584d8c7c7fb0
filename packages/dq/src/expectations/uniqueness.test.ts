import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, Contract, JsonValue, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'
import type { OtherTable } from './definition.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const UNIQUE = 'expect_column_values_to_be_unique'
const COMPOUND = 'expect_compound_columns_to_be_unique'
const COLUMNS = { id: 'INTEGER', day: 'VARCHAR' }
const FILES = {
  one: [
    ['1', "'a'"],
    ['2', "'a'"],
    ['NULL', "'a'"],
  ],
  two: [
    ['2', "'a'"],
    ['3', "'a'"],
    ['NULL', "'a'"],
  ],
  three: [
    ['9', 'NULL'],
    ['9', 'NULL'],
    ['7', "'b'"],
  ],
}
const TARGET: OtherTable = {
  sql: "(SELECT * FROM (VALUES (3, 'x'), (7, 'b'), (NULL, 'a')) t(id, day))",
  columns: [
    { name: 'id', type: 'INTEGER' },
    { name: 'day', type: 'VARCHAR' },
  ],
}

async function evaluate(
  contract: Contract,
  target: OtherTable | undefined,
): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  const relation = literalRelation(session, COLUMNS, FILES)
  const tables = new Map(target === undefined ? [] : [['target', target]])
  const compiled = compileContract(contract, relation.columns, { schema: false, tables })
  return evaluateChecks(session, planChecks(compiled, relation, session.dialect))
}

type Counts = readonly [one: number, two: number, three: number]

describe('unique', () => {
  test.each<[string, Record<string, JsonValue>, Counts, string]>([
    [UNIQUE, {}, [0, 0, 2], 'id unique in the file'],
    [UNIQUE, { scope: 'file' }, [0, 0, 2], 'id unique in the file'],
    // 2 is in the first file and in the second.
    [UNIQUE, { scope: 'batch' }, [1, 1, 2], 'id unique in the batch'],
    // 3 and 7 are loaded already; NULL repeats nothing.
    [UNIQUE, { scope: 'target' }, [1, 2, 3], 'id unique in the batch and the target'],
    [COMPOUND, {}, [0, 0, 2], 'id, day unique together in the file'],
    // (NULL, a) is in both: NULLs are equal within a key of several columns.
    [COMPOUND, { scope: 'batch' }, [2, 2, 2], 'id, day unique together in the batch'],
    [
      COMPOUND,
      { scope: 'batch', ignore_row_if: 'any_value_is_missing' },
      [1, 1, 0],
      'id, day unique together in the batch',
    ],
    [
      COMPOUND,
      { scope: 'target', ignore_row_if: 'any_value_is_missing' },
      [1, 1, 1],
      'id, day unique together in the batch and the target',
    ],
  ])('%s %j: %j unexpected', async (expectation, kwargs, unexpected, description) => {
    const columns = expectation === UNIQUE ? { column: 'id' } : { column_list: ['id', 'day'] }
    const results = await evaluate(contractOf(COLUMNS, [[expectation, { ...columns, ...kwargs }]]), TARGET)
    const found = ['one', 'two', 'three'].map((file) => results.get(file)?.[0])
    expect(found.map((result) => result?.unexpectedCount)).toEqual(unexpected)
    for (const result of found) {
      expect(result?.message).toContain(description)
      expect(result?.scope).toBe(kwargs['scope'] ?? 'file')
      expect(result?.rowLevel).toBe(true)
    }
  })

  test('counts of considered rows do not depend on the scope', async () => {
    for (const scope of ['file', 'batch', 'target']) {
      const results = await evaluate(contractOf(COLUMNS, [[UNIQUE, { column: 'id', scope }]]), TARGET)
      expect(results.get('one')?.[0]).toMatchObject({ elementCount: 3, missingCount: 1 })
    }
  })

  test('the repeated key is shown', async () => {
    const results = await evaluate(contractOf(COLUMNS, [[UNIQUE, { column: 'id', scope: 'batch' }]]), undefined)
    expect(results.get('two')?.[0]?.partialUnexpected).toEqual([2])
  })
})

test.each<[Record<string, JsonValue>, OtherTable | undefined, string]>([
  [{ column: 'id', scope: 'target' }, undefined, 'CHECK_TABLE'],
  [{ column: 'id', scope: 'target' }, { ...TARGET, columns: [] }, 'CHECK_TABLE'],
  [{ column: 'id', scope: 'world' }, TARGET, 'CHECK_KWARG'],
])('%j is an error', async (kwargs, target, code) => {
  const results = await evaluate(contractOf(COLUMNS, [[UNIQUE, kwargs]]), target)
  expect(results.get('one')?.[0]).toMatchObject({ outcome: 'error', error: { code } })
})
