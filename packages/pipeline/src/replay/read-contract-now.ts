import { TidegateError, type Contract, type SourceConfig } from '@tidegate/core'
import { fillPath } from '../dataset-of.ts'
import type { PipelineEffects } from '../effects.ts'
import type { QuarantineAction } from './quarantine-item.ts'

/**
 * The contract as it is now. For a release one that is missing or wrong is as good as none: nobody asks it.
 *
 * @throws TidegateError `CONTRACT_MISSING`, `CONTRACT_INVALID`
 */
export async function readContractNow(
  source: SourceConfig,
  dataset: string,
  action: QuarantineAction,
  effects: Pick<PipelineEffects, 'readContract'>,
): Promise<Contract | undefined> {
  const file = fillPath(source.contract, source.name, dataset)
  const found = await effects.readContract(file, source)
  if (found.kind === 'ok') return found.contract
  if (action === 'release') return undefined
  if (found.kind === 'problems') {
    throw new TidegateError('CONTRACT_INVALID', `${file}: ${found.problems.join('; ')}`, {
      dataNow: 'Nothing in quarantine was changed.',
      hint: 'Mend the contract; tidegate contract check looks at it.',
    })
  }
  if (source.onMissingContract === 'admit') return undefined
  throw new TidegateError('CONTRACT_MISSING', `there is no contract ${file}`, {
    dataNow: 'Nothing in quarantine was changed.',
    hint: `Learn one with: tidegate profile ${source.name}. To let the rows through without one: tidegate quarantine release.`,
  })
}
