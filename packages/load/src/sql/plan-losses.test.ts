import { expect, test } from 'vitest'
import type { LedgerPart } from '@tidegate/core'
import { planLosses } from './plan-losses.ts'
import type { Piece } from './settled-batch.ts'

const part = (visible: string, rows: number, files: readonly string[]): LedgerPart => {
  return { staged: `s/${visible}`, visible, bytes: 1, rows, hash: 'h', files }
}
// p: 10 rows of a, 5 of b. q: 4 rows of c.
const LIVE = new Map([['p', part('p', 15, ['a', 'b'])], ['q', part('q', 4, ['c'])]]) // prettier-ignore
const PIECES: readonly Piece[] = [
  { id: 1, visible: 'p', file: 'a', rows: 10 },
  { id: 2, visible: 'p', file: 'b', rows: 5 },
  { id: 3, visible: 'q', file: 'c', rows: 4 },
]
const nameOf = (index: number): Pick<LedgerPart, 'visible' | 'staged'> => ({
  visible: `kept${index}`,
  staged: `k${index}`,
})
const plan = (leaving: readonly string[], counts: Readonly<Record<number, number>>): ReturnType<typeof planLosses> =>
  planLosses(
    LIVE,
    PIECES,
    new Set(leaving),
    new Map(Object.entries(counts).map(([id, rows]) => [Number(id), rows])),
    nameOf,
  )

test('a part that loses nothing is not touched', () => {
  expect(plan([], {})).toEqual({ renamed: [], remove: [], superseded: [], kept: new Map() })
})

test('a file that leaves a shared part leaves its neighbour under a new name', () => {
  const { renamed, remove, superseded, kept } = plan(['a'], {})
  expect([remove, superseded]).toEqual([['p'], []])
  expect(kept).toEqual(new Map([[2, { visible: 'kept0', rows: 5 }]]))
  expect(renamed).toMatchObject([{ visible: 'kept0', staged: 'k0', rows: 5, files: ['b'] }])
})

test('rows that are superseded are counted by file, and what stays is named', () => {
  const { renamed, remove, superseded, kept } = plan([], { 1: 3, 2: 5, 3: 4 })
  expect(remove).toEqual(['p', 'q'])
  expect(superseded).toEqual([{ file: 'a', rows: 3 }, { file: 'b', rows: 5 }, { file: 'c', rows: 4 }]) // prettier-ignore
  expect(kept).toEqual(new Map([[1, { visible: 'kept0', rows: 7 }]]))
  expect(renamed).toMatchObject([{ rows: 7, files: ['a'] }])
})

test('rows of a file that leaves are not superseded as well', () => {
  const { superseded, kept } = plan(['a'], { 1: 3, 2: 1 })
  expect(superseded).toEqual([{ file: 'b', rows: 1 }])
  expect(kept).toEqual(new Map([[2, { visible: 'kept0', rows: 4 }]]))
})
