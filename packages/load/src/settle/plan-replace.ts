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

/** Staged parts whose partition has rows of a file version that they yield to. Pure. */
export function partsThatYield(
  live: readonly LedgerPart[],
  staged: readonly LedgerPart[],
  { replace, partitionBy }: Pick<WritePlan, 'replace' | 'partitionBy'>,
  yieldTo: ReadonlySet<FileVersionId>,
): readonly LedgerPart[] {
  if (replace === 'all' || yieldTo.size === 0) return []
  const firm = live.filter((part) => rangesOf(part).some(({ file, rows }) => rows > 0 && yieldTo.has(file)))
  const partitions = new Set(firm.map((part) => partitionOf(part, partitionBy)))
  return staged.filter((part) => partitions.has(partitionOf(part, partitionBy)))
}

function partitionOf({ visible, partition = {} }: LedgerPart, columns: readonly string[]): string {
  const values = new Map(Object.entries(partition).map(([name, value]) => [lower(name), value]))
  if (columns.some((name) => !values.has(lower(name))))
    throw partitionsChanged(`The part ${visible} was written`, columns)
  return JSON.stringify(columns.map((name) => values.get(lower(name)) ?? null))
}

/** @param what rows whose partition nobody can tell, as the beginning of a sentence */
export function partitionsChanged(what: string, columns: readonly string[]): TidegateError {
  return new TidegateError(
    'TARGET_PARTITIONS_CHANGED',
    `${what} before the target was partitioned by ${columns.join(', ')}.`,
    {
      hint: 'Load once with replace: all, or into a new target: only then it is known which rows a partition has.',
      dataNow: 'Nothing was committed.',
    },
  )
}
