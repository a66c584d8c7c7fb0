import { crc32 } from 'node:zlib'

import type { LeafColumn } from '../footer.ts'
import type { Page } from '../pages/page.ts'
import { flag, i32, struct, structField, type TypedField } from '../thrift/thrift-value.ts'
import { writeThrift } from '../thrift/write-thrift.ts'
import { compressBody, varint } from './compress-body.ts'

const PLAIN = 0
const RLE = 3

export interface NullPage {
  /** Header and body. */
  readonly bytes: Uint8Array
  /** Its offset is 0. */
  readonly page: Page
}

export interface NullPageOptions {
  readonly version: 1 | 2
  readonly codec: number
  /** Puts the CRC-32 of the body into the header. @defaultValue false */
  readonly crc?: boolean
}

/** Levels of a page to be, encoded as runs (RLE hybrid), without a length before them. */
export interface EncodedLevels {
  /** Entries: values and NULLs. */
  readonly values: number
  /** Entries that begin a row. */
  readonly rows: number
  readonly nulls: number
  /** Empty where the column has no such levels. */
  readonly repetition: Uint8Array
  readonly definition: Uint8Array
}

/**
 * A data page in which `rows` rows have no value: NULL where the outermost optional or repeated node of the column is
 * optional, an empty list where it is repeated. Undefined where the column cannot hold that (every node is required), or
 * where the codec cannot be written.
 */
export function buildNullPage(
  leaf: Pick<LeafColumn, 'maxDefinitionLevel' | 'maxRepetitionLevel'>,
  rows: number,
  options: NullPageOptions,
): NullPage | undefined {
  if (leaf.maxDefinitionLevel === 0) return undefined
  const repetition = leaf.maxRepetitionLevel === 0 ? new Uint8Array() : levelRun(0, leaf.maxRepetitionLevel, rows)
  const definition = levelRun(0, leaf.maxDefinitionLevel, rows)
  return buildPlainPage({ values: rows, rows, nulls: rows, repetition, definition }, new Uint8Array(), options)
}

/**
 * A data page of these levels and of values that are encoded PLAIN already (none: a page that holds NULLs only).
 * Undefined where the codec cannot be written; V2 pages are then still possible, because their values are not compressed.
 */
export function buildPlainPage(
  levels: EncodedLevels,
  plainValues: Uint8Array,
  { version, codec, crc = false }: NullPageOptions,
  encoding: number = PLAIN,
): NullPage | undefined {
  if (version === 2) return buildV2(levels, plainValues, crc, encoding)
  const { repetition, definition } = levels
  const body = Buffer.concat([...withLength(repetition), ...withLength(definition), plainValues])
  const stored = compressBody(codec, body)
  return stored === undefined ? undefined : buildV1(levels.values, body.length, stored, crc, encoding)
}

function buildV1(
  values: number,
  uncompressedBytes: number,
  stored: Uint8Array,
  withCrc: boolean,
  encoding: number,
): NullPage {
  const crc = withCrc ? crc32(stored) : undefined
  const header = writeThrift(
    struct({
      1: i32(0),
      2: i32(uncompressedBytes),
      3: i32(stored.length),
      4: crcField(crc),
      5: structField({ 1: i32(values), 2: i32(encoding), 3: i32(RLE), 4: i32(RLE) }),
    }),
  )
  const page: Page = {
    offset: 0,
    headerBytes: header.length,
    kind: 'data-v1',
    compressedBytes: stored.length,
    uncompressedBytes,
    values,
    encoding,
    definitionEncoding: RLE,
    repetitionEncoding: RLE,
    v2: undefined,
    crc,
  }
  return { bytes: Buffer.concat([header, stored]), page }
}

/** Levels of a V2 page are never compressed and its values need not be, so it fits into a chunk of any codec. */
function buildV2(levels: EncodedLevels, plainValues: Uint8Array, withCrc: boolean, encoding: number): NullPage {
  const { values, rows, nulls, repetition, definition } = levels
  const body = Buffer.concat([repetition, definition, plainValues])
  const { header, page } = buildV2Header({
    values,
    rows,
    nulls,
    encoding,
    definitionBytes: definition.length,
    repetitionBytes: repetition.length,
    compressed: false,
    uncompressedBytes: body.length,
    compressedBytes: body.length,
    crc: withCrc ? crc32(body) : undefined,
  })
  return { bytes: Buffer.concat([header, body]), page }
}

export interface V2Header {
  readonly values: number
  readonly rows: number
  readonly nulls: number
  readonly encoding: number
  readonly definitionBytes: number
  readonly repetitionBytes: number
  readonly compressed: boolean
  readonly uncompressedBytes: number
  readonly compressedBytes: number
  readonly crc: number | undefined
}

/** The header of a V2 page whose body comes from elsewhere. The offset of `page` is 0. */
export function buildV2Header(parts: V2Header): { readonly header: Uint8Array; readonly page: Page } {
  const { values, rows, nulls, encoding, definitionBytes, repetitionBytes, compressed, crc } = parts
  const header = writeThrift(
    struct({
      1: i32(3),
      2: i32(parts.uncompressedBytes),
      3: i32(parts.compressedBytes),
      4: crcField(crc),
      8: structField({
        1: i32(values),
        2: i32(nulls),
        3: i32(rows),
        4: i32(encoding),
        5: i32(definitionBytes),
        6: i32(repetitionBytes),
        7: flag(compressed),
      }),
    }),
  )
  const page: Page = {
    offset: 0,
    headerBytes: header.length,
    kind: 'data-v2',
    compressedBytes: parts.compressedBytes,
    uncompressedBytes: parts.uncompressedBytes,
    values,
    encoding,
    definitionEncoding: undefined,
    repetitionEncoding: undefined,
    v2: { rows, nulls, definitionBytes, repetitionBytes, compressed },
    crc,
  }
  return { header, page }
}

function crcField(crc: number | undefined): TypedField | undefined {
  return crc === undefined ? undefined : i32(crc | 0)
}

/** One run of the RLE hybrid encoding: `count` times `level`. */
export function levelRun(level: number, maxLevel: number, count: number): Uint8Array {
  if (count === 0) return new Uint8Array()
  const value = maxLevel > 255 ? [level & 255, level >> 8] : [level]
  return Buffer.concat([varint(count * 2), Uint8Array.of(...value)])
}

/** As V1 pages have their levels: the length in four bytes before them; nothing where there are none. */
function withLength(levels: Uint8Array): readonly Uint8Array[] {
  if (levels.length === 0) return []
  const length = Buffer.alloc(4)
  length.writeUInt32LE(levels.length)
  return [length, levels]
}
