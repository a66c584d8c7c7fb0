/** What a second look at single pages tells that the scan could not know. */
import type { ByteSource } from '@tidegate/core'

import { pageEnd, type Page } from '../../pages/page.ts'
import { pageFinding } from '../../pages/page-finding.ts'
import type { ChunkItem, ChunkScan } from '../../pages/scan-chunk.ts'

/** So many zero bytes before a hole of zeros are taken for its beginning: it seldom begins just between two pages. */
const ZERO_TAIL = 1

/** Doubts pages that the scan took: those that end in zeros where a hole of zeros begins, unless a checksum speaks for them. */
export async function judgePages(
  view: ByteSource,
  scan: ChunkScan,
  { isFollowed }: { /** Another chunk should begin right behind it. */ readonly isFollowed: boolean },
): Promise<ChunkScan> {
  const items: ChunkItem[] = []
  for (const [index, item] of scan.items.entries()) {
    const next = scan.items[index + 1]
    // Zeros that only pad are between row groups, or in a chunk in which nothing is missing.
    const isBeforeGap =
      next === undefined ? isFollowed : next.kind === 'gap' && next.gap.because === 'zeros' && !next.harmless
    items.push(await judgePage(view, item, isBeforeGap))
  }
  if (items.every((item, index) => item === scan.items[index])) return scan
  const isDamaged = scan.status === 'damaged' || items.some((item) => item.kind === 'page' && item.status === 'damaged')
  return { ...scan, items, status: isDamaged ? 'damaged' : scan.status }
}

async function judgePage(view: ByteSource, item: ChunkItem, isBeforeGap: boolean): Promise<ChunkItem> {
  if (item.kind === 'gap') return item
  if (item.status !== 'intact' || item.check.crc === 'ok' || !isBeforeGap) return item
  return (await endsInHole(view, item.page)) ? doubt(item) : item
}

function doubt(item: Extract<ChunkItem, { kind: 'page' }>): ChunkItem {
  const message = 'The page ends in zeros where a hole of zeros begins.'
  const findings = [pageFinding('PQ301', message), ...item.check.findings]
  return { ...item, status: 'damaged', check: { ...item.check, ok: false, findings } }
}

async function endsInHole(view: ByteSource, page: Page): Promise<boolean> {
  const end = pageEnd(page)
  if (page.compressedBytes < ZERO_TAIL) return false
  const around = await view.read(end - ZERO_TAIL, ZERO_TAIL + 8)
  return around.length === ZERO_TAIL + 8 && around.every((byte) => byte === 0)
}
