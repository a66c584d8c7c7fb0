import type { LeafColumn } from '../footer.ts'
import type { Page } from '../pages/page.ts'
import { flag, i32, struct, structField } from '../thrift/thrift-value.ts'
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

/**
 * A data page in which `rows` rows have no value: NULL where the outermost optional or repeated node of the column is
 * optional, an empty list where it is repeated. Undefined where the column cannot hold that (every node is required), or
 * where the codec cannot be written.
 */
export function buildNullPage(
  leaf: Pick<LeafColumn, 'maxDefinitionLevel' | 'maxRepetitionLevel'>,
  rows: number,
  options: { readonly version: 1 | 2; readonly codec: number },
): NullPage | undefined {
  if (leaf.maxDefinitionLevel === 0) return undefined
  const repetition = leaf.maxRepetitionLevel === 0 ? new Uint8Array() : zeroLevels(leaf.maxRepetitionLevel, rows)
  const definition = zeroLevels(leaf.maxDefinitionLevel, rows)
  return options.version === 1
    ? buildV1(rows, repetition, definition, options.codec)
    : buildV2(rows, repetition, definition)
}

function buildV1(rows: number, repetition: Uint8Array, definition: Uint8Array, codec: number): NullPage | undefined {
  const body = Buffer.concat([
    ...(repetition.length === 0 ? [] : [uint32(repetition.length), repetition]),
    uint32(definition.length),
    definition,
  ])
  const stored = compressBody(codec, body)
  if (stored === undefined) return undefined
  const header = writeThrift(
    struct({
      1: i32(0),
      2: i32(body.length),
      3: i32(stored.length),
      5: structField({ 1: i32(rows), 2: i32(PLAIN), 3: i32(RLE), 4: i32(RLE) }),
    }),
  )
  const page: Page = {
    offset: 0,
    headerBytes: header.length,
    kind: 'data-v1',
    compressedBytes: stored.length,
    uncompressedBytes: body.length,
    values: rows,
    encoding: PLAIN,
    definitionEncoding: RLE,
    repetitionEncoding: RLE,
    v2: undefined,
    crc: undefined,
  }
  return { bytes: Buffer.concat([header, stored]), page }
}

/** Levels of a V2 page are never compressed and it has no values, so it fits into a chunk of any codec. */
function buildV2(rows: number, repetition: Uint8Array, definition: Uint8Array): NullPage {
  const body = Buffer.concat([repetition, definition])
  const header = writeThrift(
    struct({
      1: i32(3),
      2: i32(body.length),
      3: i32(body.length),
      8: structField({
        1: i32(rows),
        2: i32(rows),
        3: i32(rows),
        4: i32(PLAIN),
        5: i32(definition.length),
        6: i32(repetition.length),
        7: flag(false),
      }),
    }),
  )
  const page: Page = {
    offset: 0,
    headerBytes: header.length,
    kind: 'data-v2',
    compressedBytes: body.length,
    uncompressedBytes: body.length,
    values: rows,
    encoding: PLAIN,
    definitionEncoding: undefined,
    repetitionEncoding: undefined,
    v2: {
      rows,
      nulls: rows,
      definitionBytes: definition.length,
      repetitionBytes: repetition.length,
      compressed: false,
    },
    crc: undefined,
  }
  return { bytes: Buffer.concat([header, body]), page }
}

/** One run of the RLE hybrid encoding: `count` times level 0. */
function zeroLevels(maxLevel: number, count: number): Uint8Array {
  const widthBytes = maxLevel > 255 ? 2 : 1
  return count === 0 ? new Uint8Array() : Buffer.concat([varint(count * 2), new Uint8Array(widthBytes)])
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
