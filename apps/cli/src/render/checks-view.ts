import type { CheckRecord, Dimension } from '@tidegate/core'
import { scoreChecks } from '@tidegate/dq/scores'
import { formatAmount } from './format.ts'

export interface CheckSummary {
  readonly passed: number
  readonly failed: number
  readonly errors: number
  /** Checks that the file's Parquet footer answered, without a look at its rows. */
  readonly provedByMetadata: number
  /** Score of each dimension that has a check, 0–100. */
  readonly scores: Readonly<Partial<Record<Dimension, number>>>
}

/** The latest judgement among the recorded results of one file. */
export function summarizeChecks(records: readonly CheckRecord[]): CheckSummary | null {
  const last = records.reduce<CheckRecord | undefined>(
    (latest, record) => (latest === undefined || record.checkedAtMs >= latest.checkedAtMs ? record : latest),
    undefined,
  )
  if (last === undefined) return null
  const results = records.filter((record) => record.run === last.run).map(({ result }) => result)
  const { overall, byDimension } = scoreChecks(results)
  const scores = Object.entries(byDimension).map(([dimension, { score }]) => [dimension, score ?? 0] as const)
  return {
    passed: overall.passed,
    failed: overall.failed,
    errors: overall.errors,
    provedByMetadata: results.filter((result) => result.provedBy === 'metadata').length,
    scores: Object.fromEntries(scores),
  }
}

/** Lines of `files explain`. */
export function renderChecks({ passed, failed, errors, provedByMetadata, scores }: CheckSummary): readonly string[] {
  const parts = [
    `${formatAmount(passed, 'check')} passed`,
    `${failed} failed`,
    ...(errors > 0 ? [`${errors} could not be evaluated`] : []),
    ...(provedByMetadata > 0 ? [`${provedByMetadata} proved by metadata alone`] : []),
  ]
  const dimensions = Object.entries(scores).map(([name, score]) => `${name} ${Math.round(score * 10) / 10}`)
  return [`  checks     ${parts.join(', ')}`, `  scores     ${dimensions.join(', ')}`]
}
