import type { Finding } from '@tidegate/core'

import { FINDING_CODES, type FindingExplanation } from '../finding-codes.ts'
import { PAGE_FINDING_CODES, type PageFinding, type PageFindingCode } from './page-finding.ts'
import type { ChunkScan } from './scan-chunk.ts'

const NAMES: Readonly<Record<PageFindingCode, FindingExplanation>> = { ...PAGE_FINDING_CODES, ...FINDING_CODES }

/**
 * The findings of a chunk and its pages, with their place in the file. `evidence` has, beside what the check says, `page`
 * (its number in the chunk, from 0) and `rows` ([from, to) in the row group) where they are known.
 */
export function chunkFindings(scan: ChunkScan): Finding[] {
  const column = scan.path.join('.')
  const findings = scan.findings.map((found) => {
    const gap = scan.items.find((item) => item.kind === 'gap' && item.gap.offset === found.evidence?.['offset'])
    const bytes =
      gap?.kind === 'gap'
        ? { offset: gap.gap.offset, length: gap.gap.length }
        : { offset: scan.start, length: scan.end - scan.start }
    return locate(found, { ...bytes, rowGroup: scan.rowGroup, column }, gap?.rows && [gap.rows.from, gap.rows.to])
  })
  for (const [number, item] of scan.items.entries()) {
    if (item.kind === 'gap') continue
    const { page, rows, check } = item
    const length = page.headerBytes + page.compressedBytes
    const where = { offset: page.offset, length, rowGroup: scan.rowGroup, column }
    for (const found of check.findings) findings.push(locate(found, where, rows && [rows.from, rows.to], number))
  }
  return findings
}

function locate(
  found: PageFinding,
  where: NonNullable<Finding['where']>,
  rows: readonly [number, number] | undefined,
  page?: number,
): Finding {
  const isBad = found.severity === 'error' || found.severity === 'fatal'
  return {
    code: found.code,
    name: NAMES[found.code].name,
    severity: found.severity,
    message: found.message,
    where,
    repairable: isBad && found.code !== 'PQ315' && found.code !== 'PQ213' ? 'lossy' : 'no',
    evidence: {
      ...found.evidence,
      ...(page === undefined ? {} : { page }),
      ...(rows === undefined ? {} : { rows: [...rows] }),
    },
  }
}
