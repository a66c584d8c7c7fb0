import { TidegateError, type Contract, type SourceConfig } from '@tidegate/core'
import { formatSuggestionBasis } from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { learnDataset, type LearnedDataset } from './learn-dataset.ts'
import type { PlannedBatch } from './plan-batches.ts'

/** For `on_missing_contract: profile`: learns from the first batch and writes the contract before anything is judged by it. */
export async function learnMissingContract(
  batch: PlannedBatch,
  file: string,
  source: SourceConfig,
  effects: PipelineEffects,
): Promise<Contract> {
  const session = await effects.openSession()
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
      throw new TidegateError(
        'SOURCE_NOTHING_READABLE',
        `no file of dataset ${batch.dataset} can be read, so there is nothing to learn a contract from`,
        {
          hint: `tidegate validate-source ${source.name} says what is wrong with them.`,
        },
      )
    }
    await effects.writeContract(file, outcome.learned.contract, commentsOf(outcome))
    effects.report({ kind: 'note', level: 'info', message: `learned ${file}` })
    return outcome.learned.contract
  } finally {
    await session.close().catch(() => {})
  }
}

/** The grounds of each suggestion, to stand beside it in the file, by the id of the check. */
export function commentsOf(outcome: LearnedDataset): ReadonlyMap<string, string> {
  const comments = new Map<string, string>()
  let index = 0
  for (const suggestion of outcome.learned.suggestions) {
    if (suggestion.place !== 'expectations') continue
    comments.set(`expectations.${index++}`, formatSuggestionBasis(suggestion))
  }
  return comments
}
