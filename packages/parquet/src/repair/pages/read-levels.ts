import type { ByteSource } from '@tidegate/core'

import { decompressPage } from '../../pages/decompress-page.ts'
import { bitWidthOf } from '../../pages/hybrid.ts'
import type { Page } from '../../pages/page.ts'
import type { PageLimits } from '../../pages/page-limits.ts'
import type { ChunkState } from './chunk-state.ts'
import { decodeBitPacked, decodeRuns } from './level-runs.ts'

/** The content of an intact data page. */
export interface OpenPage {
  /** One per entry; empty where the column has no such levels. */
  readonly repetition: Uint32Array
  readonly definition: Uint32Array
  /** Encoded, not compressed. */
  readonly values: Uint8Array
}

const BIT_PACKED = 4
const UNCOMPRESSED = 0
const NO_LEVELS = new Uint32Array(0)

/** Undefined for a page that cannot be read, which an intact one can. Throws only what the source throws. */
export async function openPage(
  source: ByteSource,
  page: Page,
  { leaf, chunk }: Pick<ChunkState, 'leaf' | 'chunk'>,
  limits: Partial<PageLimits> | undefined,
): Promise<OpenPage | undefined> {
  const stored = await source.read(page.offset + page.headerBytes, page.compressedBytes)
  const count = page.values
  const repetitionBits = bitWidthOf(leaf.maxRepetitionLevel)
  const definitionBits = bitWidthOf(leaf.maxDefinitionLevel)
  if (page.v2 !== undefined) {
    const definitionAt = page.v2.repetitionBytes
    const valuesAt = definitionAt + page.v2.definitionBytes
    const codec = page.v2.compressed ? chunk.codec : UNCOMPRESSED
    const size = page.uncompressedBytes - valuesAt
    const unfolded = decompressPage(stored.subarray(valuesAt), codec, size, limits)
    const repetition =
      repetitionBits === 0 ? NO_LEVELS : decodeRuns(stored, { from: 0, to: definitionAt }, count, repetitionBits)
    const definition =
      definitionBits === 0 ? NO_LEVELS : decodeRuns(stored, { from: definitionAt, to: valuesAt }, count, definitionBits)
    if (repetition === undefined || definition === undefined) return undefined
    // Some writers store what does not shrink and say it is compressed.
    const values = unfolded.kind === 'ok' ? unfolded.bytes : stored.subarray(valuesAt)
    return unfolded.kind === 'ok' || values.length === size ? { repetition, definition, values } : undefined
  }
  const unfolded = decompressPage(stored, chunk.codec, page.uncompressedBytes, limits)
  if (unfolded.kind !== 'ok') return undefined
  const cursor = { bytes: unfolded.bytes, at: 0 }
  const repetition = levelsV1(cursor, count, repetitionBits, page.repetitionEncoding)
  const definition = levelsV1(cursor, count, definitionBits, page.definitionEncoding)
  if (repetition === undefined || definition === undefined) return undefined
  return { repetition, definition, values: cursor.bytes.subarray(cursor.at) }
}

function levelsV1(
  cursor: { readonly bytes: Uint8Array; at: number },
  count: number,
  bitWidth: number,
  encoding: number | undefined,
): Uint32Array | undefined {
  const { bytes, at } = cursor
  if (bitWidth === 0 || count === 0) return NO_LEVELS
  if (encoding === BIT_PACKED) {
    cursor.at += Math.ceil((count * bitWidth) / 8)
    return decodeBitPacked(bytes, at, count, bitWidth)
  }
  if (at + 4 > bytes.length) return undefined
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true)
  cursor.at = at + 4 + length
  return decodeRuns(bytes, { from: at + 4, to: cursor.at }, count, bitWidth)
}

/** The levels of an intact page as they are encoded; undefined where they are not runs, or cannot be read. */
export async function storedLevels(
  source: ByteSource,
  page: Page,
  { leaf, chunk }: Pick<ChunkState, 'leaf' | 'chunk'>,
  limits: Partial<PageLimits> | undefined,
): Promise<{ readonly repetition: Uint8Array | undefined; readonly definition: Uint8Array | undefined } | undefined> {
  const stored = await source.read(page.offset + page.headerBytes, page.compressedBytes)
  if (page.v2 !== undefined) {
    const { repetitionBytes, definitionBytes } = page.v2
    return {
      repetition: stored.subarray(0, repetitionBytes),
      definition: stored.subarray(repetitionBytes, repetitionBytes + definitionBytes),
    }
  }
  const unfolded = decompressPage(stored, chunk.codec, page.uncompressedBytes, limits)
  if (unfolded.kind !== 'ok') return undefined
  let at = 0
  const next = (maxLevel: number, encoding: number | undefined): Uint8Array | undefined => {
    if (maxLevel === 0 || page.values === 0) return undefined
    const { bytes } = unfolded
    if (encoding === BIT_PACKED || at + 4 > bytes.length) return undefined
    const from = at + 4
    at = from + new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true)
    return bytes.subarray(from, at)
  }
  const repetition = next(leaf.maxRepetitionLevel, page.repetitionEncoding)
  return { repetition, definition: next(leaf.maxDefinitionLevel, page.definitionEncoding) }
}
