import type { Finding } from '@tidegate/core'
import type { RepairReport, RepairSummary } from '@tidegate/parquet'

/** One line of the answer of `repair`. */
export interface RepairedFile {
  readonly source: string | null
  readonly path: string
  readonly uri: string
  readonly bytes: number | null
  /** `repaired`: all of it · `partial`: what could be brought back · `failed`: it could not be read, or not written. */
  readonly status: 'unchanged' | 'repaired' | 'partial' | 'refused' | 'failed'
  readonly out: string | null
  readonly outBytes: number | null
  readonly sourceSha256: string | null
  readonly outSha256: string | null
  readonly lossFile: string | null
  readonly lossless: boolean | null
  readonly confidence: RepairSummary['confidence'] | null
  readonly schemaFrom: RepairSummary['schemaFrom'] | null
  readonly evidence: readonly string[]
  readonly doubts: readonly string[]
  readonly steps: RepairSummary['steps']
  readonly totals: RepairSummary['totals'] | null
  readonly loss: RepairSummary['loss']
  readonly findings: readonly Finding[]
  readonly verification: RepairReport['verification'] | null
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null
  readonly rowGroups?: RepairSummary['rowGroups']
}
