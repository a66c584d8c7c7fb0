import { TidegateError, type FileRows, type FileVersionId, type LedgerPart, type WritePlan } from '@tidegate/core'
import { rangesOf, sumRows } from '../part-ranges.ts'
import { lower } from './part-rows.ts'

export interface ReplacePlan {
  readonly remove: readonly LedgerPart[]
  readonly stay: readonly LedgerPart[]
  readonly superseded: readonly FileRows[]
}

/**
 * Which live parts a batch with mode `replace` takes away: all, or those of the partitions that it brings rows for. Pure.
 *
 * @throws TARGET_PARTITIONS_CHANGED if a live part does not say in which partition its rows are
 */
export function planReplace(
  live: readonly LedgerPart[],
  staged: readonly LedgerPart[],
  plan: Pick<WritePlan, 'replace' | 'partitionBy'>,
  leaving: ReadonlySet<FileVersionId>,
): ReplacePlan {
  const brought = new Set(staged.map((part) => partitionOf(part, plan.partitionBy)))
  const leaves = (part: LedgerPart): boolean =>
    plan.replace === 'all' || brought.has(partitionOf(part, plan.partitionBy))
  const remove = live.filter(leaves)
  const gone = remove.flatMap(rangesOf).filter(({ file }) => !leaving.has(file))
  return { remove, stay: live.filter((part) => !leaves(part)), superseded: sumRows(gone) }
}

function partitionOf({ visible, partition = {} }: LedgerPart, columns: readonly string[]): string {
  const values = new Map(Object.entries(partition).map(([name, value]) => [lower(name), value]))
  if (columns.some((name) => !values.has(lower(name)))) throw changed(visible, columns)
  return JSON.stringify(columns.map((name) => values.get(lower(name)) ?? null))
}

function changed(visible: string, columns: readonly string[]): TidegateError {
  return new TidegateError(
    'TARGET_PARTITIONS_CHANGED',
    `The part ${visible} was written before the target was partitioned by ${columns.join(', ')}.`,
    {
      hint: 'Load once with replace: all, or into a new target: only then it is known which rows a partition has.',
      dataNow: 'Nothing was committed.',
    },
  )
}
