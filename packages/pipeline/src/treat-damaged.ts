import type { FileVersion, Reason } from '@tidegate/core'
import type { Treatment } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import { isParquet } from './prepare-file.ts'
import type { BatchSettings } from './attempt-batch.ts'

/**
 * What becomes of a file on which a scan failed or the engine died, `reason`. Its footer was sound, so its pages are looked at:
 * held with what is wrong with them. Undefined: a repaired copy of it is to be judged in its place.
 */
export async function treatDamaged(
  file: FileVersion,
  reason: Reason,
  { source, repairs }: BatchSettings,
  effects: Pick<PipelineEffects, 'store'>,
): Promise<Treatment | undefined> {
  if (repairs === undefined || !(await isParquet(file, source, effects))) return { kind: 'hold', reason }
  const before = repairs.known(file.id)
  // Its repaired copy fails as well.
  if (before?.kind === 'repaired') return { kind: 'hold', reason, more: [before.note] }
  const outcome = before ?? (await repairs.repair(file, [reason]))
  if (outcome.kind === 'repaired') return undefined
  const [first = reason, ...more] = outcome.kind === 'hold' ? outcome.reasons : [reason]
  return { kind: 'hold', reason: first, more }
}
