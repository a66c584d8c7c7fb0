/** Files that went through something that took them for text: LF became CR LF, or bytes became U+FFFD. */
import type { ByteSource } from '@tidegate/core'

import { mergePieces, type Piece } from '../../source/pieces.ts'

const LF = 10
const CR = 13
/** So many line ends by chance all after a CR: one in 10^7. */
const MIN_LINE_ENDS = 3
const MIN_REPLACED = 8
/** Where head and tail do not have enough of them, the rest is searched up to here. */
const SEARCHED_BYTES = 16 * 1024 * 1024
const STEP = 1024 * 1024
/** A new file of more pieces than this is not put together; it stands for about a gigabyte. */
const MAX_PIECES = 4_000_000

export async function readTextMode(
  source: ByteSource,
  windows: readonly Uint8Array[],
): Promise<'crlf' | 'utf8' | undefined> {
  const counts = windows.map(countLineEnds)
  if (counts.some(({ bare }) => bare > 0)) return (await isUtf8(source, windows)) ? 'utf8' : undefined
  let pairs = counts.reduce((sum, count) => sum + count.pairs, 0)
  for (let at = 0; pairs < MIN_LINE_ENDS && at < Math.min(source.sizeBytes, SEARCHED_BYTES); at += STEP) {
    const count = countLineEnds(await source.read(at, Math.min(STEP, source.sizeBytes - at)))
    if (count.bare > 0) return (await isUtf8(source, windows)) ? 'utf8' : undefined
    pairs += count.pairs
  }
  if (pairs >= MIN_LINE_ENDS) return 'crlf'
  return (await isUtf8(source, windows)) ? 'utf8' : undefined
}

/** An LF at the very start may follow a CR that is not in the bytes. */
function countLineEnds(bytes: Uint8Array): { readonly bare: number; readonly pairs: number } {
  let bare = 0
  let pairs = 0
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1))
    if (at > 0 && bytes[at - 1] === CR) pairs++
    else if (at > 0) bare++
  return { bare, pairs }
}

/** Parquet is never UTF-8 from end to end unless something made it so, and then U+FFFD stands where other bytes were. */
async function isUtf8(source: ByteSource, windows: readonly Uint8Array[]): Promise<boolean> {
  let replaced = 0
  for (const window of windows) {
    const count = replacements(window)
    if (count === undefined) return false
    replaced += count
  }
  for (let at = 0; replaced < MIN_REPLACED && at < Math.min(source.sizeBytes, SEARCHED_BYTES); at += STEP) {
    const count = replacements(await source.read(at, Math.min(STEP, source.sizeBytes - at)))
    if (count === undefined) return false
    replaced += count
  }
  return replaced >= MIN_REPLACED
}

/** Number of U+FFFD, or undefined where the bytes are not UTF-8; characters that are cut at the ends do not count. */
function replacements(bytes: Uint8Array): number | undefined {
  let start = 0
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  let end = bytes.length
  for (let back = 1; back <= 3 && end - back >= 0; back++)
    if ((bytes[bytes.length - back] ?? 0) >= 0xc0) {
      end = bytes.length - back
      break
    }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start))
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(text)
  } catch {
    return undefined
  }
  let count = 0
  for (let at = text.indexOf('\uFFFD'); at >= 0; at = text.indexOf('\uFFFD', at + 3)) count++
  return count
}

/** The file without the CR before each LF; undefined where that takes too many pieces, or a line end has none. */
export async function withoutCarriageReturns(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<readonly Piece[] | undefined> {
  const pieces: Piece[] = []
  let start = 0
  let last = 0
  for (let at = 0; at < source.sizeBytes; at += STEP) {
    signal?.throwIfAborted()
    const bytes = await source.read(at, Math.min(STEP, source.sizeBytes - at))
    for (let hit = bytes.indexOf(LF); hit >= 0; hit = bytes.indexOf(LF, hit + 1)) {
      const before = hit === 0 ? last : (bytes[hit - 1] as number)
      if (before !== CR) return undefined
      pieces.push({ kind: 'source', offset: start, length: at + hit - 1 - start })
      start = at + hit
    }
    if (pieces.length > MAX_PIECES) return undefined
    last = bytes.at(-1) ?? 0
  }
  pieces.push({ kind: 'source', offset: start, length: source.sizeBytes - start })
  return mergePieces(pieces)
}
