import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const UNIQUE = 'expect_select_column_values_to_be_unique_within_record'
const EQUAL = 'expect_multicolumn_values_to_be_equal'
const SUM = 'expect_multicolumn_sum_to_equal'

async function evaluate(
  types: readonly string[],
  rows: readonly (readonly string[])[],
  expectation: string,
  kwargs: Record<string, JsonValue>,
): Promise<CheckResult | undefined> {
  const columns = Object.fromEntries(types.map((type, index) => [`c${index}`, type]))
  const relation = literalRelation(session, columns, { f: rows })
  const contract = contractOf(columns, [[expectation, { column_list: Object.keys(columns), ...kwargs }]])
  return (await evaluateAll(session, contract, relation)).get('f')?.[0]
}

const INTEGERS = ['INTEGER', 'INTEGER', 'INTEGER']
const ROWS = [
  ['1', '2', '3'],
  ['1', '1', '3'],
  ['2', '2', '2'],
  ['1', '2', 'NULL'],
  ['1', 'NULL', 'NULL'],
  ['NULL', 'NULL', 'NULL'],
]
const ANY = { ignore_row_if: 'any_value_is_missing' }
const NEVER = { ignore_row_if: 'never' }

type Case = readonly [string, Record<string, JsonValue>, 'passed' | 'failed', unexpected: number, ignored: number]

test.each<Case>([
  // Two missing values are the same value: rows 2, 3 and 5.
  [UNIQUE, {}, 'failed', 3, 1],
  [UNIQUE, ANY, 'failed', 2, 3],
  [UNIQUE, NEVER, 'failed', 4, 0],
  [UNIQUE, { ...ANY, mostly: 1 / 3 }, 'passed', 2, 3],
  ['expect_multicolumn_values_to_be_unique', {}, 'failed', 3, 1],
  [UNIQUE, { column_list: ['c0', 'c1'] }, 'failed', 2, 1],
  [UNIQUE, { column_list: ['c0'] }, 'passed', 0, 1],
  // Missing equals missing, and nothing else: only row 3, and row 6 where it counts.
  [EQUAL, {}, 'failed', 4, 1],
  [EQUAL, ANY, 'failed', 2, 3],
  [EQUAL, NEVER, 'failed', 4, 0],
  [EQUAL, { column_list: ['c1', 'c2'] }, 'failed', 3, 2],
  [EQUAL, { column_list: ['c0', 'c0'] }, 'passed', 0, 1],
  // A missing value makes no sum.
  [SUM, { sum_total: 6 }, 'failed', 3, 1],
  [SUM, { sum_total: 6, ...ANY }, 'failed', 1, 3],
  [SUM, { sum_total: 6, ...NEVER }, 'failed', 4, 0],
  [SUM, { sum_total: 6, ...ANY, mostly: 0.66 }, 'passed', 1, 3],
  [SUM, { sum_total: 5.5 }, 'failed', 5, 1],
  [SUM, { sum_total: 6.0, column_list: ['c0', 'c1', 'c2', 'c2'] }, 'failed', 3, 1],
])('%s %j: %s', async (expectation, kwargs, outcome, unexpected, ignored) => {
  expect(await evaluate(INTEGERS, ROWS, expectation, kwargs)).toMatchObject({
    outcome,
    elementCount: 6,
    missingCount: ignored,
    unexpectedCount: unexpected,
    rowLevel: true,
  })
})

describe('types', () => {
  test.each<[string, readonly string[], readonly string[], Record<string, JsonValue>, number]>([
    [SUM, ['DECIMAL(9,2)', 'DECIMAL(9,1)'], ['0.10', '0.2'], { sum_total: 0.3 }, 0],
    [SUM, ['DECIMAL(9,2)', 'INTEGER'], ['0.10', '1'], { sum_total: 1.1 }, 0],
    // Floats add up as floats do.
    [SUM, ['DOUBLE', 'DOUBLE'], ['0.1', '0.2'], { sum_total: 0.3 }, 1],
    [SUM, ['DOUBLE', 'INTEGER'], ['0.5', '1'], { sum_total: 1.5 }, 0],
    [SUM, ['DOUBLE', 'DOUBLE'], ["'NaN'", '1'], { sum_total: 1 }, 1],
    // No overflow where the type of the columns would.
    [SUM, ['TINYINT', 'TINYINT'], ['127', '127'], { sum_total: 254 }, 0],
    [SUM, ['BIGINT', 'BIGINT'], ['9223372036854775807', '1'], { sum_total: '9223372036854775808' }, 0],
    [SUM, ['BIGINT', 'BIGINT'], ['9223372036854775807', '2'], { sum_total: '9223372036854775808' }, 1],
    [SUM, ['INTEGER', 'INTEGER'], ['1', '2'], { sum_total: 1e300 }, 1],
    [UNIQUE, ['INTEGER', 'DOUBLE'], ['1', '1.0'], {}, 1],
    // A text never equals a number, but both can be missing.
    [UNIQUE, ['INTEGER', 'VARCHAR'], ['1', "'1'"], {}, 0],
    [UNIQUE, ['INTEGER', 'VARCHAR'], ['NULL', 'NULL'], NEVER, 1],
    [UNIQUE, ['DATE', 'TIMESTAMP'], ["'2024-01-01'", "'2024-01-01 00:00:00'"], {}, 1],
    [UNIQUE, ['INTEGER[]', 'INTEGER[]'], ['[1]', '[1]'], {}, 1],
    [EQUAL, ['INTEGER', 'DOUBLE', 'DECIMAL(9,2)'], ['1', '1.0', '1.00'], {}, 0],
    [EQUAL, ['DOUBLE', 'DOUBLE'], ["'NaN'", 'NULL'], NEVER, 0],
    [EQUAL, ['BOOLEAN', 'BOOLEAN'], ['true', 'false'], {}, 1],
    [EQUAL, ['STRUCT(a INTEGER)', 'STRUCT(a INTEGER)'], ["{'a': 1}", "{'a': 1}"], {}, 0],
    [EQUAL, ['TIMESTAMPTZ', 'TIMESTAMPTZ'], ["'2024-01-01 02:00:00+02'", "'2024-01-01 00:00:00+00'"], {}, 0],
  ])('%s of %j %j %j: %i unexpected', async (expectation, types, row, kwargs, unexpected) => {
    expect(await evaluate(types, [row], expectation, kwargs)).toMatchObject({ unexpectedCount: unexpected })
  })
})

test.each<[string, readonly string[], Record<string, JsonValue>, string]>([
  [SUM, ['INTEGER', 'VARCHAR'], { sum_total: 1 }, 'CHECK_TYPE'],
  [SUM, ['INTEGER'], {}, 'CHECK_KWARG'],
  [SUM, ['INTEGER'], { sum_total: 'six' }, 'CHECK_KWARG'],
  [SUM, ['INTEGER'], { sum_total: 1, column_list: [] }, 'CHECK_KWARG'],
  [EQUAL, ['INTEGER', 'VARCHAR'], {}, 'CHECK_TYPE'],
  [EQUAL, ['INTEGER[]', 'VARCHAR[]'], {}, 'CHECK_TYPE'],
  [UNIQUE, ['INTERVAL', 'INTEGER'], {}, 'CHECK_TYPE'],
  [UNIQUE, ['INTEGER'], { column_list: ['c0', 'd'] }, 'CHECK_COLUMN_MISSING'],
  [UNIQUE, ['INTEGER'], { column_list: 'c0' }, 'CHECK_KWARG'],
  [UNIQUE, ['INTEGER'], { ignore_row_if: 'neither' }, 'CHECK_KWARG'],
  [UNIQUE, Array.from({ length: 101 }, () => 'INTEGER'), {}, 'CHECK_KWARG'],
])('%s of %j %j is %s', async (expectation, types, kwargs, code) => {
  expect(await evaluate(types, [], expectation, kwargs)).toMatchObject({ outcome: 'error', error: { code } })
})

test('a hundred columns can be compared, and a thousand added', async () => {
  const numbers = Array.from({ length: 100 }, (_, index) => String(index))
  const types = numbers.map(() => 'INTEGER')
  expect(await evaluate(types, [numbers], UNIQUE, {})).toMatchObject({ outcome: 'passed' })
  const ones = Array.from({ length: 1000 }, () => '1')
  const result = await evaluate(
    ones.map(() => 'INTEGER'),
    [ones],
    SUM,
    { sum_total: 1000 },
  )
  expect(result).toMatchObject({ outcome: 'passed' })
})
