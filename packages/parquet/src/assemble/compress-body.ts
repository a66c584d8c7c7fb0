import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { CODEC } from '../pages/decompress-page.ts'

/**
 * Compresses a small page body so that it can stand among pages of `codec`. Snappy, LZ4 and LZ4_RAW hold it as one
 * literal: the pages we write are a few bytes. Undefined for a codec that cannot be written (LZO, unknown ones).
 */
export function compressBody(codec: number, body: Uint8Array): Uint8Array | undefined {
  switch (codec) {
    case CODEC.UNCOMPRESSED:
      return body
    case CODEC.SNAPPY:
      return snappyLiteral(body)
    case CODEC.GZIP:
      return gzipSync(body)
    case CODEC.BROTLI:
      return brotliCompressSync(body)
    case CODEC.ZSTD:
      return zstdCompressSync(body)
    case CODEC.LZ4_RAW:
      return lz4Literal(body)
    case CODEC.LZ4:
      return hadoopLz4(body)
    default:
      return undefined
  }
}

/** Length of the whole, then one literal element: its length − 1 in the tag, or in up to four bytes behind it. */
function snappyLiteral(body: Uint8Array): Uint8Array {
  if (body.length === 0) return Uint8Array.of(0)
  const last = body.length - 1
  const width = last < 60 ? 0 : last < 0x1_00 ? 1 : last < 0x1_00_00 ? 2 : last < 0x1_00_00_00 ? 3 : 4
  const tag = width === 0 ? last << 2 : (59 + width) << 2
  const lengthBytes = Array.from({ length: width }, (_, index) => Math.floor(last / 256 ** index) & 255)
  return Buffer.concat([varint(body.length), Uint8Array.of(tag, ...lengthBytes), body])
}

/** One sequence of the block format that is all literals; a block may end with its literals. */
function lz4Literal(body: Uint8Array): Uint8Array {
  if (body.length < 15) return Buffer.concat([Uint8Array.of(body.length << 4), body])
  const rest = body.length - 15
  const lengthBytes = Buffer.alloc(Math.floor(rest / 255) + 1, 255)
  lengthBytes[lengthBytes.length - 1] = rest % 255
  return Buffer.concat([Uint8Array.of(0xf0), lengthBytes, body])
}

/** The framing that readers of the old LZ4 codec expect: both lengths, big-endian, before the block. */
function hadoopLz4(body: Uint8Array): Uint8Array {
  const block = lz4Literal(body)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length, 0)
  head.writeUInt32BE(block.length, 4)
  return Buffer.concat([head, block])
}

/** Unsigned LEB128. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let left = value
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return Uint8Array.of(...bytes, left)
}
