import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckResult, Expectation, Session, Severity } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { compileContract } from '../compile/compile-contract.ts'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'
import { decideLimits, type CheckLimits } from './decide-limits.ts'

function judged(unexpectedCount: number, more: Partial<CheckResult> = {}): CheckResult {
  return {
    id: 'a:between',
    type: 'expect_column_values_to_be_between',
    columns: ['a'],
    severity: 'critical',
    dimension: 'validity',
    outcome: unexpectedCount > 0 ? 'failed' : 'passed',
    rowLevel: true,
    message: 'a',
    elementCount: 120,
    missingCount: 20,
    unexpectedCount,
    provedBy: 'scan',
    ...more,
  }
}

function decided(
  unexpected: number,
  limits: Partial<CheckLimits>,
  more: Partial<CheckResult> = {},
): readonly [CheckResult['outcome'], Severity] {
  const { outcome, severity } = decideLimits(judged(unexpected, more), {
    fail: undefined,
    warn: undefined,
    mostlyGiven: false,
    ...limits,
  })
  return [outcome, severity]
}

describe('of 100 considered rows', () => {
  test('more than the limit breaks it, as much does not', () => {
    const limits = { fail: { count: 10 }, warn: { count: 5 } }
    expect(decided(0, limits)).toEqual(['passed', 'critical'])
    expect(decided(5, limits)).toEqual(['passed', 'critical'])
    expect(decided(6, limits)).toEqual(['failed', 'warning'])
    expect(decided(10, limits)).toEqual(['failed', 'warning'])
    expect(decided(11, limits)).toEqual(['failed', 'critical'])
  })

  test('a fraction is one of the considered rows, nulls not counted', () => {
    expect(decided(10, { fail: { fraction: 0.1 } })).toEqual(['passed', 'critical'])
    expect(decided(11, { fail: { fraction: 0.1 } })).toEqual(['failed', 'critical'])
  })

  test('with a number and a fraction, the first to break counts', () => {
    expect(decided(4, { fail: { count: 3, fraction: 0.5 } })).toEqual(['failed', 'critical'])
    expect(decided(40, { fail: { count: 1000, fraction: 0.3 } })).toEqual(['failed', 'critical'])
  })

  test('warn alone never fails, unless mostly did', () => {
    expect(decided(99, { warn: { count: 5 } })).toEqual(['failed', 'warning'])
    expect(decided(99, { warn: { count: 5 }, mostlyGiven: true })).toEqual(['failed', 'critical'])
    expect(decided(9, { warn: { count: 5 }, mostlyGiven: true }, { outcome: 'passed' })).toEqual(['failed', 'warning'])
    expect(decided(2, { warn: { count: 5 } })).toEqual(['passed', 'critical'])
  })

  test('a warning is never louder than the check, and an error stays one', () => {
    expect(decided(6, { warn: { count: 5 } }, { severity: 'info' })).toEqual(['failed', 'info'])
    expect(decided(0, { fail: { count: 5 } }, { outcome: 'error' })).toEqual(['error', 'critical'])
  })

  test('nothing considered breaks no fraction', () => {
    expect(decided(0, { fail: { fraction: 0 } }, { elementCount: 20 })).toEqual(['passed', 'critical'])
  })

  test('the message says which limit broke', () => {
    const limits = { fail: { fraction: 0.1 }, warn: { count: 1 }, mostlyGiven: false }
    expect(decideLimits(judged(11), limits).message).toBe('a (more than 10 % of the rows is a failure)')
    expect(decideLimits(judged(2), limits).message).toBe('a (more than 1 row is a warning)')
    expect(decideLimits(judged(1), limits).message).toBe('a (within the limits)')
  })
})

describe('limits that make no sense are errors of the check', () => {
  const problem = (expectation: Omit<Expectation, 'kwargs'> & { kwargs?: Expectation['kwargs'] }): unknown => {
    const contract = contractOf({ a: 'INTEGER' }, [{ kwargs: { column: 'a' }, ...expectation }])
    const { answer } = compileContract(contract, [{ name: 'a', type: 'INTEGER' }], { schema: false }).checks[0] ?? {}
    return answer?.kind === 'problem' ? [answer.problem.code, answer.problem.message] : answer?.kind
  }
  const type = 'expect_column_values_to_not_be_null'

  test.each<readonly [name: string, expectation: Parameters<typeof problem>[0], message: RegExp]>([
    ['with mostly', { type, kwargs: { column: 'a', mostly: 0.9 }, fail: { count: 1 } }, /mostly and fail/],
    ['empty', { type, fail: {} }, /neither count nor fraction/],
    ['no whole number', { type, warn: { count: 1.5 } }, /whole number/],
    ['beyond 1', { type, warn: { fraction: 2 } }, /from 0 to 1/],
    ['not a number', { type, fail: { fraction: Number.NaN } }, /from 0 to 1/],
    ['warn above fail', { type, fail: { count: 1 }, warn: { count: 2 } }, /would never speak/],
    [
      'of a table check',
      { type: 'expect_table_row_count_to_equal', kwargs: { value: 1 }, fail: { count: 1 } },
      /does not count rows/,
    ],
    ['of an aggregate', { type: 'expect_column_mean_to_be_between', fail: { count: 1 } }, /does not count rows/],
  ])('%s', (_, expectation, message) => {
    expect(problem(expectation)).toEqual(['CHECK_LIMIT', expect.stringMatching(message)])
  })

  test('warn with mostly is fine', () => {
    expect(problem({ type, kwargs: { column: 'a', mostly: 0.9 }, warn: { count: 1 } })).toBe('measured')
  })
})

describe('through the engine', () => {
  let session: Session
  beforeAll(async () => {
    session = await openDuckDB({ threads: 1 })
  })
  afterAll(async () => session.close())

  test('each file is judged by itself', async () => {
    const rows = (bad: number): string[][] => Array.from({ length: 10 }, (_, index) => [index < bad ? '99' : '1'])
    const relation = literalRelation(session, { a: 'INTEGER' }, { good: rows(1), worse: rows(2), bad: rows(4) })
    const contract = contractOf({ a: 'INTEGER' }, [
      {
        type: 'expect_column_values_to_be_between',
        kwargs: { column: 'a', max_value: 9 },
        fail: { fraction: 0.3 },
        warn: { fraction: 0.1 },
      },
    ])
    const results = await evaluateAll(session, contract, relation)
    expect([...results].map(([file, [result]]) => [file, result?.outcome, result?.severity])).toEqual([
      ['good', 'passed', 'critical'],
      ['worse', 'failed', 'warning'],
      ['bad', 'failed', 'critical'],
    ])
  })
})
