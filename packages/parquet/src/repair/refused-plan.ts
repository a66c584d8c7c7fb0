import type { Finding } from '@tidegate/core'

import type { RepairPlan } from './plan.ts'

/** A plan that writes nothing. `because`: one sentence. */
export function refusedPlan(findings: readonly Finding[], because: string): RepairPlan {
  return {
    kind: 'refused',
    lossless: true,
    steps: [],
    pieces: [],
    schemaFrom: 'own-footer',
    confidence: 'rejected',
    evidence: [],
    doubts: [because],
    rowGroups: [],
    loss: [],
    totals: { rowsRecovered: 0, rowsLost: 'unknown', cellsNulled: 0 },
    findings,
  }
}
