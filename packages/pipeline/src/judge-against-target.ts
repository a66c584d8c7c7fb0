import type { Contract, Destination, FileVersionId, GateSettings, SourceConfig } from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import { judgeBatch, type JudgedFile } from './judge-batch.ts'
import type { Lanes } from './lanes.ts'
import { metricHistory } from './metric-history.ts'
import { looksInTarget, otherTables } from './other-tables.ts'
import type { PlannedBatch } from './plan-batches.ts'
import type { PreparedFile, PrepareEffects } from './prepare-file.ts'

export interface JudgeTarget {
  readonly source: SourceConfig
  readonly contract: Contract | undefined
  readonly gateFlag: GateSettings
  readonly destination: Destination
  readonly work: ReadonlyMap<FileVersionId, WorkItem>
}

/**
 * Judges the files of a batch that are to be judged, against earlier runs and against what the target holds besides the rows that this batch replaces.
 *
 * Which rows it replaces depends on which of its files are held, and with `scope: target` that depends on the rows. So it
 * begins with all of them leaving, and judges again without those whose new version is held, until nothing changes.
 */
export async function judgeAgainstTarget(
  batch: PlannedBatch,
  { source, contract, gateFlag, destination, work }: JudgeTarget,
  lanes: Lanes,
  workFolder: string,
  effects: PipelineEffects & PrepareEffects,
): Promise<ReadonlyMap<FileVersionId, JudgedFile>> {
  const history = await metricHistory(contract, batch.dataset, source.name, effects.ledger, effects.clock.nowMs())
  const files = batch.files.filter((file) => work.get(file.id)?.treatment.kind === 'judge')
  const dataset = (await destination.currentSchema())?.columns ?? []
  const prepared = new Map<FileVersionId, PreparedFile>()
  const held = new Set<FileVersionId>()
  for (;;) {
    const leaving = leavingVersions(batch, work, held)
    await using others = await otherTables(
      contract,
      destination,
      leaving,
      { session: lanes[0], scratch: workFolder },
      effects,
    )
    const judged = await judgeBatch(
      { ...batch, files },
      { source, contract, dataset, gateFlag, prepared, tables: others.tables, history },
      lanes,
      workFolder,
      effects,
    )
    for (const [id, { file }] of judged) prepared.set(id, file)
    for (const id of heldOf(judged)) held.add(id)
    if (!looksInTarget(contract) || leavingVersions(batch, work, held).size === leaving.size) return judged
  }
}

export function heldOf(judged: ReadonlyMap<FileVersionId, JudgedFile>): ReadonlySet<FileVersionId> {
  const held = [...judged].filter(([, file]) => file.kind === 'unreadable' || file.verdict.kind === 'hold')
  return new Set(held.map(([id]) => id))
}

/** Versions whose rows leave the target with this batch, if the files in `held` are not loaded. */
function leavingVersions(
  { files }: PlannedBatch,
  work: ReadonlyMap<FileVersionId, WorkItem>,
  held: ReadonlySet<FileVersionId>,
): ReadonlySet<FileVersionId> {
  return new Set(
    files.flatMap(({ id }) => {
      const item = work.get(id)
      const old = item?.replaces === undefined ? [] : [item.replaces.id]
      if (item?.treatment.kind === 'skip') return item.treatment.takesOldRows === true ? old : []
      if (item?.treatment.kind !== 'judge') return []
      // Judged again, its own rows leave whether it is held or not.
      if (item.again) return [id, ...old]
      return held.has(id) ? [] : old
    }),
  )
}
