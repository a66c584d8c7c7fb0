/** What is said of chunks — statistics, page indexes, types — against what is in them. */
import type { ByteSource } from '@tidegate/core'

import type { ColumnChunk } from '../footer.ts'
import { openWindow } from '../pages/byte-window.ts'
import type { PageInspector } from '../pages/check-page.ts'
import { CODEC } from '../pages/decompress-page.ts'
import { pageFinding, type PageFinding } from '../pages/page-finding.ts'
import type { ChunkScan } from '../pages/scan-chunk.ts'
import type { KnownFooter, PagesLevel } from './diagnose-chunks.ts'
import { compareScalars, type Lane } from './values/bounds.ts'
import { checkStatistics, type ValueSummary } from './values/check-statistics.ts'
import { fileFacts, type FileFacts } from './values/file-facts.ts'
import { inspectChunk, type ChunkInspection, type PageSummary } from './values/inspect-chunk.ts'
import { checkPageIndex } from './values/page-index.ts'

export interface Inspection {
  /** Undefined below level `values`. */
  readonly inspect: ((rowGroup: number, column: number) => PageInspector | undefined) | undefined
  /** Findings of a chunk as a whole, right after it was scanned. */
  conclude(scan: ChunkScan): Promise<readonly PageFinding[]>
}

const INDEX_AHEAD = 16 * 1024

export function openInspection(source: ByteSource, { footer, tree }: KnownFooter, level: PagesLevel): Inspection {
  const facts = fileFacts(tree)
  const window = openWindow(source, INDEX_AHEAD)
  const told = new Set<string>()
  let current: ChunkInspection | undefined
  return {
    inspect:
      level === 'values'
        ? (_rowGroup, column) => {
            const leaf = facts.leaves[column]
            current = leaf === undefined ? undefined : inspectChunk(leaf, facts.legacy)
            return current?.inspect
          }
        : undefined,
    async conclude(scan) {
      const { rowGroup, column } = scan
      const inspected = level === 'values' ? current : undefined
      const leaf = footer.leaves[column]
      const chunk = footer.rowGroups[rowGroup]?.chunks[column]
      if (scan.status !== 'intact' || leaf === undefined || chunk === undefined) return []
      const chunkFacts = facts.chunk(rowGroup, column)
      const lane = inspected?.lane
      const trust = { lane, hasTypeOrder: facts.hasTypeOrder(column) ?? isOrderKnown(lane, footer.createdBy) }
      const isNested = leaf.maxRepetitionLevel > 0
      const findings = await checkPageIndex(window, chunkFacts, scan, { summaries: inspected?.pages, trust, isNested })
      if (inspected === undefined) return findings
      const wrong =
        chunkFacts.statistics &&
        checkStatistics(chunkFacts.statistics, summarize(inspected.pages, lane, isNested), trust)
      return [
        ...findings,
        ...(wrong === undefined ? [] : [wrong]),
        ...inspected.skipped(),
        ...typeFindings(facts, chunk, column, inspected, told),
      ]
    },
  }
}

/** Without `column_orders` the order of texts is not sure: old writers compared bytes as signed. */
function isOrderKnown(lane: Lane | undefined, createdBy: string | undefined): boolean {
  return (lane !== 'bytes' && lane !== 'signed-bytes') || createdBy?.startsWith('DuckDB') === true
}

function summarize(pages: readonly PageSummary[], lane: Lane | undefined, isNested: boolean): ValueSummary {
  let bounds: PageSummary['bounds']
  for (const page of pages) {
    if (lane === undefined || page.bounds === undefined) continue
    const { min, max } = page.bounds
    bounds =
      bounds === undefined
        ? page.bounds
        : {
            min: compareScalars(lane, min, bounds.min) < 0 ? min : bounds.min,
            max: compareScalars(lane, max, bounds.max) > 0 ? max : bounds.max,
          }
  }
  return {
    bounds: pages.every(({ isKnown }) => isKnown) ? bounds : undefined,
    nans: pages.reduce((sum, { nans }) => sum + nans, 0),
    nulls: isNested ? undefined : pages.reduce((sum, { nulls }) => sum + nulls, 0),
  }
}

/** Told once for a column. */
function typeFindings(
  facts: FileFacts,
  chunk: ColumnChunk,
  column: number,
  inspected: ChunkInspection,
  told: Set<string>,
): PageFinding[] {
  const leaf = facts.leaves[column]
  const findings: PageFinding[] = []
  const tell = (key: string, found: PageFinding): void => {
    if (told.has(`${column} ${key}`)) return
    told.add(`${column} ${key}`)
    findings.push(found)
  }
  if (leaf?.type.kind === 'int96')
    tell(
      'int96',
      pageFinding('PQ402', 'The timestamps of the column are INT96, which is deprecated.', undefined, 'warn'),
    )
  const unreadable = (key: string, what: string, evidence: Readonly<Record<string, number | string>>): void =>
    tell(key, pageFinding('PQ406', `DuckDB cannot read the column: ${what}.`, evidence, 'warn'))
  if (chunk.codec === CODEC.LZ4) unreadable('lz4', 'it is compressed with LZ4 in its old framing', { codec: 'LZ4' })
  if (inspected.hasForeignSplit())
    unreadable('split', 'BYTE_STREAM_SPLIT is read for FLOAT and DOUBLE only', { encoding: 'BYTE_STREAM_SPLIT' })
  if (leaf?.isMapWithoutValue === true) unreadable('map', 'its map has no values', { type: 'MAP' })
  return findings
}
