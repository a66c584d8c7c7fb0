import { brotliDecompressSync, unzipSync, zstdDecompressSync } from 'node:zlib'

import { CODEC } from './decompress-page.ts'
import { unfoldLz4Block } from './lz4.ts'
import type { Page } from './page.ts'
import { snappyLength } from './snappy.ts'

/** A body is unfolded up to this to see whether it is as large as its header says; larger ones are not read. */
export const TRIAL_BYTES: number = 64 * 1024 * 1024

/**
 * Whether a body that was not unfolded because of the size that its header claims has another one. Of a V2 page the levels
 * count as well; they are small and stored as they are.
 */
export function hasOtherSize(body: Uint8Array, page: Page, codec: number): boolean {
  const levels = (page.v2?.definitionBytes ?? 0) + (page.v2?.repetitionBytes ?? 0)
  const size = page.uncompressedBytes - levels
  const stored = body.subarray(levels)
  if (codec === CODEC.UNCOMPRESSED || page.v2?.compressed === false) return stored.length !== size
  const found = unfoldedSize(stored, codec)
  return found !== undefined && found !== size
}

/** Undefined: it is larger than the trial, damaged, or of a codec that cannot be read. */
function unfoldedSize(stored: Uint8Array, codec: number): number | undefined {
  const options = { maxOutputLength: TRIAL_BYTES }
  try {
    switch (codec) {
      case CODEC.SNAPPY:
        return snappyLength(stored)?.length
      case CODEC.GZIP:
        return unzipSync(stored, options).length
      case CODEC.BROTLI:
        return brotliDecompressSync(stored, options).length
      case CODEC.ZSTD:
        return zstdDecompressSync(stored, options).length
      case CODEC.LZ4_RAW: {
        // A byte of a block stands for at most 255.
        const end = unfoldLz4Block(stored, Buffer.allocUnsafe(Math.min(TRIAL_BYTES, stored.length * 256)), 0)
        return end < 0 ? undefined : end
      }
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}
