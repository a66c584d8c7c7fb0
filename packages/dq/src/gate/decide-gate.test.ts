import { describe, expect, test } from 'vitest'
import type { CheckResult, OnFail, Severity } from '@tidegate/core'
import { decideGate, resolveGate } from './decide-gate.ts'
import { decideLimits } from '../limits/decide-limits.ts'
import { scoreChecks } from '../scores/score-checks.ts'

function result(outcome: CheckResult['outcome'], severity: Severity = 'critical', rowLevel = true): CheckResult {
  return {
    id: `${outcome}-${severity}-${rowLevel ? 'row' : 'table'}`,
    type: 'expect_column_values_to_not_be_null',
    columns: ['a'],
    severity,
    dimension: 'completeness',
    outcome,
    rowLevel: rowLevel && outcome !== 'error',
    message: 'm',
    provedBy: 'scan',
  }
}
const passed = result('passed')
const gate = (results: readonly CheckResult[], onFail: OnFail = 'quarantine', threshold = 100): string =>
  decideGate(results, { onFail, threshold }).kind

test('no check at all holds, without a score', () => {
  expect(decideGate([], { onFail: 'warn', threshold: 0 })).toMatchObject({ kind: 'hold', score: null })
})

test('all passed is admitted with a score of 100', () => {
  expect(decideGate([passed, passed], { onFail: 'quarantine', threshold: 100 })).toEqual({
    kind: 'admit',
    score: 100,
    threshold: 100,
    reasons: [],
  })
})

test('an errored check counts as evaluated and not passed', () => {
  expect(decideGate([passed, passed, result('error'), result('failed')], { onFail: 'warn', threshold: 0 }).score).toBe(
    50,
  )
})

test.each<[OnFail, string]>([
  ['quarantine', 'hold'],
  ['fail', 'hold'],
  ['split', 'split'],
  ['warn', 'admit-with-warnings'],
])('a failed critical check triggers %s at any threshold: %s', (onFail, kind) => {
  expect(gate([passed, result('failed')], onFail, 0)).toBe(kind)
})

describe('a score below the threshold triggers, one on it does not', () => {
  const warnings = [passed, result('failed', 'warning')]
  test.each<[number, string]>([
    [50, 'admit-with-warnings'],
    [50.1, 'hold'],
  ])('threshold %d: %s', (threshold, kind) => {
    expect(gate(warnings, 'quarantine', threshold)).toBe(kind)
  })
})

describe('split', () => {
  test('becomes hold when an error triggered', () => {
    expect(gate([passed, result('failed'), result('error', 'info')], 'split', 0)).toBe('hold')
  })

  test('becomes hold when a critical check of the table failed', () => {
    expect(gate([result('failed'), result('failed', 'critical', false)], 'split', 0)).toBe('hold')
  })

  test('stays when the check of the table only warned and the score is good enough', () => {
    expect(gate([passed, result('failed'), result('failed', 'warning', false)], 'split', 30)).toBe('split')
  })

  test('becomes hold when a check of the table pulled the score below the threshold', () => {
    expect(gate([passed, result('failed', 'warning', false)], 'split', 100)).toBe('hold')
  })
})

test('every failed check is a reason, not only what triggered', () => {
  const verdict = decideGate([result('failed', 'info'), { ...result('failed'), unexpectedCount: 3 }, result('error')], {
    onFail: 'quarantine',
    threshold: 0,
  })
  expect(verdict.reasons).toMatchObject([
    { check: 'failed-info-row', severity: 'info' },
    { check: 'failed-critical-row', failedRows: 3 },
    { check: 'error-critical-row', message: 'could not be evaluated: m' },
  ])
})

test('flag over source over contract over defaults, each setting on its own', () => {
  expect(
    resolveGate({ threshold: 1 }, { threshold: 2, on_fail: 'warn' }, { on_fail: 'split' }, { threshold: 4 }),
  ).toEqual({ threshold: 1, onFail: 'warn' })
  expect(resolveGate(undefined, {}, { threshold: 0 }, { threshold: 4 })).toEqual({ threshold: 0, onFail: 'quarantine' })
  expect(resolveGate(undefined, undefined, undefined, undefined)).toEqual({ threshold: 100, onFail: 'quarantine' })
})

test('the score is that of scoreChecks: each check counts once, whatever its dimension', () => {
  const results = [passed, result('failed', 'info'), { ...passed, dimension: 'volume' as const }]
  const verdict = decideGate(results, { onFail: 'quarantine', threshold: 60 })
  expect(verdict).toMatchObject({ kind: 'admit-with-warnings', score: 200 / 3 })
  expect(scoreChecks(results).overall.score).toBe(verdict.score)
})

test('a check that broke only its limit for warnings never triggers by its severity', () => {
  const judged = { ...result('failed'), elementCount: 100, missingCount: 0, unexpectedCount: 5 }
  const limits = { fail: { count: 10 }, warn: { count: 1 }, mostlyGiven: false }
  expect(gate([passed, decideLimits(judged, limits)], 'quarantine', 50)).toBe('admit-with-warnings')
  expect(gate([passed, decideLimits({ ...judged, unexpectedCount: 11 }, limits)], 'quarantine', 50)).toBe('hold')
  expect(gate([passed, decideLimits({ ...judged, unexpectedCount: 1 }, limits)], 'quarantine', 100)).toBe('admit')
})
