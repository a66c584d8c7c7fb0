import type { FileRows, LedgerPart } from '@tidegate/core'
import { namedRanges, sumRows } from '../part-ranges.ts'
import type { KeptPiece, Piece } from './settled-batch.ts'

export interface Losses {
  /** Parts that lose some of their rows, as they are afterwards, under new names. */
  readonly renamed: readonly LedgerPart[]
  /** Visible paths of all parts that lose rows. */
  readonly remove: readonly string[]
  readonly superseded: readonly FileRows[]
  readonly kept: ReadonlyMap<number, KeptPiece>
}

/**
 * From what each piece loses to parts that go and parts that stay under a new name. Pure.
 *
 * @param leaving file versions all of whose rows go; they are not superseded
 * @param counts how many rows pieces of other file versions lose
 */
export function planLosses(
  live: ReadonlyMap<string, LedgerPart>,
  pieces: readonly Piece[],
  leaving: ReadonlySet<string>,
  counts: ReadonlyMap<number, number>,
  nameOf: (index: number) => Pick<LedgerPart, 'visible' | 'staged'>,
): Losses {
  const lost = ({ id, file, rows }: Piece): number => (leaving.has(file) ? rows : Math.min(rows, counts.get(id) ?? 0))
  const kept = new Map<number, KeptPiece>()
  const renamed: LedgerPart[] = []
  const remove: string[] = []
  const superseded: FileRows[] = []
  for (const [visible, own] of Map.groupBy(pieces, (piece) => piece.visible)) {
    const part = live.get(visible)
    if (part === undefined || !own.some((piece) => leaving.has(piece.file) || counts.has(piece.id))) continue
    remove.push(visible)
    superseded.push(
      ...own.filter(({ file }) => !leaving.has(file)).map((piece) => ({ file: piece.file, rows: lost(piece) })),
    )
    const staying = own.filter((piece) => lost(piece) < piece.rows)
    if (staying.length === 0) continue
    const name = nameOf(renamed.length)
    const ranges = staying.map((piece) => ({ file: piece.file, rows: piece.rows - lost(piece) }))
    for (const [at, { id }] of staying.entries()) kept.set(id, { visible: name.visible, rows: ranges[at]?.rows ?? 0 })
    const rows = ranges.reduce((sum, range) => sum + range.rows, 0)
    renamed.push({ ...name, bytes: 0, hash: part.hash, rows, ...namedRanges(ranges) })
  }
  return { renamed, remove, superseded: sumRows(superseded), kept }
}
