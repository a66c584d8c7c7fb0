/** What can be brought back of a file without a footer, and how sure that is. Pure. */
import type { Finding } from '@tidegate/core'

import { integerIn } from '../thrift/thrift-value.ts'
import type { Assembly } from './assemble-chunks.ts'
import { judgeConfidence, type Confidence, type Judgement } from './judge-confidence.ts'
import { salvageFindings } from './salvage-findings.ts'
import type { SchemaSource } from './schema-sources.ts'
import type { ValueEvidence } from './value-evidence.ts'

export interface SalvageOptions {
  /** @defaultValue 'strong' */
  readonly minConfidence?: Confidence
  /** Takes row groups that can be read in more than one way. @defaultValue false */
  readonly allowAmbiguous?: boolean
  /** Of the numbers in the pages; they tell types of one width apart. */
  readonly values?: ValueEvidence
}

export interface SalvagePlan {
  /** `refused`: nothing should be written; the findings say why. */
  readonly kind: 'salvage' | 'refused'
  readonly confidence: Confidence | 'rejected'
  readonly evidence: readonly string[]
  readonly doubts: readonly string[]
  /** Bytes of the source that are kept as they are, from its start. */
  readonly prefixBytes: number
  /** Complete row groups: those that the footer's remains list, then those of the pages. */
  readonly groups: readonly { readonly rows: number; readonly from: 'footer' | 'pages' }[]
  readonly rows: {
    /** Of the complete row groups. */
    readonly recovered: number
    /** Undefined when nothing says how many there were. */
    readonly lost: number | undefined
  }
  readonly findings: readonly Finding[]
}

export function planSalvage(assembly: Assembly, schema: SchemaSource, options: SalvageOptions = {}): SalvagePlan {
  const judgement = judgeConfidence(assembly, schema, options.values)
  const usable = assembly.groups.filter(({ isCertain }) => isCertain || options.allowAmbiguous === true)
  const groups: SalvagePlan['groups'] = [
    ...(schema.ownGroups ?? []).map((group) => ({ rows: integerIn(group, 3) ?? 0, from: 'footer' as const })),
    ...usable.flatMap(({ kind, rows }) =>
      kind === 'full' && rows !== undefined ? [{ rows, from: 'pages' as const }] : [],
    ),
  ]
  const recovered = groups.reduce((sum, group) => sum + group.rows, 0)
  const rows = { recovered, lost: schema.rows === undefined ? undefined : Math.max(0, schema.rows - recovered) }
  const hasRows = groups.length > 0 || usable.some(({ rows = 0 }) => rows > 0)
  const isEnough = hasRows && reaches(judgement, options.minConfidence ?? 'strong')
  const { confidence, evidence, doubts } = judgement
  return {
    kind: isEnough ? 'salvage' : 'refused',
    confidence,
    evidence,
    doubts,
    prefixBytes: Math.max(assembly.dataEnd, schema.footerOffset ?? 0),
    groups,
    rows,
    findings: salvageFindings({ assembly, schema, judgement, usable, rows }),
  }
}

const RANK = { rejected: 0, weak: 1, strong: 2, proven: 3 } as const

function reaches({ confidence }: Judgement, wanted: Confidence): boolean {
  return RANK[confidence] >= RANK[wanted]
}
