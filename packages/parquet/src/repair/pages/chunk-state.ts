import type { FindingCode } from '@tidegate/core'

import type { ColumnChunk, LeafColumn } from '../../footer.ts'
import { pageEnd, type Page } from '../../pages/page.ts'
import type { ChunkItem, ChunkScan } from '../../pages/scan-chunk.ts'
import type { RowSpan } from '../../pages/row-spans.ts'
import { ENCODING } from '../../pages/value-spec.ts'
import { joinRanges, withoutRanges } from './row-ranges.ts'

/** A data page that can be kept, with its certain place. */
export interface PlacedPage {
  readonly page: Page
  /** Rows that begin on it. */
  readonly rows: RowSpan
  /** Its first entries belong to a row that began on an earlier page. */
  readonly continuesRow: boolean
  /** It refers to a dictionary that is not there, and needs none: it has only NULLs. */
  readonly orphan: boolean
  /** What directly follows it, if that is damaged. A row may go on in it even where no row is lost by it. */
  readonly brokenBehind: Reason | undefined
}

/** Rows of a chunk whose cells cannot be kept, and why. */
export interface LostRows extends RowSpan {
  readonly code: FindingCode
  readonly message: string
  readonly bytes: { readonly offset: number; readonly length: number } | undefined
}

export interface ChunkState {
  readonly rowGroup: number
  /** Place of the chunk in its row group. */
  readonly column: number
  /** Number of the leaf in the schema. */
  readonly leafIndex: number
  readonly leaf: LeafColumn
  readonly chunk: ColumnChunk
  readonly status: ChunkScan['status']
  readonly rows: number
  readonly dictionary: Page | undefined
  /** In order; what is between them is lost. */
  readonly pages: readonly PlacedPage[]
  readonly lost: readonly LostRows[]
  /** Whether all its pages have a right checksum. */
  readonly verified: boolean
  /** Whether any of its pages has a checksum. */
  readonly hasChecksums: boolean
}

export interface ChunkPlace {
  readonly leafIndex: number
  readonly leaf: LeafColumn
  readonly chunk: ColumnChunk
}

/** What of a chunk can be kept. A page whose rows cannot be placed for certain is lost as a damaged one is. */
export function chunkState(scan: ChunkScan, place: ChunkPlace): ChunkState {
  const pageItems = scan.items.filter((item) => item.kind === 'page')
  const base = {
    ...place,
    rowGroup: scan.rowGroup,
    column: scan.column,
    status: scan.status,
    rows: scan.expectedRows,
    verified: pageItems.length > 0 && pageItems.every(({ check }) => check.crc === 'ok'),
    hasChecksums: pageItems.some(({ page }) => page.crc !== undefined),
  }
  const dictionaries = pageItems.filter(({ page }) => page.kind === 'dictionary')
  const [first] = dictionaries
  const hasOne = dictionaries.length === 1 && first?.status === 'intact'
  const dictionary = hasOne ? first.page : undefined
  const pages = scan.items.flatMap((item) => placed(item, dictionary !== undefined))
  const inOrder = withBreaks(keepAscending(pages, scan.expectedRows), scan)
  const lost = scan.status === 'unchecked' ? [] : lostRows(scan, inOrder)
  return { ...base, dictionary, pages: inOrder, lost }
}

function placed(item: ChunkItem, hasDictionary: boolean): PlacedPage[] {
  if (item.kind !== 'page' || item.rows === undefined || (item.page.kind !== 'data-v1' && item.page.kind !== 'data-v2'))
    return []
  const { page, rows, check, status } = item
  const orphan = needsDictionary(page) && !hasDictionary
  // A page of NULLs is readable whatever became of its dictionary.
  const isOfNulls = orphan && check.nonNull === 0 && check.rows === rows.to - rows.from
  if (orphan && !isOfNulls) return []
  if (status !== 'intact' && !(isOfNulls && check.findings.every(({ code }) => code === 'PQ308'))) return []
  return [{ page, rows, continuesRow: check.continuesRow, orphan, brokenBehind: undefined }]
}

export function needsDictionary({ encoding }: Page): boolean {
  return encoding === ENCODING.PLAIN_DICTIONARY || encoding === ENCODING.RLE_DICTIONARY
}

function keepAscending(pages: readonly PlacedPage[], total: number): PlacedPage[] {
  const kept: PlacedPage[] = []
  let end = 0
  for (const page of pages) {
    if (page.rows.from < end || page.rows.to > total) continue
    kept.push(page)
    end = page.rows.to
  }
  return kept
}

function withBreaks(pages: readonly PlacedPage[], scan: ChunkScan): PlacedPage[] {
  const kept = new Set(pages.map(({ page }) => page))
  const broken = new Map<Page, Reason>()
  for (const [index, item] of scan.items.entries()) {
    const next = scan.items[index + 1]
    if (item.kind !== 'page' || next === undefined || (next.kind === 'page' && kept.has(next.page))) continue
    const [reason] = reasonOf(next, scan)
    if (reason !== undefined) broken.set(item.page, reason)
  }
  return pages.map((placed) => ({ ...placed, brokenBehind: broken.get(placed.page) }))
}

function lostRows(scan: ChunkScan, pages: readonly PlacedPage[]): LostRows[] {
  const kept = joinRanges(pages.map(({ rows }) => rows))
  const holes = withoutRanges({ from: 0, to: scan.expectedRows }, kept)
  const reasons = scan.items.flatMap((item) => reasonOf(item, scan))
  const [first] = reasons
  const general =
    scan.findings.find(({ severity }) => severity === 'error' || severity === 'fatal') ??
    scan.items
      .flatMap((item) => (item.kind === 'page' ? item.check.findings : []))
      .find(({ severity }) => severity === 'error')
  const fallback = {
    code: general?.code ?? first?.code ?? ('PQ301' as const),
    message: general?.message ?? first?.message ?? 'The pages of these rows are missing.',
    bytes: first?.bytes ?? (scan.end > scan.start ? { offset: scan.start, length: scan.end - scan.start } : undefined),
  }
  return holes.flatMap((hole) => {
    const known: LostRows[] = []
    for (const { rows, ...reason } of reasons) {
      if (rows === undefined || rows.to <= rows.from || rows.from < hole.from || rows.to > hole.to) continue
      if (known.some(({ from, to }) => from < rows.to && to > rows.from)) continue
      known.push({ ...rows, ...reason })
    }
    const rest = withoutRanges(hole, joinRanges(known)).map((range): LostRows => ({ ...range, ...fallback }))
    return [...known, ...rest].toSorted((left, right) => left.from - right.from)
  })
}

export interface Reason extends Omit<LostRows, 'from' | 'to'> {
  readonly rows: RowSpan | undefined
}

function reasonOf(item: ChunkItem, scan: ChunkScan): Reason[] {
  if (item.kind === 'gap') {
    if (item.harmless) return []
    const { offset, length } = item.gap
    const found = scan.findings.find(({ evidence }) => evidence?.['offset'] === offset)
    return [
      {
        rows: item.rows,
        code: found?.code ?? 'PQ301',
        message: found?.message ?? `${length} bytes from byte ${offset} on are no page.`,
        bytes: { offset, length },
      },
    ]
  }
  const { page, rows, check } = item
  const found = check.findings.find(({ severity }) => severity === 'error' || severity === 'fatal')
  if (found === undefined || page.kind === 'dictionary') return []
  return [
    {
      rows,
      code: found.code,
      message: found.message,
      bytes: { offset: page.offset, length: pageEnd(page) - page.offset },
    },
  ]
}
