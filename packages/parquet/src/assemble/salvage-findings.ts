import type { Finding } from '@tidegate/core'

import type { AssembledGroup, Assembly } from './assemble-chunks.ts'
import type { Judgement } from './judge-confidence.ts'
import type { SchemaSource } from './schema-sources.ts'

export interface SalvageFacts {
  readonly assembly: Assembly
  readonly schema: SchemaSource
  readonly judgement: Judgement
  readonly usable: readonly AssembledGroup[]
  readonly rows: { readonly recovered: number; readonly lost: number | undefined }
}

/** PQ602 to PQ605: what a salvage cannot tell or bring back. */
export function salvageFindings({ assembly, schema, judgement, usable, rows }: SalvageFacts): readonly Finding[] {
  const findings: Finding[] = []
  if (judgement.confidence === 'rejected')
    findings.push({
      code: 'PQ603',
      name: 'SCHEMA_SOURCE_REJECTED',
      severity: 'error',
      message: `The schema (${schema.from}) does not fit the file: ${judgement.doubts.join('; ')}.`,
      repairable: 'no',
      evidence: { from: schema.from, pages: assembly.pages, strayPages: assembly.strayPages },
    })
  const ambiguous = assembly.groups.filter(({ isCertain }) => !isCertain)
  const [firstAmbiguous] = ambiguous
  if (firstAmbiguous !== undefined)
    findings.push({
      code: 'PQ602',
      name: 'AMBIGUOUS_BOUNDARIES',
      severity: 'error',
      message: 'From here on the pages can be read as row groups in more than one way; only one of them is right.',
      ...where(firstAmbiguous, assembly.groups.indexOf(firstAmbiguous)),
      repairable: 'lossy',
      evidence: { rowGroups: ambiguous.length, schemaFrom: schema.from },
    })
  for (const group of usable)
    if (group.kind === 'partial')
      findings.push({
        code: 'PQ604',
        name: 'PARTIAL_ROW_GROUP',
        severity: 'error',
        message: `A row group is ${group.later.length > 0 || group.spanEnd !== undefined ? 'damaged' : 'cut'}: ${group.chunks.length + group.later.length} of ${schema.leaves.length} columns are complete.`,
        ...where(group, (schema.ownGroups?.length ?? 0) + assembly.groups.indexOf(group)),
        repairable: 'lossy',
        evidence: {
          completeColumns: group.chunks.length + group.later.length,
          columns: schema.leaves.length,
          rows: group.rows ?? null,
        },
      })
  if (rows.lost === undefined)
    findings.push({
      code: 'PQ605',
      name: 'ROWS_LOST_UNKNOWN',
      severity: 'warn',
      message: 'Nothing says how many rows the file had, so how many are lost is not known.',
      repairable: 'lossy',
      evidence: { recovered: rows.recovered },
    })
  return findings
}

function where(group: AssembledGroup, rowGroup: number): Pick<Finding, 'where'> {
  const offset = (group.chunks[0] ?? group.open)?.pages[0]?.offset
  return { where: { rowGroup, ...(offset === undefined ? {} : { offset }) } }
}
