import type { CheckRecord, CheckResult } from '@tidegate/core'

/** A result of check `id` of one file; what is given stands. */
export function makeCheck(
  id: string,
  outcome: CheckResult['outcome'],
  given: Partial<CheckRecord> & { readonly unexpected?: number } = {},
): CheckRecord {
  const { unexpected = 0, ...record } = given
  const result: CheckResult = {
    id,
    type: 'expect_x',
    columns: ['a'],
    severity: 'warning',
    dimension: 'validity',
    outcome,
    rowLevel: true,
    message: 'm',
    unexpectedCount: unexpected,
    provedBy: 'scan',
  }
  return {
    run: 'r',
    source: 'flights',
    dataset: 'd',
    file: 'flights/f#1',
    checkedAtMs: Date.UTC(2026, 2, 1) + 5,
    result,
    ...record,
  }
}
