import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const SET = 'expect_table_columns_to_match_set'
const LIST = 'expect_table_columns_to_match_ordered_list'
const COUNT = 'expect_table_column_count_to_equal'
const BETWEEN = 'expect_table_column_count_to_be_between'
const EXISTS = 'expect_column_to_exist'

async function check(expectation: string, kwargs: Record<string, JsonValue>): Promise<CheckResult | undefined> {
  const columns = { b: 'INTEGER', a: 'VARCHAR' }
  const relation = literalRelation(session, columns, { f: [] })
  return (await evaluateAll(session, contractOf(columns, [[expectation, kwargs]]), relation)).get('f')?.[0]
}

test.each<[string, Record<string, JsonValue>, 'passed' | 'failed']>([
  [SET, { column_set: ['a', 'b'] }, 'passed'],
  [SET, { column_set: ['b', 'a', 'a'] }, 'passed'],
  [SET, { column_set: ['a', 'B'] }, 'failed'],
  [SET, { column_set: ['a'], exact_match: false }, 'passed'],
  [SET, { column_set: ['a', 'c'], exact_match: false }, 'failed'],
  [SET, { column_set: [] }, 'failed'],
  [LIST, { column_list: ['b', 'a'] }, 'passed'],
  [LIST, { column_list: ['a', 'b'] }, 'failed'],
  [LIST, { column_list: ['b'] }, 'failed'],
  [LIST, { column_list: ['b', 'a', 'c'] }, 'failed'],
  [LIST, { column_list: [] }, 'failed'],
  [LIST, { column_list: null }, 'passed'],
  [COUNT, { value: 2 }, 'passed'],
  [COUNT, { value: 3 }, 'failed'],
  [BETWEEN, { min_value: 2, max_value: 2 }, 'passed'],
  [BETWEEN, { min_value: 2, strict_min: true }, 'failed'],
  [BETWEEN, { max_value: 2, strict_max: true }, 'failed'],
  [BETWEEN, { max_value: 1 }, 'failed'],
  [BETWEEN, {}, 'passed'],
  [EXISTS, { column: 'a' }, 'passed'],
  [EXISTS, { column: 'A' }, 'failed'],
  [EXISTS, { column: 'a', column_index: 1 }, 'passed'],
  [EXISTS, { column: 'a', column_index: 0 }, 'failed'],
  [EXISTS, { column: 'a', column_index: 7 }, 'failed'],
  // As in Python, -1 is the last.
  [EXISTS, { column: 'a', column_index: -1 }, 'passed'],
  [EXISTS, { column: 'a', column_index: -2 }, 'failed'],
])('%s %j: %s', async (expectation, kwargs, outcome) => {
  expect(await check(expectation, kwargs)).toMatchObject({ outcome, dimension: 'schema', provedBy: 'schema' })
})

test('what differs is told, sorted', async () => {
  expect(await check(SET, { column_set: ['z', 'c', 'a'] })).toMatchObject({
    observedValue: ['a', 'b'],
    details: { mismatched: { unexpected: ['b'], missing: ['c', 'z'] } },
  })
  expect(await check(SET, { column_set: ['a'], exact_match: false })).toMatchObject({
    outcome: 'passed',
    details: { mismatched: { unexpected: ['b'] } },
  })
  expect((await check(SET, { column_set: ['a', 'b'] }))?.details).toBeUndefined()
})

test('places that differ are told', async () => {
  expect(await check(LIST, { column_list: ['b', 'c', 'a'] })).toMatchObject({
    observedValue: ['b', 'a'],
    details: {
      mismatched: [
        { 'Expected Column Position': 1, Expected: 'c', Found: 'a' },
        { 'Expected Column Position': 2, Expected: 'a', Found: null },
      ],
    },
  })
})

test.each<[string, Record<string, JsonValue>, string]>([
  [SET, {}, 'CHECK_KWARG'],
  [SET, { column_set: 'a' }, 'CHECK_KWARG'],
  [LIST, {}, 'CHECK_KWARG'],
  [COUNT, {}, 'CHECK_KWARG'],
  [COUNT, { value: 1.5 }, 'CHECK_KWARG'],
  [BETWEEN, { min_value: 2, max_value: 1 }, 'CHECK_BOUNDS'],
  [EXISTS, { column_index: 1 }, 'CHECK_KWARG'],
])('%s %j is %s', async (expectation, kwargs, code) => {
  expect(await check(expectation, kwargs)).toMatchObject({ outcome: 'error', error: { code } })
})
