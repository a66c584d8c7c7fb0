import type { ByteSource } from '@tidegate/core'

import { bitWidthOf } from '../../pages/hybrid.ts'
import { pageFinding } from '../../pages/page-finding.ts'
import type { PageLimits } from '../../pages/page-limits.ts'
import { placeRows } from '../../pages/row-spans.ts'
import type { ChunkItem, ChunkScan } from '../../pages/scan-chunk.ts'
import type { ChunkPlace } from './chunk-state.ts'
import { mostValues } from './level-runs.ts'
import { storedLevels } from './read-levels.ts'

/**
 * Pages that can be decoded, but have together another number of values than the footer says: one of them counts wrongly,
 * and the rows behind it are not where its count puts them. If the levels of only one page have room for the difference,
 * it is that one; else no page of the chunk can be placed. Where none has, the footer is wrong and the pages are right.
 */
export async function findMiscounted(
  view: ByteSource,
  scan: ChunkScan,
  place: ChunkPlace,
  limits: Partial<PageLimits> | undefined,
): Promise<ChunkScan> {
  const isMiscounted =
    scan.status === 'damaged' &&
    scan.findings.some(({ code }) => code === 'PQ310' || code === 'PQ212') &&
    scan.items.every((item) => (item.kind === 'gap' ? item.harmless : item.status === 'intact'))
  if (!isMiscounted) return scan
  const data = scan.items.filter((item) => item.kind === 'page' && isData(item))
  const difference = scan.expectedValues - scan.values
  // A page that contradicts its own header needs no other proof.
  const suspects = new Set<ChunkItem>(data.filter(contradictsItself))
  if (suspects.size === 0)
    for (const item of data)
      if (data.length === 1 || (await hasRoomFor(view, item, place, difference, limits))) suspects.add(item)
  if (suspects.size === 0 && scan.rows === scan.expectedRows) return scan
  return withDoubt(scan, suspects.size === 1 ? suspects : new Set(data))
}

function isData(item: ChunkItem): boolean {
  return item.kind === 'page' && (item.page.kind === 'data-v1' || item.page.kind === 'data-v2')
}

function contradictsItself(item: ChunkItem): boolean {
  return item.kind === 'page' && item.check.findings.some(({ code }) => code === 'PQ310' || code === 'PQ312')
}

async function hasRoomFor(
  view: ByteSource,
  item: ChunkItem,
  place: ChunkPlace,
  difference: number,
  limits: Partial<PageLimits> | undefined,
): Promise<boolean> {
  if (item.kind !== 'page') return false
  const wanted = item.page.values + difference
  if (wanted < 0) return false
  const { leaf } = place
  const levels = await storedLevels(view, item.page, place, limits)
  if (levels === undefined) return true
  const bounds = [
    { bytes: levels.repetition, bitWidth: bitWidthOf(leaf.maxRepetitionLevel) },
    { bytes: levels.definition, bitWidth: bitWidthOf(leaf.maxDefinitionLevel) },
  ]
  for (const { bytes, bitWidth } of bounds) {
    if (bitWidth === 0 || bytes === undefined) continue
    const room = mostValues(bytes, bitWidth)
    if (room === undefined || wanted > room.most || wanted < room.least) return false
  }
  // Values without levels of a fixed width were counted byte by byte.
  return leaf.maxDefinitionLevel > 0 || item.page.encoding !== 0
}

function withDoubt(scan: ChunkScan, suspects: ReadonlySet<ChunkItem>): ChunkScan {
  const spans = placeRows(
    scan.items.map((item) => {
      const rows = item.kind === 'gap' || !isData(item) ? 0 : item.check.rows
      return suspects.has(item) ? { rows: undefined, doubtful: true } : { rows, doubtful: false }
    }),
    scan.expectedRows,
  )
  const items = scan.items.map((item, index): ChunkItem => {
    const rows = spans[index]
    if (item.kind === 'gap' || !isData(item)) return item
    if (!suspects.has(item)) return { ...item, rows }
    const [cause] = scan.findings
    const finding = pageFinding(cause?.code ?? 'PQ310', cause?.message ?? 'The page counts its values wrongly.')
    const check = { ...item.check, ok: false, findings: [...item.check.findings, finding] }
    return { ...item, rows, status: 'damaged', check }
  })
  return { ...scan, items }
}
