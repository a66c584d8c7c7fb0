import type { LayoutColumn } from '@tidegate/core'

import type { ChunkItem, ChunkScan } from '../pages/scan-chunk.ts'

/** What a scan says of a chunk, in few numbers. */
export function layoutColumn(scan: ChunkScan): LayoutColumn {
  const data = scan.items.filter((item) => item.kind === 'gap' || item.page.kind.startsWith('data'))
  const damaged = data.filter((item, index) => isLoss(item) && !(isGap(item) && isGap(data[index - 1])))
  return {
    column: scan.path.join('.'),
    status: scan.status,
    pages: data.filter((item) => !isGap(item)).length,
    damagedPages: damaged.length,
    damagedRows: damagedRows(scan, damaged),
  }
}

function isGap(item: ChunkItem | undefined): boolean {
  return item?.kind === 'gap'
}

function isLoss(item: ChunkItem): boolean {
  return item.kind === 'gap' ? !item.harmless : item.status === 'damaged'
}

function damagedRows(scan: ChunkScan, damaged: readonly ChunkItem[]): LayoutColumn['damagedRows'] {
  if (scan.status !== 'damaged') return []
  // Nothing of the chunk could be looked at.
  if (scan.items.length === 0) return scan.expectedRows > 0 ? [[0, scan.expectedRows]] : []
  // Counts that contradict each other, or a dictionary that nobody needs: no page is to blame.
  if (damaged.length === 0) return undefined
  const spans: [number, number][] = []
  for (const { rows } of damaged) {
    if (rows === undefined) return undefined
    const last = spans.at(-1)
    if (rows.from === rows.to) continue
    if (last !== undefined && last[1] >= rows.from) last[1] = Math.max(last[1], rows.to)
    else spans.push([rows.from, rows.to])
  }
  return spans
}
