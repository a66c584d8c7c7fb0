import type { Finding, Session } from '@tidegate/core'

import { finding } from '../finding-codes.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import type { RepairPlan } from './plan.ts'
import type { RepairProgress } from './plan-repair.ts'
import type { RepairVerification } from './report.ts'
import type { TempFiles } from './temp-files.ts'

export interface WriteOptions {
  readonly temps: TempFiles
  /** Undefined: no engine is installed. */
  readonly session: Session | undefined
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: RepairProgress) => void) | undefined
}

export type WrittenRepair =
  | {
      readonly kind: 'written'
      /** Verified, synced, and without a name yet. */
      readonly temp: string
      readonly sizeBytes: number
      readonly sha256: string
      /** With what only the rewriting found out. */
      readonly plan: RepairPlan
      readonly verification: RepairVerification
    }
  | { readonly kind: 'refused'; readonly finding: Finding; readonly verification: RepairVerification | undefined }

export function verifyFailed({ mismatches }: RepairVerification): Finding {
  return finding(
    'PQ606',
    `The repaired file did not stand up: ${(mismatches[0] ?? 'it cannot be read').replace(/\.$/, '')}.`,
    {
      severity: 'fatal',
      evidence: { mismatches: mismatches.slice(0, 20) },
    },
  )
}
