import { isTidegateError, type EntryDraft } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { checkConservation } from './check-conservation.ts'
import { emptyLogState, foldEntries, type LogState } from './log-state.ts'
import { draftOf, entryOf, fileOf, loadOf, partOf } from './testing/drafts.ts'

function verdictOf(draft: EntryDraft, state: LogState = emptyLogState(), parts = true): string {
  try {
    checkConservation(state, draft, parts)
    return 'ok'
  } catch (error) {
    return isTidegateError(error) ? error.code : String(error)
  }
}

const twoInOne = (): LogState => foldEntries([entryOf(1, loadOf('b1', { a: 3, b: 4 }))])

describe('rows are conserved', () => {
  test('per file: read = loaded + rejected + dropped', () => {
    const split = fileOf('a', 10, { rowsLoaded: 6, rowsRejected: 3, rowsDropped: 1 })
    const add = [partOf('b1', 'p.parquet', 6, ['a'])]
    expect(verdictOf(draftOf('b1', { files: [split], add }))).toBe('ok')
    expect(verdictOf(draftOf('b1', { files: [{ ...split, rowsRejected: 2 }], add }))).toBe('LEDGER_CONSERVATION')
  })

  test('per batch: the parts hold the rows that the files loaded', () => {
    expect(verdictOf(loadOf('b1', { a: 3, b: 4 }))).toBe('ok')
    expect(verdictOf({ ...loadOf('b1', { a: 3, b: 4 }), add: [partOf('b1', 'p.parquet', 6, ['a', 'b'])] })).toBe(
      'LEDGER_CONSERVATION',
    )
    expect(verdictOf({ ...loadOf('b1', { a: 3 }), add: [] })).toBe('LEDGER_CONSERVATION')
  })

  test('negative, broken and huge counts are refused', () => {
    for (const rows of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(verdictOf(draftOf('b1', { files: [fileOf('a', rows)] }))).toBe('LEDGER_CONSERVATION')
    }
  })

  test('a held file loads nothing', () => {
    const held = fileOf('a', 3, { outcome: 'held' })
    expect(verdictOf(draftOf('b1', { files: [held], add: [partOf('b1', 'p', 3, ['a'])] }))).toBe('LEDGER_CONSERVATION')
  })
})

describe('when parts are taken away', () => {
  test('a neighbour in the same part must come back', () => {
    const files = [fileOf('a2', 5, { replaces: 'a' })]
    const remove = ['part-b1.parquet']
    const alone = draftOf('b2', { files, remove, add: [partOf('b2', 'p.parquet', 5, ['a2'])] })
    expect(verdictOf(alone, twoInOne())).toBe('LEDGER_CONSERVATION')
    // 5 new rows and the 4 of b.
    const together = { ...alone, add: [partOf('b2', 'p.parquet', 9, ['a2', 'b'])] }
    expect(verdictOf(together, twoInOne())).toBe('ok')
    const short = { ...alone, add: [partOf('b2', 'p.parquet', 8, ['a2', 'b'])] }
    expect(verdictOf(short, twoInOne())).toBe('LEDGER_CONSERVATION')
  })

  test('a rewrite without files keeps the number of rows', () => {
    const rewrite = draftOf('b2', { remove: ['part-b1.parquet'], add: [partOf('b2', 'p.parquet', 7, ['a', 'b'])] })
    expect(verdictOf(rewrite, twoInOne())).toBe('ok')
    expect(verdictOf({ ...rewrite, add: [partOf('b2', 'p.parquet', 6, ['a', 'b'])] }, twoInOne())).toBe(
      'LEDGER_CONSERVATION',
    )
  })

  test('a part may not bring rows of a file that the draft does not load', () => {
    const draft = { ...loadOf('b1', { a: 3 }), add: [partOf('b1', 'p.parquet', 3, ['a', 'stranger'])] }
    expect(verdictOf(draft)).toBe('LEDGER_CONSERVATION')
  })
})

test('a gate-only target has files but no parts', () => {
  expect(verdictOf(draftOf('b1', { files: [fileOf('a', 3)] }), emptyLogState(), false)).toBe('ok')
  expect(verdictOf(loadOf('b1', { a: 3 }), emptyLogState(), false)).toBe('LEDGER_CONSERVATION')
})

describe('rows that leave by key, and rows that come back', () => {
  const kept = (rows: readonly [string, number][]) => {
    const ranges = rows.map(([file, count]) => ({ file, rows: count }))
    const total = ranges.reduce((sum, range) => sum + range.rows, 0)
    return { ...partOf('b2', 'kept.parquet', total, ranges.map(({ file }) => file)), ranges } // prettier-ignore
  }
  const ranged = (): LogState => {
    const first = loadOf('b1', { a: 3, b: 4 })
    return foldEntries([entryOf(1, { ...first, add: [{ ...kept([['a', 3], ['b', 4]]), visible: 'p1' }] })]) // prettier-ignore
  }
  const upsert = { ...loadOf('b2', { c: 2 }), remove: ['p1'], superseded: [{ file: 'b', rows: 1 }] }

  test('what is superseded is missing, file by file', () => {
    const add = [...upsert.add, kept([['a', 3], ['b', 3]])] // prettier-ignore
    expect(verdictOf({ ...upsert, add }, ranged())).toBe('ok')
    // The sum is right, the files are not.
    expect(verdictOf({ ...upsert, add: [...upsert.add, kept([['a', 2], ['b', 4]])] }, ranged())).toBe('LEDGER_CONSERVATION') // prettier-ignore
    expect(verdictOf({ ...upsert, add, superseded: [] }, ranged())).toBe('LEDGER_CONSERVATION')
    expect(verdictOf({ ...upsert, add, superseded: [{ file: 'b', rows: -1 }] }, ranged())).toBe('LEDGER_CONSERVATION')
  })

  test('ranges must be the part: its rows and its files', () => {
    const part = kept([['a', 3], ['b', 3]]) // prettier-ignore
    for (const wrong of [
      { ...part, files: ['a'] },
      { ...part, rows: 7 },
      { ...part, files: ['a', 'b', 'z'] },
    ]) {
      expect(verdictOf({ ...upsert, add: [...upsert.add, wrong] }, ranged())).toBe('LEDGER_CONSERVATION')
    }
  })

  test('a part without rows may leave, and nothing has to come for it', () => {
    const empty = foldEntries([entryOf(1, loadOf('b1', { a: 0 }))])
    expect(verdictOf({ ...loadOf('b2', { c: 2 }), remove: ['part-b1.parquet'] }, empty)).toBe('ok')
  })

  test('what is replayed comes on top of what its file has', () => {
    const replay = { record: 'r', file: 'a', action: 'replay', rowsRead: 3, rowsLoaded: 2, rowsRejected: 1, rowsDropped: 0, rowsDiscarded: 0 } as const // prettier-ignore
    const draft = draftOf('b2', { consumes: ['r'], replays: [replay], add: [partOf('b2', 'back.parquet', 2, ['a'])] })
    expect(verdictOf(draft, ranged())).toBe('ok')
    expect(verdictOf({ ...draft, replays: [{ ...replay, rowsRead: 4 }] }, ranged())).toBe('LEDGER_CONSERVATION')
    expect(verdictOf({ ...draft, consumes: [] }, ranged())).toBe('LEDGER_CONSERVATION')
    expect(verdictOf({ ...draft, add: [] }, ranged())).toBe('LEDGER_CONSERVATION')
  })
})
