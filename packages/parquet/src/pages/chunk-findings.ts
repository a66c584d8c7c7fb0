import type { Finding } from '@tidegate/core'

import { FINDING_CODES, type FindingExplanation } from '../finding-codes.ts'
import { PAGE_FINDING_CODES, type PageFinding, type PageFindingCode } from './page-finding.ts'
import type { RowSpan } from './row-spans.ts'
import type { ChunkScan } from './scan-chunk.ts'

const NAMES: Readonly<Record<PageFindingCode, FindingExplanation>> = { ...PAGE_FINDING_CODES, ...FINDING_CODES }

/**
 * The findings of a chunk and its pages, with their place in the file. Page (its number in the chunk, from 0) and rows ([from,
 * to) in the row group) stand in `where`, where they are known, and in `evidence` beside what the check says.
 */
export function chunkFindings(scan: ChunkScan): Finding[] {
  const column = scan.path.join('.')
  const findings = scan.findings.map((found) => {
    const gap = scan.items.find((item) => item.kind === 'gap' && item.gap.offset === found.evidence?.['offset'])
    const bytes =
      gap?.kind === 'gap' ? { offset: gap.gap.offset, length: gap.gap.length } : (indexPlace(found) ?? chunkPlace(scan))
    return locate(found, { ...bytes, rowGroup: scan.rowGroup, column }, gap?.rows && someRows(gap.rows))
  })
  // How many pages a gap has swallowed is not known, so behind it they have no number.
  let number: number | undefined = 0
  for (const item of scan.items) {
    if (item.kind === 'gap') {
      if (!item.harmless) number = undefined
      continue
    }
    const { page, rows, check } = item
    const length = page.headerBytes + page.compressedBytes
    const where = { offset: page.offset, length, rowGroup: scan.rowGroup, column }
    for (const found of check.findings) findings.push(locate(found, where, rows && [rows.from, rows.to], number))
    if (number !== undefined) number++
  }
  return findings
}

/** A gap in front of the first data page, or behind the last one, holds none. */
function someRows({ from, to }: RowSpan): readonly [number, number] | undefined {
  return from < to ? [from, to] : undefined
}

interface Bytes {
  readonly offset: number
  readonly length: number
}

function chunkPlace({ start, end }: ChunkScan): Bytes {
  return { offset: start, length: end - start }
}

/** A page index lies outside of its chunk. */
function indexPlace({ evidence }: PageFinding): Bytes | undefined {
  const [offset, length] = [evidence?.['indexOffset'], evidence?.['indexBytes']]
  return typeof offset === 'number' && typeof length === 'number' ? { offset, length } : undefined
}

function locate(
  found: PageFinding,
  where: NonNullable<Finding['where']>,
  rows: readonly [number, number] | undefined,
  page?: number,
): Finding {
  return {
    code: found.code,
    name: NAMES[found.code].name,
    severity: found.severity,
    message: found.message,
    where: { ...where, ...(page === undefined ? {} : { page }), ...(rows === undefined ? {} : { rows }) },
    repairable: repairable(found),
    evidence: {
      ...found.evidence,
      ...(page === undefined ? {} : { page }),
      ...(rows === undefined ? {} : { rows: [...rows] }),
    },
  }
}

/** Of what is worth a repair although the values can be read. */
const WARNINGS: Readonly<Partial<Record<PageFindingCode, Finding['repairable']>>> = {
  PQ215: 'lossless',
  PQ216: 'lossless',
  PQ401: 'lossless',
  PQ402: 'lossless',
  PQ403: 'lossy',
}

function repairable({ code, severity }: PageFinding): Finding['repairable'] {
  const isBad = severity === 'error' || severity === 'fatal'
  // What is too large, or compressed in an unknown way, is there all the same: a NULL in its place would be a loss for nothing.
  if (isBad) return code === 'PQ315' || code === 'PQ213' || code === 'PQ903' ? 'no' : 'lossy'
  return WARNINGS[code] ?? 'no'
}
