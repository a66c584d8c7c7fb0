/** What a second look at single pages tells that the scan could not know. */
import { brotliDecompressSync, unzipSync, zstdDecompressSync } from 'node:zlib'

import type { ByteSource } from '@tidegate/core'

import { CODEC } from '../../pages/decompress-page.ts'
import { unfoldLz4Block } from '../../pages/lz4.ts'
import { pageEnd, type Page } from '../../pages/page.ts'
import { pageFinding } from '../../pages/page-finding.ts'
import type { ChunkItem, ChunkScan } from '../../pages/scan-chunk.ts'
import { snappyLength } from '../../pages/snappy.ts'

/** A body is unfolded up to this to see whether it is as large as its header says. */
const TRIAL_BYTES = 64 * 1024 * 1024
/** So many zero bytes before a hole of zeros are taken for its beginning: it seldom begins just between two pages. */
const ZERO_TAIL = 1

/**
 * Doubts pages that the scan took, or could not judge: those that claim more than the limits allow, while their bytes
 * prove another size; and those that end in zeros where a hole of zeros begins, unless a checksum speaks for them.
 */
export async function judgePages(
  view: ByteSource,
  scan: ChunkScan,
  {
    codec,
    isFollowed,
  }: { readonly codec: number; /** Another chunk should begin right behind it. */ readonly isFollowed: boolean },
): Promise<ChunkScan> {
  const items: ChunkItem[] = []
  for (const [index, item] of scan.items.entries()) {
    const next = scan.items[index + 1]
    // Zeros that only pad are between row groups, or in a chunk in which nothing is missing.
    const isBeforeGap =
      next === undefined ? isFollowed : next.kind === 'gap' && next.gap.because === 'zeros' && !next.harmless
    items.push(await judgePage(view, item, isBeforeGap, codec))
  }
  if (items.every((item, index) => item === scan.items[index])) return scan
  const isDamaged = scan.status === 'damaged' || items.some((item) => item.kind === 'page' && item.status === 'damaged')
  return { ...scan, items, status: isDamaged ? 'damaged' : scan.status }
}

async function judgePage(view: ByteSource, item: ChunkItem, isBeforeGap: boolean, codec: number): Promise<ChunkItem> {
  if (item.kind === 'gap') return item
  if (item.status === 'unchecked' && item.check.findings.some(({ code }) => code === 'PQ315'))
    return (await hasOtherSize(view, item.page, codec))
      ? doubt(item, 'The page claims a size that its bytes do not have.', 'PQ305')
      : item
  if (item.status !== 'intact' || item.check.crc === 'ok' || !isBeforeGap) return item
  return (await endsInHole(view, item.page))
    ? doubt(item, 'The page ends in zeros where a hole of zeros begins.', 'PQ301')
    : item
}

function doubt(item: Extract<ChunkItem, { kind: 'page' }>, message: string, code: 'PQ301' | 'PQ305'): ChunkItem {
  const findings = [pageFinding(code, message), ...item.check.findings]
  return { ...item, status: 'damaged', check: { ...item.check, ok: false, findings } }
}

async function endsInHole(view: ByteSource, page: Page): Promise<boolean> {
  const end = pageEnd(page)
  if (page.compressedBytes < ZERO_TAIL) return false
  const around = await view.read(end - ZERO_TAIL, ZERO_TAIL + 8)
  return around.length === ZERO_TAIL + 8 && around.every((byte) => byte === 0)
}

/** Of a V2 page the levels count as well; they are small and stored as they are. */
async function hasOtherSize(view: ByteSource, page: Page, codec: number): Promise<boolean> {
  if (page.compressedBytes > TRIAL_BYTES) return false
  const levels = (page.v2?.definitionBytes ?? 0) + (page.v2?.repetitionBytes ?? 0)
  const size = page.uncompressedBytes - levels
  const stored = (await view.read(page.offset + page.headerBytes, page.compressedBytes)).subarray(levels)
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
