import type {
  ByteSource,
  CheckedPages,
  Diagnosis,
  DiagnosisLevel,
  Finding,
  LayoutColumn,
  LayoutRowGroup,
} from '@tidegate/core'

import { finding } from '../finding-codes.ts'
import type { ParquetFooter } from '../footer.ts'
import { chunkFindings } from '../pages/chunk-findings.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import type { ChunkScan } from '../pages/scan-chunk.ts'
import { scanChunks } from '../pages/scan-chunks.ts'
import { readFooter } from '../read-footer.ts'
import { placeFindings } from '../repair/pages/correct-places.ts'
import { doubtPages } from '../repair/pages/doubt-pages.ts'
import { locateChunks } from '../repair/pages/locate-chunks.ts'
import { parseThriftPrefix } from '../thrift/parse-thrift.ts'
import type { TypedStruct } from '../thrift/thrift-value.ts'
import { openFindingList } from './finding-list.ts'
import { checkBloomFilter } from './footer/check-indexes.ts'
import { openInspection } from './open-inspection.ts'
import { isBad, judgeVerdict } from './judge-verdict.ts'
import { layoutColumn } from './layout-column.ts'

export type PagesLevel = Exclude<DiagnosisLevel, 'container' | 'footer'>

export interface PagesOptions {
  readonly level: PagesLevel
  readonly limits: Partial<PageLimits> | undefined
  readonly signal: AbortSignal | undefined
}

/** Chunks may lie on top of each other in a footer that lies; together they may be read twice over, no more. */
const MAX_OVERLAP = 2

export interface KnownFooter {
  readonly footer: ParquetFooter
  readonly tree: TypedStruct
}

/** Undefined where there is no footer in its place. Throws only what the source throws. */
export async function readKnownFooter(source: ByteSource): Promise<KnownFooter | undefined> {
  const outcome = await readFooter(source)
  if (outcome.kind !== 'ok') return undefined
  const { footerOffset, footerBytes } = outcome.footer
  return { footer: outcome.footer, tree: parseThriftPrefix(await source.read(footerOffset, footerBytes)).struct }
}

/** Adds to a diagnosis of the footer what the pages say. Offsets are those of `source`. */
export async function diagnoseChunks(
  source: ByteSource,
  shallow: Diagnosis,
  known: KnownFooter,
  options: PagesOptions,
): Promise<Diagnosis> {
  const { footer } = known
  const list = openFindingList()
  const { limits, signal } = options
  // Chunks that lie elsewhere than the footer says; headers alone tell too little of that.
  const located = options.level === 'headers' ? undefined : await locateChunks(source, footer)
  const placed = located === undefined ? footer : withStatedEnds(located.footer, footer)
  const starts = new Set(placed.rowGroups.flatMap(({ chunks }) => chunks.map(({ start }) => start)))
  if (located !== undefined && !shallow.findings.some(({ code }) => code === 'PQ115'))
    for (const found of placeFindings(located)) list.add(found)
  const inspection = openInspection(source, known, options.level)
  const columns: LayoutColumn[][] = footer.rowGroups.map(() => [])
  const tally = { pages: 0, withChecksum: 0, decoded: 0, headersOnly: 0 }
  const counted: (number | undefined)[][] = footer.rowGroups.map(() => [])
  let left = source.sizeBytes * MAX_OVERLAP
  let skipped = 0
  const only = (rowGroup: number, column: number): boolean => {
    const chunk = placed.rowGroups[rowGroup]?.chunks[column]
    if (chunk === undefined) return false
    left -= Math.max(0, chunk.end - chunk.start)
    if (left >= 0) return true
    skipped++
    const path = footer.leaves[column]?.path ?? chunk.path
    place(columns, rowGroup, column, {
      column: path.join('.'),
      status: 'unchecked',
      pages: 0,
      damagedPages: 0,
      damagedRows: undefined,
    })
    return false
  }
  const { level } = options
  for await (const read of scanChunks(source, placed, { level, limits, signal, only, inspect: inspection.inspect })) {
    const seen = { ...read, findings: [...read.findings, ...(await inspection.conclude(read))] }
    const scan = located === undefined ? seen : await doubtPages(source, seen, { located, starts })
    place(columns, scan.rowGroup, scan.column, layoutColumn(scan))
    count(tally, scan, options.level)
    for (const found of chunkFindings(scan)) list.add(found)
    for (const found of wrongDataPage(scan, placed)) list.add(found)
    const chunk = placed.rowGroups[scan.rowGroup]?.chunks[scan.column]
    const bloom = chunk && (await checkBloomFilter(source, chunk, scan.rowGroup, scan.path.join('.')))
    if (bloom !== undefined) list.add(bloom)
    counted[scan.rowGroup]?.push(rowsOtherwise(scan))
  }
  for (const found of otherRowCounts(footer, counted)) list.add(found)
  if (skipped > 0)
    list.add(
      finding('PQ903', `${skipped} column chunks were not read: together they claim the file several times over.`, {
        evidence: { chunks: skipped, sizeBytes: source.sizeBytes },
      }),
    )
  const layout = footer.rowGroups.map(({ rows }, index): LayoutRowGroup => ({ rows, columns: columns[index] ?? [] }))
  const deep = list.all()
  const told = openFindingList()
  for (const found of shallow.findings) if (!isRetold(found, deep)) told.add(found)
  const findings = [...told.all(), ...deep]
  return {
    ...shallow,
    kind: findings.some(isBad) ? 'unreadable' : 'sound',
    verdict: isNothingLeft(layout) ? 'unrecoverable' : judgeVerdict(findings),
    findings,
    layout,
    intactRows: layout
      .filter((group) => group.columns.every(({ status }) => status === 'intact'))
      .reduce((sum, { rows }) => sum + Math.max(0, rows), 0),
    checked: tally,
  }
}

/** A chunk that leaves a header out of its size is read with it, and is said to do so. */
function withStatedEnds(located: ParquetFooter, stated: ParquetFooter): ParquetFooter {
  const rowGroups = located.rowGroups.map((group, rowGroup) => {
    const chunks = group.chunks.map((chunk, column) => {
      const own = stated.rowGroups[rowGroup]?.chunks[column]
      return own !== undefined && own.start === chunk.start && own.end < chunk.end ? own : chunk
    })
    return { ...group, chunks }
  })
  return { ...located, rowGroups }
}

/** Where a dictionary says where the chunk begins, the offset of its data can be wrong unseen. 0: a writer left it out. */
function wrongDataPage({ status, items, rowGroup, column, path }: ChunkScan, footer: ParquetFooter): Finding[] {
  const offset = footer.rowGroups[rowGroup]?.chunks[column]?.dataPageOffset ?? 0
  const pages = items.flatMap((item) => (item.kind === 'page' ? [item.page] : []))
  const data = pages.find(({ kind }) => kind.startsWith('data'))
  if (status !== 'intact' || offset === 0 || data === undefined) return []
  if (pages.some((page) => page.offset === offset)) return []
  return [
    finding('PQ208', `The data pages of the chunk should begin at byte ${offset}; they begin at ${data.offset}.`, {
      repairable: 'lossless',
      where: { offset: data.offset, rowGroup, column: path.join('.') },
      evidence: { dataPageOffset: offset, found: data.offset },
    }),
  ]
}

/** By number: chunks are chosen before the ones in front of them are read. */
function place(columns: readonly LayoutColumn[][], rowGroup: number, column: number, found: LayoutColumn): void {
  const group = columns[rowGroup]
  if (group !== undefined) group[column] = found
}

type Tally = { -readonly [K in keyof CheckedPages]: CheckedPages[K] }

function count(tally: Tally, scan: ChunkScan, level: PagesLevel): void {
  for (const item of scan.items) {
    if (item.kind === 'gap') continue
    tally.pages++
    if (item.check.crc === 'ok') tally.withChecksum++
    if (level === 'headers' || item.status === 'unchecked') tally.headersOnly++
    else if (item.status === 'intact') tally.decoded++
  }
}

/** Rows of sound pages, where they are not as many as the row group should have. */
function rowsOtherwise({ findings }: ChunkScan): number | undefined {
  const rows = findings.find(({ code }) => code === 'PQ212')?.evidence?.['rows']
  return typeof rows === 'number' ? rows : undefined
}

/** Where several columns agree on another number of rows than the footer's, it is the footer that is wrong. */
function otherRowCounts({ rowGroups }: ParquetFooter, counted: readonly (number | undefined)[][]): Finding[] {
  return rowGroups.flatMap(({ rows, chunks }, rowGroup) => {
    const [first, ...others] = counted[rowGroup] ?? []
    const isAgreed = first !== undefined && others.length > 0 && others.every((other) => other === first)
    if (!isAgreed || others.length + 1 < chunks.length) return []
    return [
      finding(
        'PQ211',
        `The footer says ${rows.toLocaleString('en-US')} rows for row group ${rowGroup}; all its columns have ${first.toLocaleString('en-US')}.`,
        {
          repairable: 'lossy',
          where: { rowGroup },
          evidence: { rows, found: first },
        },
      ),
    ]
  })
}

/** Rows, and not one page of them that could be kept: a repair would write NULLs alone. */
function isNothingLeft(layout: readonly LayoutRowGroup[]): boolean {
  const groups = layout.filter(({ rows }) => rows > 0)
  return (
    groups.length > 0 &&
    groups.every(({ columns }) =>
      columns.every(({ status, pages, damagedPages }) => status === 'damaged' && damagedPages >= pages),
    )
  )
}

/** A sample of what the deep levels have looked at in full. */
function isRetold(found: Finding, deep: readonly Finding[]): boolean {
  if (found.code !== 'PQ301' && found.code !== 'PQ209') return false
  return deep.some((other) => isBad(other) && (other.code.startsWith('PQ3') || other.code === found.code))
}
