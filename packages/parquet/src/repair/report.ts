import type { Finding } from '@tidegate/core'

import { pieceLength } from '../source/pieces.ts'
import type { LossEntry, RepairPlan } from './plan.ts'

/** A plan without the bytes: what people and other processes get to see. */
export type RepairSummary = Omit<RepairPlan, 'pieces'> & {
  /** Bytes at the start of the result that are those of the source. */
  readonly untouchedPrefixBytes: number
  readonly outBytes: number
}

export interface RepairVerification {
  /** `own`: no engine is installed (`@tidegate/duckdb`), so only our reader has looked. */
  readonly readers: readonly ('own' | 'duckdb')[]
  readonly ok: boolean
  readonly rowsRead: number
  /** Sentences; empty if ok. */
  readonly mismatches: readonly string[]
  /** What could not be looked at, and why that says nothing against the file; sentences. */
  readonly notes: readonly string[]
}

export interface RepairReport {
  /**
   * `unchanged`: the file is sound, nothing was written · `repaired`: all of it is in `out` · `partial`: `out` holds what
   * could be brought back, `loss` the rest · `refused`: nothing was written, `summary.findings` say why.
   */
  readonly status: 'unchanged' | 'repaired' | 'partial' | 'refused'
  readonly source: string
  /** Undefined where nothing was written. */
  readonly out: string | undefined
  /** Lower-case hex; of the source before and after (they are the same). */
  readonly sourceSha256: string
  readonly outSha256: string | undefined
  /** `<out>.loss.json`, written where anything was lost. */
  readonly lossFile: string | undefined
  readonly summary: RepairSummary
  readonly verification: RepairVerification | undefined
}

/** Content of `<out>.loss.json`. */
export interface LossManifest {
  readonly format: 1
  readonly source: { readonly path: string; readonly sha256: string; readonly bytes: number }
  readonly out: { readonly path: string; readonly sha256: string; readonly bytes: number }
  readonly totals: RepairPlan['totals']
  readonly loss: readonly LossEntry[]
  readonly findings: readonly Finding[]
}

export function summarize(plan: RepairPlan): RepairSummary {
  const { pieces, ...summary } = plan
  const [first] = pieces
  const isRaw = plan.rewrite === undefined && plan.unpack === undefined
  return {
    ...summary,
    untouchedPrefixBytes: isRaw && first?.kind === 'source' && first.offset === 0 ? first.length : 0,
    outBytes: pieces.reduce((sum, piece) => sum + pieceLength(piece), 0),
  }
}
