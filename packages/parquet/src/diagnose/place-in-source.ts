import type { Finding } from '@tidegate/core'

import { slicePieces, type Piece } from '../source/pieces.ts'

/** Findings whose offsets are those of a view, with offsets of the source that the view is made of; `except`: have them already. */
export function placeInSource(
  findings: readonly Finding[],
  pieces: readonly Piece[],
  except: readonly Finding[],
): readonly Finding[] {
  const placed = new Set(except)
  return findings.map((found) => {
    const { offset, ...rest } = found.where ?? {}
    if (offset === undefined || placed.has(found)) return found
    const at = sourceOffset(pieces, offset)
    const { evidence } = found
    return {
      ...found,
      where: at === undefined ? rest : { ...rest, offset: at },
      ...(evidence?.['offset'] === offset ? { evidence: { ...evidence, offset: at ?? null } } : {}),
    }
  })
}

/** Undefined: the byte is one that a repair would add. */
function sourceOffset(pieces: readonly Piece[], offset: number): number | undefined {
  const [piece] = slicePieces(pieces, offset, 1)
  return piece?.kind === 'source' ? piece.offset : undefined
}
