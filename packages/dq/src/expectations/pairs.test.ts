import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const EQUAL = 'expect_column_pair_values_to_be_equal'
const GREATER = 'expect_column_pair_values_a_to_be_greater_than_b'
const IN_SET = 'expect_column_pair_values_to_be_in_set'

const EITHER = { ignore_row_if: 'either_value_is_missing' }
const NEITHER = { ignore_row_if: 'neither' }

async function evaluate(
  types: readonly [string, string],
  rows: readonly (readonly string[])[],
  expectation: string,
  kwargs: Record<string, JsonValue>,
): Promise<CheckResult | undefined> {
  const columns = { a: types[0], b: types[1] }
  const relation = literalRelation(session, columns, { f: rows })
  const contract = contractOf(columns, [[expectation, { column_A: 'a', column_B: 'b', ...kwargs }]])
  return (await evaluateAll(session, contract, relation)).get('f')?.[0]
}

const ROWS = [
  ['1', '1'],
  ['2', '1'],
  ['1', '2'],
  ['NULL', '1'],
  ['1', 'NULL'],
  ['NULL', 'NULL'],
]

type Case = readonly [string, Record<string, JsonValue>, 'passed' | 'failed', unexpected: number, ignored: number]

test.each<Case>([
  // A missing value beside a present one equals nothing; two missing ones equal each other no more.
  [EQUAL, {}, 'failed', 4, 1],
  [EQUAL, EITHER, 'failed', 2, 3],
  [EQUAL, NEITHER, 'failed', 5, 0],
  [EQUAL, { ...EITHER, mostly: 1 / 3 }, 'passed', 2, 3],
  [GREATER, {}, 'failed', 4, 1],
  [GREATER, { or_equal: true }, 'failed', 3, 1],
  [GREATER, { ...EITHER, or_equal: true }, 'failed', 1, 3],
  [GREATER, { ...NEITHER, or_equal: null }, 'failed', 5, 0],
  [
    IN_SET,
    {
      value_pairs_set: [
        [1, 1],
        [2, 1],
      ],
    },
    'failed',
    3,
    1,
  ],
  [
    IN_SET,
    {
      value_pairs_set: [
        [1, 1],
        [2, 1],
      ],
      ...EITHER,
    },
    'failed',
    1,
    3,
  ],
  // A null in a pair stands for a missing value.
  [
    IN_SET,
    {
      value_pairs_set: [
        [1, 1],
        [2, 1],
        [null, 1],
      ],
    },
    'failed',
    2,
    1,
  ],
  [IN_SET, { value_pairs_set: [[null, null]], ...NEITHER }, 'failed', 5, 0],
  [
    IN_SET,
    {
      value_pairs_set: [
        [1, 1],
        [2, 1],
        [1, 2],
        [null, 1],
        [1, null],
      ],
    },
    'passed',
    0,
    1,
  ],
  [IN_SET, { value_pairs_set: [['1', 1]] }, 'failed', 5, 1],
  [IN_SET, { value_pairs_set: [] }, 'failed', 5, 1],
  [IN_SET, { value_pairs_set: null }, 'passed', 0, 1],
  [IN_SET, { value_pairs_set: [[1, 1]], mostly: 0.2 }, 'passed', 4, 1],
])('%s %j: %s', async (expectation, kwargs, outcome, unexpected, ignored) => {
  expect(await evaluate(['INTEGER', 'INTEGER'], ROWS, expectation, kwargs)).toMatchObject({
    outcome,
    elementCount: 6,
    missingCount: ignored,
    unexpectedCount: unexpected,
    rowLevel: true,
  })
})

describe('types', () => {
  test.each<[string, string, readonly string[], string, Record<string, JsonValue>, number]>([
    ['BIGINT', 'DOUBLE', ['1', '1.5'], GREATER, {}, 1],
    ['INTEGER', 'DECIMAL(9,2)', ['1', '1.00'], EQUAL, {}, 0],
    ['DATE', 'TIMESTAMP', ["'2024-01-01'", "'2024-01-01 00:00:00'"], EQUAL, {}, 0],
    ['TIMESTAMPTZ', 'TIMESTAMPTZ', ["'2024-01-01 02:00:00+02'", "'2024-01-01 00:00:00+00'"], EQUAL, {}, 0],
    ['VARCHAR', 'VARCHAR', ["'b'", "'a'"], GREATER, {}, 0],
    [
      'UUID',
      'VARCHAR',
      ["'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000001'"],
      EQUAL,
      {},
      0,
    ],
    ['BOOLEAN', 'BOOLEAN', ['true', 'false'], EQUAL, {}, 1],
    ['INTEGER[]', 'INTEGER[]', ['[1, NULL]', '[1, NULL]'], EQUAL, {}, 0],
    ['STRUCT(a INTEGER)', 'STRUCT(a INTEGER)', ["{'a': 1}", "{'a': 2}"], EQUAL, {}, 1],
    // NaN is missing, so the row is ignored.
    ['DOUBLE', 'DOUBLE', ["'NaN'", "'NaN'"], EQUAL, {}, 0],
    ['DOUBLE', 'DOUBLE', ["'NaN'", '1'], EQUAL, {}, 1],
    ['VARCHAR', 'INTEGER', ["'1'", '1'], GREATER, { allow_cross_type_comparisons: true }, 1],
    ['VARCHAR', 'DATE', ["'a'", "'2024-01-01'"], IN_SET, { value_pairs_set: [['a', '2024-01-01']] }, 0],
  ])('%s and %s: %j %s', async (a, b, row, expectation, kwargs, unexpected) => {
    expect(await evaluate([a, b], [row], expectation, kwargs)).toMatchObject({ unexpectedCount: unexpected })
  })

  test.each<[string, string, string, Record<string, JsonValue>, string]>([
    ['VARCHAR', 'INTEGER', EQUAL, {}, 'CHECK_TYPE'],
    ['VARCHAR', 'INTEGER', GREATER, {}, 'CHECK_TYPE'],
    ['INTEGER[]', 'INTEGER[]', GREATER, {}, 'CHECK_TYPE'],
    ['INTEGER[]', 'VARCHAR[]', EQUAL, {}, 'CHECK_TYPE'],
    ['INTEGER[]', 'INTEGER', IN_SET, { value_pairs_set: [[1, 1]] }, 'CHECK_TYPE'],
    ['VARCHAR', 'VARCHAR', GREATER, { parse_strings_as_datetimes: true }, 'CHECK_REMOVED'],
    ['INTEGER', 'INTEGER', EQUAL, { ignore_row_if: 'never' }, 'CHECK_KWARG'],
    ['INTEGER', 'INTEGER', EQUAL, { column_B: 'c' }, 'CHECK_COLUMN_MISSING'],
    ['INTEGER', 'INTEGER', IN_SET, { value_pairs_set: [[1, 2, 3]] }, 'CHECK_KWARG'],
  ])('%s and %s: %s %j is %s', async (a, b, expectation, kwargs, code) => {
    expect(await evaluate([a, b], [], expectation, kwargs)).toMatchObject({ outcome: 'error', error: { code } })
  })
})

test('unexpected pairs are shown with their names', async () => {
  expect(await evaluate(['INTEGER', 'INTEGER'], ROWS.slice(0, 2), EQUAL, {})).toMatchObject({
    partialUnexpected: [{ a: 2, b: 1 }],
  })
})

// 3 > 1 and 1 < 2 count always. NaN is missing beside a number, beside NULL and beside another NaN.
test.each<readonly [Record<string, JsonValue>, unexpected: number, ignored: number]>([
  [{}, 3, 2],
  [EITHER, 1, 4],
  [NEITHER, 5, 0],
])('NaN is missing in a pair: %j', async (kwargs, unexpectedCount, missingCount) => {
  const nan = "'NaN'::DOUBLE"
  const rows = [
    ['3', '1'],
    ['1', '2'],
    [nan, '1'],
    ['1', nan],
    [nan, 'NULL'],
    [nan, nan],
  ]
  for (const expectation of [GREATER, EQUAL]) {
    const extra = expectation === EQUAL ? 1 : 0
    expect(await evaluate(['DOUBLE', 'DOUBLE'], rows, expectation, kwargs)).toMatchObject({
      unexpectedCount: unexpectedCount + extra,
      missingCount,
    })
  }
})
