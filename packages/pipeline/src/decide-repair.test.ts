import { describe, expect, test } from 'vitest'
import type { Diagnosis, Finding, FindingCode, Reason } from '@tidegate/core'
import type { RepairSummary } from '@tidegate/parquet'
import { decideRepair, mayBeRepaired, reasonsOf } from './decide-repair.ts'

const SEEN: readonly Reason[] = [{ check: 'PQ406', severity: 'critical', message: 'the engine says no' }]

function found(code: FindingCode, more: Partial<Finding> = {}): Finding {
  return { code, name: 'X', severity: 'error', message: `what ${code} says.`, repairable: 'lossy', ...more }
}

function plan(more: Partial<RepairSummary> = {}): RepairSummary {
  return {
    kind: 'repair',
    lossless: true,
    steps: [{ code: 'PQ107', what: '16 bytes at the end are cut off', lossless: true }],
    schemaFrom: 'own-footer',
    confidence: 'proven',
    evidence: [],
    doubts: [],
    rowGroups: [],
    loss: [],
    totals: { rowsRecovered: 100_000, rowsLost: 0, cellsNulled: 0 },
    findings: [found('PQ107')],
    untouchedPrefixBytes: 10,
    outBytes: 10,
    ...more,
  }
}

function messages(decision: ReturnType<typeof decideRepair>): string[] {
  return decision.kind === 'hold'
    ? decision.reasons.map(({ check, message }) => `${check}: ${message}`)
    : [decision.kind]
}

describe('what `repair:` allows', () => {
  test('without loss, both', () => {
    expect(decideRepair(plan(), 'lossless', SEEN)).toEqual({ kind: 'apply' })
    expect(decideRepair(plan(), 'lossy', SEEN)).toEqual({ kind: 'apply' })
  })

  test.each([
    [{ rowsRecovered: 81_920, rowsLost: 18_080, cellsNulled: 0 }, '81,920 of 100,000 rows'],
    [{ rowsRecovered: 81_920, rowsLost: 'unknown', cellsNulled: 0 }, '81,920 rows (nobody knows of how many)'],
    [{ rowsRecovered: 5, rowsLost: 0, cellsNulled: 1 }, 'all 5 rows, 1 cell of them NULL'],
    [{ rowsRecovered: 1, rowsLost: 1, cellsNulled: 2 }, '1 of 2 rows, 2 cells of them NULL'],
  ] as const)('a loss of %j is held, and says what lossy would load', (totals, gain) => {
    const lossy = plan({ lossless: false, totals, findings: [found('PQ105')] })
    expect(messages(decideRepair(lossy, 'lossless', SEEN))).toEqual([
      'PQ105: what PQ105 says.',
      `REPAIR_IS_LOSSY: repair: lossy would load ${gain}`,
    ])
    expect(decideRepair(lossy, 'lossy', SEEN)).toEqual({ kind: 'apply' })
  })

  test('rows that were seen to be lost are said also where nobody knows how many there were', () => {
    const lossy = plan({
      lossless: false,
      totals: { rowsRecovered: 10, rowsLost: 'unknown', cellsNulled: 0 },
      loss: [
        {
          code: 'PQ604',
          message: 'a row group is left out',
          rowGroup: undefined,
          sourceRowGroup: 1,
          column: undefined,
          bytes: undefined,
          rows: [0, 5],
          wrote: 'left-out',
          cells: 0,
        },
      ],
    })
    expect(messages(decideRepair(lossy, 'lossless', SEEN)).at(-1)).toMatch(/would load 10 rows \(of 15 or more\)$/)
  })

  test.each([
    { totals: { rowsRecovered: 9, rowsLost: 1, cellsNulled: 0 } },
    { totals: { rowsRecovered: 9, rowsLost: 'unknown' as const, cellsNulled: 0 } },
    { totals: { rowsRecovered: 9, rowsLost: 0, cellsNulled: 3 } },
  ])('a plan that calls itself lossless and is not counts as lossy: %j', (more) => {
    expect(decideRepair(plan(more), 'lossless', SEEN).kind).toBe('hold')
  })

  test('what is only weak is held, even with lossy', () => {
    const weak = plan({ confidence: 'weak', doubts: ['two columns only.'] })
    expect(messages(decideRepair(weak, 'lossy', SEEN)).at(-1)).toBe(
      'REPAIR_REFUSED: what a repair would bring back is only weak: two columns only',
    )
  })

  test('a refusal says why', () => {
    const refused = plan({ kind: 'refused', confidence: 'rejected', findings: [found('PQ201')], doubts: ['no schema'] })
    expect(messages(decideRepair(refused, 'lossy', SEEN))).toEqual([
      'PQ201: what PQ201 says.',
      'REPAIR_REFUSED: no repair: no schema',
    ])
  })

  test('nothing to repair is no reason to hold', () => {
    expect(decideRepair(plan({ kind: 'unchanged' }), 'lossy', SEEN)).toEqual({ kind: 'intact' })
  })

  test('a plan without findings leaves what was seen before', () => {
    const refused = plan({ kind: 'refused', findings: [], doubts: [] })
    expect(messages(decideRepair(refused, 'lossy', SEEN))).toEqual([
      'PQ406: the engine says no',
      'REPAIR_REFUSED: a repair was tried and brings nothing back',
    ])
  })
})

describe('reasons', () => {
  test('name the place as far as it is known', () => {
    const where = { rowGroup: 3, column: 'a.b', page: 2, rows: [0, 10_240] as const }
    expect(reasonsOf([found('PQ304', { where }), found('PQ301', { where: { rowGroup: 1 } })])).toMatchObject([
      { check: 'PQ304', message: 'what PQ304 says (row group 3, column a.b, page 2, rows 0 to 10,239)' },
      { check: 'PQ301', message: 'what PQ301 says (row group 1)' },
    ])
  })

  test('end after twenty, with the number of the others', () => {
    const reasons = reasonsOf(Array.from({ length: 1020 }, () => found('PQ304')))
    expect(reasons).toHaveLength(21)
    expect(reasons.at(-1)?.message).toMatch(/^and 1,000 more findings;/)
  })

  test('warnings are none', () => {
    expect(reasonsOf([found('PQ214', { severity: 'warn' })], SEEN)).toEqual(SEEN)
  })
})

test.each([
  ['unrecoverable', 'PQ204', true],
  ['repairable-lossy', 'PQ105', true],
  ['not-parquet', 'PQ110', true],
  ['not-parquet', 'PQ103', false],
  ['unrecoverable', 'PQ101', false],
  ['encrypted', 'PQ112', false],
  ['unrecoverable', 'PQ703', false],
] as const)('a file that is %s by %s is brought to the doctor: %s', (verdict, code, expected) => {
  const diagnosis: Diagnosis = {
    kind: 'unreadable',
    verdict,
    detected: 'parquet',
    sizeBytes: 1,
    findings: [found(code)],
  }
  expect(mayBeRepaired(diagnosis)).toBe(expected)
})
