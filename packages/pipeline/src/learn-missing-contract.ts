import type { Contract, FileVersionId, Reason, SourceConfig } from '@tidegate/core'
import { formatSuggestionBasis, suggestionFor } from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { learnDataset, type LearnedDataset } from './learn-dataset.ts'
import { openEngine } from './open-engine.ts'
import type { PlannedBatch } from './plan-batches.ts'

export interface LearnedMissing {
  /** Undefined when no file could be read; then all of them are in `unreadable`. */
  readonly contract: Contract | undefined
  /** Set only without a contract: why each file cannot be read. With one, the judgement says it. */
  readonly unreadable: ReadonlyMap<FileVersionId, Reason>
}

/** For `on_missing_contract: profile`: learns from the first batch and writes the contract before anything is judged by it. */
export async function learnMissingContract(
  batch: PlannedBatch,
  file: string,
  source: SourceConfig,
  effects: PipelineEffects,
): Promise<LearnedMissing> {
  const session = await openEngine(effects)
  await using folder = await effects.openWorkFolder(`${batch.batch}-profile`)
  try {
    const outcome = await learnDataset(
      batch.files,
      { dataset: batch.dataset, source, sampleRows: 100_000 },
      session,
      folder.path,
      effects,
    )
    if (outcome.kind !== 'learned') {
      const why = new Map(outcome.unreadable.map((item) => [item.path, item.reasons[0]]))
      const unreadable = batch.files.map((item): [FileVersionId, Reason] => [item.id, why.get(item.path) ?? UNREADABLE])
      return { contract: undefined, unreadable: new Map(unreadable) }
    }
    await effects.writeContract(file, outcome.learned.contract, commentsOf(outcome))
    effects.report({ kind: 'note', level: 'info', message: `learned ${file}` })
    return { contract: outcome.learned.contract, unreadable: new Map() }
  } finally {
    await session.close().catch(() => {})
  }
}

const UNREADABLE: Reason = { check: 'PQ406', severity: 'critical', message: 'the file cannot be read' }

/**
 * The grounds of each suggestion, to stand in the file beside the expectation that it became, by the expectation's position.
 * What people wrote, and what an earlier look at other data learned, gets none.
 */
export function commentsOf({ learned }: Pick<LearnedDataset, 'learned'>): ReadonlyMap<string, string> {
  const comments = new Map<string, string>()
  for (const [index, expectation] of learned.contract.expectations.entries()) {
    const suggestion = suggestionFor(expectation, learned.suggestions)
    if (suggestion !== undefined) comments.set(`expectations.${index}`, formatSuggestionBasis(suggestion))
  }
  return comments
}
