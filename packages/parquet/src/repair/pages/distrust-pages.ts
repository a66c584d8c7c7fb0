import { CODEC } from '../../pages/decompress-page.ts'
import type { ChunkItem, ChunkScan } from '../../pages/scan-chunk.ts'
import { pageFinding } from '../../pages/page-finding.ts'
import type { Trust } from './locate-chunks.ts'

/**
 * A scan without the pages that may be another column's, or that may reach over a place where bytes are missing or too
 * many: nothing but a checksum would show that (gzip has one; other compressed bytes may be any).
 */
export function distrustPages(scan: ChunkScan, trust: Trust, codec: number): ChunkScan {
  if (trust === 'all') return scan
  if (trust === 'nothing')
    return {
      ...scan,
      status: 'damaged',
      items: [],
      findings: [pageFinding('PQ301', 'Where the chunk is cannot be told: bytes are missing or too many before it.')],
    }
  if (trust === 'end') return { ...scan, status: 'damaged', items: placedFromTheRight(scan) }
  const gap = scan.items.findIndex(({ kind }) => kind === 'gap')
  if (gap < 0 && trust === 'hole') return scan
  const firstGap = gap < 0 ? scan.items.length : gap
  const isEndConfirmed = beginsWithHeader(scan.items[gap])
  const items = scan.items.map((item, index): ChunkItem => {
    if (item.kind === 'gap') return { ...item, harmless: false }
    const isLast = index === firstGap - 1
    const isFirstBehind = trust === 'start' && index > firstGap
    const isProven = isEndConfirmed || item.check.crc === 'ok' || codec === CODEC.GZIP
    return isFirstBehind || (isLast && !isProven) ? { ...item, status: 'damaged', check: doubted(item.check) } : item
  })
  if (items.every((item, index) => item === scan.items[index])) return scan
  return { ...scan, status: 'damaged', items: trust === 'start' ? placedFromTheLeft(items) : items }
}

/** The gap is itself a page that is cut or too long, so the page before it ended where it should. */
function beginsWithHeader(item: ChunkItem | undefined): boolean {
  return item?.kind === 'gap' && (item.gap.because === 'page-cut' || item.gap.because === 'page-size')
}

type PageCheck = Extract<ChunkItem, { kind: 'page' }>['check']

function doubted(check: PageCheck): PageCheck {
  const finding = pageFinding('PQ302', 'Bytes are missing or too many at the end of the page, or behind it.')
  return { ...check, ok: false, findings: [...check.findings, finding] }
}

/** What follows is another column's, so it does not count. */
function placedFromTheLeft(items: readonly ChunkItem[]): ChunkItem[] {
  let from: number | undefined = 0
  return items.map((item) => {
    const rows = item.kind === 'page' && item.status === 'intact' ? item.check.rows : undefined
    if (from === undefined || rows === undefined) {
      if (item.kind === 'gap' || item.page.kind !== 'dictionary') from = undefined
      return { ...item, rows: undefined }
    }
    const span = { from, to: from + rows }
    from += rows
    return { ...item, rows: item.kind === 'page' && item.page.kind === 'dictionary' ? undefined : span }
  })
}

/** What is before the last gap may be another column's, the dictionary too: the chunk's own would be at its beginning. */
function placedFromTheRight({ items, expectedRows }: ChunkScan): ChunkItem[] {
  const lastGap = items.findLastIndex(({ kind }) => kind === 'gap')
  let to: number | undefined = expectedRows
  const placed = items.map((item, index): ChunkItem => {
    if (item.kind === 'gap') return { ...item, harmless: false, rows: undefined }
    return index < lastGap ? { ...item, status: 'damaged', check: doubted(item.check), rows: undefined } : item
  })
  for (let index = placed.length - 1; index > lastGap; index--) {
    const item = placed[index]
    if (item?.kind !== 'page' || item.page.kind === 'dictionary') continue
    const rows: number | undefined = item.status === 'intact' ? item.check.rows : undefined
    const from: number = to === undefined || rows === undefined ? -1 : to - rows
    placed[index] = { ...item, rows: to === undefined || from < 0 ? undefined : { from, to } }
    to = from < 0 ? undefined : from
  }
  return placed
}
