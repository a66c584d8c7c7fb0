import { brotliDecompressSync, unzipSync, zstdDecompressSync } from 'node:zlib'

import { codeOf, messageOf } from '@tidegate/core'
import { compressors } from 'hyparquet-compressors'

import { unfoldLz4Block } from './lz4.ts'
import { fault, pageFinding, type Fault, type PageFinding } from './page-finding.ts'
import { DEFAULT_PAGE_LIMITS, type PageLimits } from './page-limits.ts'
import { snappyLength, unfoldSnappy } from './snappy.ts'

export const CODEC = {
  UNCOMPRESSED: 0,
  SNAPPY: 1,
  GZIP: 2,
  LZO: 3,
  BROTLI: 4,
  LZ4: 5,
  ZSTD: 6,
  LZ4_RAW: 7,
} as const

const CODEC_NAMES = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'] as const

export type Decompressed =
  /** `bytes` may be a view of `stored`. `findings`: an odd but readable framing. */
  { readonly kind: 'ok'; readonly bytes: Uint8Array; readonly findings: readonly PageFinding[] } | Fault

/** Ratios are only looked at above this. */
const HARMLESS_BYTES = 16 * 1024 * 1024

/** Unfolds a body to exactly `size` bytes. Nothing larger is ever allocated. Never throws. */
export function decompressPage(
  stored: Uint8Array,
  codec: number,
  size: number,
  limits: Partial<PageLimits> = {},
): Decompressed {
  const { maxPageBytes, maxRatio } = { ...DEFAULT_PAGE_LIMITS, ...limits }
  if (size > maxPageBytes)
    return fault('PQ315', `The page unfolds to ${size} bytes; at most ${maxPageBytes} are allowed.`, {
      uncompressedBytes: size,
      compressedBytes: stored.length,
    })
  if (size > HARMLESS_BYTES && size > stored.length * maxRatio)
    return fault('PQ315', `The page claims to unfold ${stored.length} bytes to ${size}.`, {
      uncompressedBytes: size,
      compressedBytes: stored.length,
    })
  if (codec === CODEC.UNCOMPRESSED)
    return stored.length === size ? ok(stored) : wrongSize(stored.length, size, 'UNCOMPRESSED')
  if (size === 0 && stored.length === 0) return ok(stored)
  switch (codec) {
    case CODEC.SNAPPY:
      return unfoldSnappyPage(stored, size)
    case CODEC.GZIP:
    case CODEC.BROTLI:
    case CODEC.ZSTD:
      return inflate(stored, codec, size)
    case CODEC.LZ4:
      return unfoldLz4(stored, size)
    case CODEC.LZ4_RAW: {
      const output = Buffer.allocUnsafe(size)
      const end = unfoldLz4Block(stored, output, 0)
      if (end < 0) return failed('LZ4_RAW', 'the block is damaged')
      return end === size ? ok(output) : wrongSize(end, size, 'LZ4_RAW')
    }
    default:
      return fault('PQ213', `The compression ${CODEC_NAMES[codec] ?? codec} cannot be read.`, { codec })
  }
}

function unfoldSnappyPage(stored: Uint8Array, size: number): Decompressed {
  const preamble = snappyLength(stored)
  if (preamble === undefined) return failed('SNAPPY', 'its length is missing')
  if (preamble.length !== size) return wrongSize(preamble.length, size, 'SNAPPY')
  // The WebAssembly decoder is twice as fast, but keeps the memory of the largest page it ever saw. It writes no more
  // than the preamble says, which is why that is compared first.
  if (stored.length + size <= WASM_BYTES) return unfoldSnappyInWasm(stored, size)
  const output = Buffer.allocUnsafe(size)
  return unfoldSnappy(stored, preamble.at, output) ? ok(output) : failed('SNAPPY', DAMAGED_ELEMENT)
}

const WASM_BYTES = 4 * 1024 * 1024
const DAMAGED_ELEMENT = 'an element is damaged'

function unfoldSnappyInWasm(stored: Uint8Array, size: number): Decompressed {
  try {
    const bytes = compressors.SNAPPY?.(stored, size)
    return bytes?.length === size ? ok(bytes) : failed('SNAPPY', DAMAGED_ELEMENT)
  } catch {
    return failed('SNAPPY', DAMAGED_ELEMENT)
  }
}

function inflate(stored: Uint8Array, codec: 2 | 4 | 6, size: number): Decompressed {
  const name = CODEC_NAMES[codec]
  // One block of output that holds all of it, and no byte more than the header says.
  const options = { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) }
  try {
    const bytes =
      codec === CODEC.GZIP
        ? unzipSync(stored, options)
        : codec === CODEC.BROTLI
          ? brotliDecompressSync(stored, options)
          : zstdDecompressSync(stored, options)
    return bytes.length === size ? ok(bytes) : wrongSize(bytes.length, size, name)
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      return fault('PQ305', `The page unfolds to more than the ${size} bytes of its header.`, {
        uncompressedBytes: size,
      })
    return failed(name, messageOf(error))
  }
}

/** The codec LZ4 was never specified: Hadoop's framing, or a bare block. */
function unfoldLz4(stored: Uint8Array, size: number): Decompressed {
  const output = Buffer.allocUnsafe(size)
  if (unfoldHadoop(stored, output)) return ok(output)
  if (unfoldLz4Block(stored, output, 0) !== size) return failed('LZ4', 'neither Hadoop frames nor a block can be read')
  return {
    kind: 'ok',
    bytes: output,
    findings: [
      pageFinding('PQ316', 'The LZ4 page is a bare block without Hadoop’s frame.', { variant: 'block' }, 'info'),
    ],
  }
}

/** Frames of [unfolded size, big-endian] and blocks of [stored size, big-endian][bytes] until that size is reached. */
function unfoldHadoop(stored: Uint8Array, output: Uint8Array): boolean {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength)
  let from = 0
  let at = 0
  while (from + 8 <= stored.length) {
    const frameEnd = at + view.getUint32(from)
    from += 4
    if (frameEnd > output.length) return false
    do {
      if (from + 4 > stored.length) return false
      const length = view.getUint32(from)
      from += 4
      if (length > stored.length - from) return false
      at = unfoldLz4Block(stored.subarray(from, from + length), output, at)
      from += length
      if (at < 0 || at > frameEnd || (length === 0 && at < frameEnd)) return false
    } while (at < frameEnd)
  }
  return from === stored.length && at === output.length
}

/** From here on memory is given back at once; smaller pages are left to the garbage collector. */
const RELEASED_BYTES = 4 * 1024 * 1024

/**
 * Gives the memory of unfolded bytes back, which nobody may look at afterwards. The collector counts garbage of this kind only
 * now and then, and two or three pages of 100 MB would be there at once.
 */
export function releaseUnfolded(bytes: Uint8Array, stored: Uint8Array): void {
  const { buffer } = bytes
  const isOwn = buffer instanceof ArrayBuffer && buffer !== stored.buffer && bytes.byteOffset === 0
  if (isOwn && bytes.length >= RELEASED_BYTES && buffer.byteLength <= bytes.length + 64) buffer.transfer(0)
}

function ok(bytes: Uint8Array): Decompressed {
  return { kind: 'ok', bytes, findings: [] }
}

function wrongSize(found: number, size: number, codec: string): Fault {
  return fault('PQ305', `The page has ${found} bytes (${codec}); its header says ${size}.`, {
    uncompressedBytes: size,
    foundBytes: found,
  })
}

function failed(codec: string, why: string): Fault {
  return fault('PQ304', `The page cannot be decompressed (${codec}): ${why}.`, { codec })
}
