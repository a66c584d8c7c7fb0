import type { Finding } from '@tidegate/core'
import { expect, test } from 'vitest'
import { whatIsWrong, wouldComeBack } from './finding-text.ts'

function found(code: Finding['code'], message: string, more: Partial<Finding> = {}): Finding {
  return { code, name: 'X', severity: 'error', message, repairable: 'no', ...more }
}

test('the place is said once', () => {
  const where = { column: 'val' }
  expect(whatIsWrong([found('PQ206', 'Column val has an impossible type.', { where })])).toBe(
    'PQ206 Column val has an impossible type.',
  )
  expect(whatIsWrong([found('PQ309', 'An index is out of range.', { where: { ...where, rowGroup: 0 } })])).toBe(
    'PQ309 row group 0, column val: An index is out of range.',
  )
  expect(whatIsWrong([found('PQ211', 'Row group 2 has 10 rows.', { where: { rowGroup: 2 } })])).toBe(
    'PQ211 Row group 2 has 10 rows.',
  )
})

test('what is wrong with the file comes before what is said of a repair or of the reader', () => {
  const limit = found('PQ903', 'Column st.t is nested.')
  expect(whatIsWrong([limit, found('PQ403', 'A year is beyond the range.')])).toBe(
    'PQ403 A year is beyond the range. (+1 more)',
  )
  expect(whatIsWrong([found('PQ402', 'INT96.', { severity: 'warn' }), limit])).toBe('PQ903 Column st.t is nested.')
})

test('what would come back is told in cells, types or not at all', () => {
  const layout = (rows: readonly (readonly [number, number])[]): Parameters<typeof wouldComeBack>[0]['layout'] => [
    { rows: 10, columns: [{ column: 'a', status: 'damaged', pages: 1, damagedPages: 1, damagedRows: rows }] },
  ]
  const lossy = { verdict: 'repairable-lossy', rows: 10, findings: [] } as const
  expect(wouldComeBack({ ...lossy, layout: layout([[3, 4]]) })).toBe('10 rows, 1 cell becomes NULL')
  expect(wouldComeBack({ ...lossy, layout: layout([[0, 4]]) })).toBe('10 rows, 4 cells become NULL')
  const type = found('PQ206', 'An impossible type.', { repairable: 'lossy' })
  expect(wouldComeBack({ ...lossy, findings: [type], layout: layout([]) })).toBe(
    '10 rows: all values, not the type of a column',
  )
  const value = found('PQ401', 'No UTF-8.', { repairable: 'lossy' })
  expect(wouldComeBack({ ...lossy, findings: [type, value], layout: layout([]) })).toBe('a part: see repair --dry-run')
  expect(wouldComeBack({ verdict: 'unsupported', findings: [] })).toBe('nothing: no damage is known')
  expect(wouldComeBack({ verdict: 'encrypted', findings: [] })).toBe('nothing: deliver it decrypted')
  expect(wouldComeBack({ verdict: 'unrecoverable', findings: [] })).toBe('nothing')
})
