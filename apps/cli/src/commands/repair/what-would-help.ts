import type { RepairArgs } from './read-options.ts'
import type { RepairedFile } from '../../repaired-file.ts'

export interface Help {
  readonly options: string
  readonly why: string
}

/** The option that would bring back more of a file, if there is one that was not given. */
export function whatWouldHelp(file: RepairedFile, args: RepairArgs): Help | undefined {
  const codes = new Set<string>(file.findings.map(({ code }) => code))
  if (file.status === 'partial') {
    if (codes.has('PQ604') && args.partialRowGroup !== 'null-fill')
      return {
        options: '--partial-row-group null-fill',
        why: 'keeps the last rows, with NULLs where columns are missing',
      }
    return undefined
  }
  if (file.status !== 'refused') return undefined
  if (codes.has('PQ109') && args.part === undefined)
    return { options: '--part 1', why: 'the first of the files that were joined' }
  // With columns that fit, another sibling brings nothing more.
  const isAssembled = file.confidence === 'weak' || file.confidence === 'strong'
  if (isAssembled && codes.has('PQ604') && args.partialRowGroup !== 'null-fill')
    return {
      options: `--partial-row-group null-fill${file.confidence === 'weak' && args.minConfidence !== 'weak' ? ' --min-confidence weak' : ''}`,
      why: 'the row group that was cut, with NULLs where columns are missing: compare the result',
    }
  const hasSchema = (args.like ?? []).length > 0 || args.delta !== undefined || args.metadata !== undefined
  // Sound files of the same folder were tried already.
  if (!isAssembled && (codes.has('PQ601') || codes.has('PQ603')))
    return hasSchema
      ? { options: '--like ANOTHER', why: 'a sound file of the same table; what was offered does not fit' }
      : { options: '--like SIBLING', why: 'takes the columns from a sound file of the same table' }
  if (codes.has('PQ602') && args.allowAmbiguous !== true)
    return {
      options: `--allow-ambiguous${args.minConfidence === 'weak' ? '' : ' --min-confidence weak'}`,
      why: 'the limits of row groups are a guess then: compare the result',
    }
  if (file.confidence === 'weak' && args.minConfidence !== 'weak')
    return { options: '--min-confidence weak', why: 'what comes back is likely, not sure: compare the result' }
  if (file.confidence === 'strong' && args.minConfidence === 'proven')
    return { options: '--min-confidence strong', why: 'the evidence is strong, but no proof' }
  if (args.onDamagedPage === 'fail')
    return { options: '--on-damaged-page null', why: 'cells of damaged pages become NULL' }
  return undefined
}
