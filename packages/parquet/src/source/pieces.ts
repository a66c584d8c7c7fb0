import type { ByteSource } from '@tidegate/core'

/** A run of bytes of a file to be: taken from a source as they are, or new. */
export type Piece =
  | { readonly kind: 'source'; readonly offset: number; readonly length: number }
  | { readonly kind: 'new'; readonly bytes: Uint8Array }

export function pieceLength(piece: Piece): number {
  return piece.kind === 'source' ? piece.length : piece.bytes.length
}

/** The whole source, unchanged. */
export function wholeSource(source: Pick<ByteSource, 'sizeBytes'>): readonly Piece[] {
  return [{ kind: 'source', offset: 0, length: source.sizeBytes }]
}

/** Bytes [offset, offset + length) of the file that the pieces make up, as pieces of the same source. */
export function slicePieces(pieces: readonly Piece[], offset: number, length: number): readonly Piece[] {
  const end = offset + length
  const slices: Piece[] = []
  let at = 0
  for (const piece of pieces) {
    const from = Math.max(offset, at)
    const to = Math.min(end, at + pieceLength(piece))
    if (from < to)
      slices.push(
        piece.kind === 'source'
          ? { kind: 'source', offset: piece.offset + from - at, length: to - from }
          : { kind: 'new', bytes: piece.bytes.subarray(from - at, to - at) },
      )
    at += pieceLength(piece)
    if (at >= end) break
  }
  return slices
}

/** `outer` is in terms of the file that `inner` makes up; the result is in terms of the source of `inner`. */
export function composePieces(outer: readonly Piece[], inner: readonly Piece[]): readonly Piece[] {
  return mergePieces(
    outer.flatMap((piece) => (piece.kind === 'new' ? [piece] : slicePieces(inner, piece.offset, piece.length))),
  )
}

/** Joins runs of the source that follow each other; leaves out empty ones. */
export function mergePieces(pieces: readonly Piece[]): readonly Piece[] {
  const merged: Piece[] = []
  for (const piece of pieces) {
    if (pieceLength(piece) === 0) continue
    const last = merged.at(-1)
    if (last?.kind === 'source' && piece.kind === 'source' && last.offset + last.length === piece.offset)
      merged[merged.length - 1] = { ...last, length: last.length + piece.length }
    else merged.push(piece)
  }
  return merged
}

/** The file that the pieces make up, without writing it. Closing it does not close the source. */
export function viewOf(source: ByteSource, pieces: readonly Piece[]): ByteSource {
  const sizeBytes = pieces.reduce((sum, piece) => sum + pieceLength(piece), 0)
  return {
    sizeBytes,
    async read(offset, length) {
      const from = Math.min(Math.max(offset, 0), sizeBytes)
      const parts: Uint8Array[] = []
      for (const piece of slicePieces(pieces, from, Math.min(length, sizeBytes - from)))
        parts.push(piece.kind === 'new' ? piece.bytes : await source.read(piece.offset, piece.length))
      const [first] = parts
      return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts)
    },
    async close() {},
  }
}
