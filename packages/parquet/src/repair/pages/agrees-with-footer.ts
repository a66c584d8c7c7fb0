import type { ColumnChunk } from '../../footer.ts'
import { pageEnd, type Page } from '../../pages/page.ts'
import type { ChunkItem, ChunkScan } from '../../pages/scan-chunk.ts'
import { ENCODING } from '../../pages/value-spec.ts'

type PageItem = Extract<ChunkItem, { kind: 'page' }>

/**
 * Whether the page headers are all there and fit everything the footer says of the chunk. Only then is it known to be the
 * chunk, and not pages of its neighbour, where bytes are missing or too many. Level `headers` is enough.
 */
export function agreesWithFooter(scan: ChunkScan, chunk: ColumnChunk): boolean {
  const items = pageItems(scan)
  const pages = items.map(({ page }) => page)
  if (items.length === 0 || scan.items.some((item) => item.kind === 'gap' && !item.harmless)) return false
  return (
    scan.values === chunk.values &&
    hasFirstPages(pages, chunk) &&
    hasSizes(pages, chunk) &&
    !contradictsFooter(scan, chunk) &&
    hasAllNulls(items, chunk)
  )
}

/**
 * Whether the first page is the chunk's beyond doubt, whatever became of the others: a dictionary of just the length that
 * the footer's offsets leave for it, or a page of all the values that takes all the bytes.
 */
export function beginsAsNamed({ items }: ChunkScan, chunk: ColumnChunk): boolean {
  const [first] = items
  const page = first?.kind === 'page' ? first.page : first?.gap.claimed
  if (page === undefined || page.offset !== chunk.start) return false
  const { dictionaryPageOffset, dataPageOffset, start } = chunk
  if (page.kind === 'dictionary') return dictionaryPageOffset === start && pageEnd(page) === dataPageOffset
  return (
    isData(page) &&
    page.values === chunk.values &&
    pageEnd(page) - page.offset === chunk.compressedBytes &&
    hasSizes([page], chunk)
  )
}

/** Whether pages that would be kept cannot be the chunk's: there are more of something than the footer allows. */
export function contradictsFooter(scan: ChunkScan, chunk: ColumnChunk): boolean {
  const items = pageItems(scan).filter(({ status }) => status === 'intact')
  const data = items.filter(({ page }) => isData(page))
  const values = data.reduce((sum, { page }) => sum + page.values, 0)
  const nulls = data.reduce((sum, { check }) => sum + (check.nulls ?? 0), 0)
  const { encodings } = chunk
  const listed = encodings === undefined || encodings.length === 0 ? undefined : new Set(encodings.map(family))
  return (
    values > chunk.values ||
    nulls > (nullCount(chunk) ?? Infinity) ||
    (listed !== undefined && data.some(({ page }) => !listed.has(family(page.encoding))))
  )
}

function pageItems({ items }: ChunkScan): PageItem[] {
  return items.flatMap((item) => (item.kind === 'page' ? [item] : []))
}

/** The dictionary where one is named, and data pages where they should begin. Old writers name no dictionary. */
function hasFirstPages(pages: readonly Page[], { dictionaryPageOffset, dataPageOffset, start }: ColumnChunk): boolean {
  if (dictionaryPageOffset === undefined || dictionaryPageOffset < 4 || dictionaryPageOffset !== start) return true
  if (pages[0]?.kind !== 'dictionary') return false
  return dataPageOffset <= dictionaryPageOffset || pages.some((page) => isData(page) && page.offset === dataPageOffset)
}

/** Some writers leave headers out of the sum. Those that fill the chunk exactly have its compressed size. */
function hasSizes(pages: readonly Page[], { uncompressedBytes }: ColumnChunk): boolean {
  if (uncompressedBytes === undefined) return true
  const bodies = pages.reduce((sum, page) => sum + page.uncompressedBytes, 0)
  const headers = pages.reduce((sum, page) => sum + page.headerBytes, 0)
  const [first] = pages
  const ofDictionary = first?.kind === 'dictionary' ? first.headerBytes : 0
  return [bodies, bodies + headers, bodies + headers - ofDictionary].includes(uncompressedBytes)
}

function hasAllNulls(items: readonly PageItem[], chunk: ColumnChunk): boolean {
  const expected = nullCount(chunk)
  const data = items.filter(({ page }) => isData(page))
  if (expected === undefined || data.some(({ check }) => check.nulls === undefined)) return true
  return data.reduce((sum, { check }) => sum + (check.nulls ?? 0), 0) === expected
}

/** Of nested columns writers count in different ways. */
function nullCount({ path, statistics }: ColumnChunk): number | undefined {
  return path.length === 1 ? statistics?.nulls : undefined
}

/** Two numbers for one encoding, and writers mix them. */
function family(encoding: number): number {
  return encoding === ENCODING.PLAIN_DICTIONARY ? ENCODING.RLE_DICTIONARY : encoding
}

function isData({ kind }: Page): boolean {
  return kind === 'data-v1' || kind === 'data-v2'
}
