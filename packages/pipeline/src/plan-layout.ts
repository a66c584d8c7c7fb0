import type { ColumnSchema, Contract, FileVersionId, Reason, SourceConfig } from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import type { JudgedFile } from './judge-batch.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { growLayout, layoutBefore, type TargetLayout } from './target-layout.ts'

export interface PlannedLayout {
  readonly layout: TargetLayout
  /** Files that would be loaded but for their columns. */
  readonly refused: ReadonlyMap<FileVersionId, Reason>
}

/**
 * The target's columns after the batch, over its files in order: each that is loaded may add columns and widen types. Pure.
 */
export function planLayout(
  { files }: PlannedBatch,
  work: ReadonlyMap<FileVersionId, WorkItem>,
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  before: readonly ColumnSchema[],
  { source, contract }: { readonly source: SourceConfig; readonly contract: Contract | undefined },
): PlannedLayout {
  let layout = layoutBefore(before, source)
  const refused = new Map<FileVersionId, Reason>()
  const same = new Map<string, Reason | undefined>()
  for (const { id } of files) {
    const own = judged.get(id)
    if (work.get(id)?.treatment.kind !== 'judge' || own?.kind !== 'readable') continue
    // Held anyway, but a person who reads why shall see all of it.
    const isHeld = own.verdict.kind === 'hold'
    const key = JSON.stringify([isHeld, own.file.columns])
    let reason = same.get(key)
    if (!same.has(key)) {
      const step = growLayout(layout, contract, own.file.columns, withinTable(source, before))
      if (step.kind === 'ok' && !isHeld) layout = step.layout
      reason = step.kind === 'refused' ? step.reason : undefined
      same.set(key, reason)
    }
    if (reason !== undefined) refused.set(id, reason)
  }
  return { layout, refused }
}

/** The columns of a Delta table keep their types: a file that asks for wider ones is held, and the others are loaded. */
function withinTable(source: SourceConfig, before: readonly ColumnSchema[]): SourceConfig {
  const { target, schemaEvolution } = source
  if (target.kind !== 'delta' || before.length === 0 || schemaEvolution.types !== 'widen') return source
  return { ...source, schemaEvolution: { ...schemaEvolution, types: 'fail' } }
}
