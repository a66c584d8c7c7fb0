import { expect, test } from 'vitest'
import type { CheckRecord, CheckResult } from '@tidegate/core'
import { renderChecks, summarizeChecks } from './checks-view.ts'

function record(run: string, id: string, result: Partial<CheckResult>): CheckRecord {
  return {
    run,
    source: 's',
    dataset: 's',
    file: 's/a#1',
    checkedAtMs: run === 'first' ? 1 : 2,
    result: {
      id,
      type: 'expect_column_values_to_be_between',
      columns: ['v'],
      severity: 'critical',
      dimension: 'validity',
      outcome: 'passed',
      rowLevel: true,
      message: 'v between 0 and 1',
      provedBy: 'scan',
      ...result,
    },
  }
}

test('the latest judgement counts: passed, failed, errors, what was proved, a score per dimension', () => {
  const summary = summarizeChecks([
    record('first', 'a', { outcome: 'failed' }),
    record('second', 'a', { provedBy: 'metadata' }),
    record('second', 'b', { outcome: 'failed' }),
    record('second', 'c', {}),
    record('second', 'd', { outcome: 'error', dimension: 'freshness' }),
    record('second', 'e', { dimension: 'completeness', provedBy: 'metadata' }),
  ])
  expect(summary).toEqual({
    passed: 3,
    failed: 1,
    errors: 1,
    provedByMetadata: 2,
    scores: { completeness: 100, validity: 200 / 3, freshness: 0 },
  })
  expect(summary === null ? [] : renderChecks(summary)).toEqual([
    '  checks     3 checks passed, 1 failed, 1 could not be evaluated, 2 proved by metadata alone',
    '  scores     completeness 100, validity 66.7, freshness 0',
  ])
})

test('nothing recorded is no summary', () => expect(summarizeChecks([])).toBeNull())
