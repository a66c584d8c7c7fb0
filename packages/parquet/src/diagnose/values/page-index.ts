/** Compares the page index of a chunk with its pages. */
import type { ByteWindow } from '../../pages/byte-window.ts'
import { pageFinding, type PageFinding } from '../../pages/page-finding.ts'
import type { ChunkScan } from '../../pages/scan-chunk.ts'
import { parseThriftPrefix } from '../../thrift/parse-thrift.ts'
import { integerIn, isStruct, itemsIn, type TypedStruct } from '../../thrift/thrift-value.ts'
import { boundFaults, type StatisticsTrust } from './check-statistics.ts'
import type { ChunkFacts, IndexPlace } from './file-facts.ts'
import type { PageSummary } from './inspect-chunk.ts'

/** Larger ones are not read. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024

export interface KnownPages {
  /** Data pages, at level `values`. */
  readonly summaries: readonly PageSummary[] | undefined
  readonly trust: StatisticsTrust
  readonly isNested: boolean
}

/** Readers that skip pages by a wrong index lose rows. Of each index at most one finding, with its first fault. */
export async function checkPageIndex(
  window: ByteWindow,
  { offsetIndex, columnIndex }: ChunkFacts,
  scan: ChunkScan,
  known: KnownPages,
): Promise<PageFinding[]> {
  const findings: PageFinding[] = []
  const add = (what: 'offset' | 'column', place: IndexPlace, fault: string | undefined): void => {
    if (fault === undefined) return
    findings.push(
      pageFinding(
        'PQ216',
        `The ${what} index of the chunk is wrong: ${fault}.`,
        { index: what, indexOffset: place.offset, indexBytes: place.length },
        'warn',
      ),
    )
  }
  if (offsetIndex !== undefined) add('offset', offsetIndex, offsetFault(await readIndex(window, offsetIndex), scan))
  if (columnIndex !== undefined)
    add('column', columnIndex, columnFault(await readIndex(window, columnIndex), scan, known))
  return findings
}

type Index = TypedStruct | 'too-large' | 'unreadable'

async function readIndex(window: ByteWindow, { offset, length }: IndexPlace): Promise<Index> {
  if (length > MAX_INDEX_BYTES) return 'too-large'
  const bytes = (await window.from(offset, length)).subarray(0, length)
  const { struct, complete } = parseThriftPrefix(bytes)
  return complete ? struct : 'unreadable'
}

function offsetFault(index: Index, scan: ChunkScan): string | undefined {
  if (index === 'too-large') return undefined
  if (index === 'unreadable') return 'it cannot be decoded'
  const places = itemsIn(index, 1)
  const pages = dataPages(scan)
  if (places.length !== pages.length) return `it lists ${places.length} pages, the chunk has ${pages.length}`
  for (const [number, place] of places.entries()) {
    const item = pages[number]
    if (!isStruct(place) || item === undefined) return `entry ${number} cannot be decoded`
    const { page, rows, check } = item
    const offset = integerIn(place, 1)
    if (offset !== page.offset) return `page ${number} is at byte ${page.offset}, not ${offset ?? 'where it says'}`
    const size = integerIn(place, 2)
    const bytes = page.headerBytes + page.compressedBytes
    if (size !== bytes) return `page ${number} has ${bytes} bytes, not ${size ?? 'as it says'}`
    const firstRow = integerIn(place, 3)
    if (check.rows !== undefined && !check.continuesRow && rows !== undefined && firstRow !== rows.from)
      return `page ${number} begins with row ${rows.from}, not ${firstRow ?? 'where it says'}`
  }
  return undefined
}

function columnFault(index: Index, scan: ChunkScan, known: KnownPages): string | undefined {
  if (index === 'too-large') return undefined
  if (index === 'unreadable') return 'it cannot be decoded'
  const [nullPages, mins, maxs, nullCounts] = [
    itemsIn(index, 1),
    itemsIn(index, 2),
    itemsIn(index, 3),
    itemsIn(index, 5),
  ]
  const pages = dataPages(scan)
  if (nullPages.length !== pages.length || mins.length !== pages.length || maxs.length !== pages.length)
    return `it lists ${nullPages.length} pages, the chunk has ${pages.length}`
  const { summaries, trust, isNested } = known
  if (summaries === undefined || summaries.length !== pages.length) return undefined
  for (const [number, summary] of summaries.entries()) {
    const { nonNull, nulls } = summary
    if ((nullPages[number] === true) !== (nonNull === 0))
      return `page ${number} has ${nonNull} values that are not NULL, and it says ${nullPages[number] === true ? 'none' : 'some'}`
    const claimed = nullCounts[number]
    if (!isNested && typeof claimed === 'bigint' && Number(claimed) !== nulls)
      return `page ${number} has ${nulls} NULLs, not ${claimed}`
    const [min, max] = [mins[number], maxs[number]]
    if (nonNull === 0 || !summary.isKnown || !(min instanceof Uint8Array) || !(max instanceof Uint8Array)) continue
    const [fault] = boundFaults({ ...NO_STATISTICS, min, max }, summary, trust)
    if (fault !== undefined) return `of page ${number} ${fault.replace('they say', 'it says')}`
  }
  return undefined
}

const NO_STATISTICS = { oldMin: undefined, oldMax: undefined, nulls: undefined, isMinExact: false, isMaxExact: false }

function dataPages(scan: ChunkScan): Extract<ChunkScan['items'][number], { kind: 'page' }>[] {
  return scan.items.flatMap((item) => (item.kind === 'page' && item.page.kind.startsWith('data') ? [item] : []))
}
