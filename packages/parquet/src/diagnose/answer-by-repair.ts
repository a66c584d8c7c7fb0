import type { Finding } from '@tidegate/core'

import { checkFooter } from '../check-footer.ts'
import type { ParquetFooter } from '../footer.ts'
import type { RepairStep } from '../repair/plan.ts'
import { checkSchema } from './footer/check-schema.ts'
import { isBad } from './judge-verdict.ts'

/** What a footer says wrongly of itself or of its pages, so that a corrected footer is the proof that nothing is lost. */
const OF_FOOTER: ReadonlySet<string> = new Set([
  'PQ205',
  'PQ206',
  'PQ208',
  'PQ209',
  'PQ210',
  'PQ211',
  'PQ212',
  'PQ213',
  'PQ301',
])

/**
 * Findings of a footer, after its repair was tried: what the corrected footer no longer has is repaired without loss. What
 * its pages have lost is said by the findings of the pages.
 */
export function answerByRepair(
  findings: readonly Finding[],
  mended: ParquetFooter,
  steps: readonly RepairStep[],
): readonly Finding[] {
  if (steps.length === 0) return findings
  const left = [...checkFooter(mended, { ranges: true }), ...checkSchema(mended).findings].filter(isBad)
  const open = new Set<string>([
    ...left.map(({ code }) => code),
    ...steps.filter(({ lossless }) => !lossless).map(({ code }) => code),
  ])
  return findings.map((found) =>
    isBad(found) && OF_FOOTER.has(found.code) && !open.has(found.code) ? { ...found, repairable: 'lossless' } : found,
  )
}
