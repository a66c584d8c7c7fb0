/**
 * Writes one judged batch: stage → seal → commit → publish → index. Everything a reader of the target or the quarantine
 * will see comes from the one log entry made here.
 *
 *   (1) Sources are looked at again after the engine closed them; one that moved drops the attempt.  [changedFiles]
 *   (2) Nothing is visible before the entry is durable.                                              [Destination]
 *   (3) The verdict is in the entry.                                                                 [stageFile]
 *   (4) An attempt is dropped only before its commit was tried; after that the log decides.          [stageBatch]
 */
import { createHash } from 'node:crypto'
import {
  TidegateError,
  type ColumnSchema,
  type Contract,
  type Destination,
  type EntryDraft,
  type FileVersion,
  type FileVersionId,
  type LedgerEntry,
  type LedgerFile,
  type SourceConfig,
  type Settlement,
  type Staging,
  type Watermark,
} from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import { holdTogether } from './hold-together.ts'
import { indexCommitted } from './index-committed.ts'
import type { JudgedFile } from './judge-batch.ts'
import { decidedSince } from './late-copies.ts'
import { mapLanes, type Lanes } from './lanes.ts'
import { planLayout } from './plan-layout.ts'
import { mapParallel } from './parallel.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { refuseChanged } from './refuse-changed.ts'
import { rowFilterOf } from './row-filter.ts'
import type { FileDraft } from './stage-file.ts'
import { planUnits, stageUnit } from './stage-group.ts'
import { writePlanOf } from './write-plan.ts'
import { readWatermark } from './read-watermark.ts'

export interface WriteSettings {
  readonly source: SourceConfig
  readonly contract: Contract | undefined
  readonly run: string
  readonly fence: number
  /** The source's watermark when the run began, for `watermark.filter`. */
  readonly watermarkAtStart?: Watermark | undefined
}

export type WriteOutcome =
  | {
      readonly kind: 'committed'
      readonly entry: LedgerEntry
      readonly durationMs: ReadonlyMap<FileVersionId, number>
    }
  /** These files were written to meanwhile; nothing was committed. */
  | { readonly kind: 'changed'; readonly ids: ReadonlySet<FileVersionId> }
  /** Another writer changed what this batch was judged and settled against. Nothing was committed; judge again. */
  | { readonly kind: 'overtaken'; readonly because: string }

type WriteEffects = Pick<PipelineEffects, 'store' | 'ledger' | 'clock' | 'signal' | 'report' | 'mark'>

export async function writeBatch(
  batch: PlannedBatch,
  work: ReadonlyMap<FileVersionId, WorkItem>,
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  destination: Destination,
  settings: WriteSettings,
  lanes: Lanes,
  effects: WriteEffects,
): Promise<WriteOutcome> {
  const staged = await stageBatch(batch, work, judged, destination, settings, lanes, effects)
  if (staged.kind === 'changed') return staged
  effects.mark('staged', { source: settings.source.name, batch: batch.batch })
  const committed = await commit(destination, staged.draft, staged.staging)
  if (committed.kind === 'overtaken') return committed
  const { entry } = committed
  await destination.publish()
  await indexCommitted(destination, entry, effects.ledger, { durationMs: staged.durationMs })
  effects.mark('indexed', { source: settings.source.name, batch: batch.batch })
  return { kind: 'committed', entry, durationMs: staged.durationMs }
}

/** Stages a batch as `writeBatch` does, and drops it: to see whether it can be read and written. */
export async function rehearseBatch(...batch: Parameters<typeof writeBatch>): Promise<void> {
  const staged = await stageBatch(...batch)
  if (staged.kind === 'staged') await staged.staging.drop()
}

type StagedBatch =
  | {
      readonly kind: 'staged'
      readonly staging: Staging
      readonly draft: EntryDraft
      readonly durationMs: ReadonlyMap<FileVersionId, number>
    }
  | { readonly kind: 'changed'; readonly ids: ReadonlySet<FileVersionId> }

async function stageBatch(
  batch: PlannedBatch,
  work: ReadonlyMap<FileVersionId, WorkItem>,
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  destination: Destination,
  settings: WriteSettings,
  lanes: Lanes,
  effects: WriteEffects,
): Promise<StagedBatch> {
  const { source, run } = settings
  const ref = { batch: batch.batch, attempt: batch.attempt, run, source: source.name, dataset: batch.dataset }
  const before = (await destination.currentSchema())?.columns ?? []
  const { layout, refused: unfit } = planLayout(batch, work, judged, before, settings)
  const lossy = destination.kind === 'none' ? unfit : await refuseChanged(judged, unfit, lanes, effects.signal)
  const refused = holdTogether(batch, work, judged, lossy)
  const filter = rowFilterOf(source, settings.watermarkAtStart)
  const staging = await destination.prepare(ref, writePlanOf(source.target))
  try {
    const durationMs = new Map<FileVersionId, number>()
    const units = planUnits(batch.files, work, judged, refused)
    const drafts = await mapLanes(units, lanes, async (unit, session) => {
      effects.signal.throwIfAborted()
      const startedMs = effects.clock.nowMs()
      const own: FileDraft = { files: [], leaving: [], rejected: [] }
      await stageUnit(unit, work, judged, {
        batch,
        staging,
        draft: own,
        layout,
        refused,
        source,
        session,
        signal: effects.signal,
        kind: destination.kind,
        filter,
      })
      // A clock may be set back meanwhile.
      const ownMs = Math.max(0, effects.clock.nowMs() - startedMs) / unit.length
      for (const { id } of unit) durationMs.set(id, Math.round(Math.max(0, judged.get(id)?.durationMs ?? 0) + ownMs))
      const rows = own.files.reduce((sum, file) => sum + file.rowsLoaded, 0)
      const bytes = unit.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      effects.report({ kind: 'stage-advanced', stage: 'load', files: unit.length, rows, bytes })
      return own
    })
    const leaving = new Set(drafts.flatMap((own) => own.leaving))
    const yieldTo = batch.lateSince === undefined ? undefined : await decidedSince(destination, batch.lateSince)
    const settled = await staging.settle(lanes[0], { leaving, yieldTo }, { signal: effects.signal })
    const watermark = await readWatermark(
      { add: settled.add, columns: layout.columns },
      staging,
      settings,
      lanes[0],
      effects,
    )
    const changed = await changedFiles(batch.files, effects)
    if (changed.size > 0) {
      await staging.drop()
      return { kind: 'changed', ids: changed }
    }
    await staging.seal()
    return {
      kind: 'staged',
      staging,
      durationMs,
      draft: {
        batch: ref,
        fence: settings.fence,
        committedAt: new Date(effects.clock.nowMs()).toISOString(),
        files: inBatchOrder(
          batch,
          withoutDropped(
            drafts.flatMap((own) => own.files),
            settled,
          ),
        ),
        add: settled.add,
        remove: settled.remove,
        superseded: settled.superseded,
        basedOn: settled.basedOn,
        rejected: drafts.flatMap((own) => own.rejected),
        consumes: [],
        mode: source.target.mode,
        schema: { id: schemaId(layout.columns), columns: layout.columns },
        watermark,
        refuseDuplicateContent: source.duplicates === 'skip' || source.duplicates === 'quarantine',
      },
    }
  } catch (error) {
    await staging.drop().catch(() => {})
    throw error
  }
}

/** Rows that lost to another with the same key were dropped by rule. */
function withoutDropped(files: readonly LedgerFile[], { dropped }: Settlement): readonly LedgerFile[] {
  if (dropped.length === 0) return files
  const lost = new Map<FileVersionId, number>()
  for (const { file, rows } of dropped) lost.set(file, (lost.get(file) ?? 0) + rows)
  return files.map((file) => {
    const rows = lost.get(file.id) ?? 0
    if (rows === 0) return file
    const message = `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'} with the key of another row`
    return {
      ...file,
      rowsLoaded: file.rowsLoaded - rows,
      rowsDropped: file.rowsDropped + rows,
      reasons: [...file.reasons, { check: 'ROWS_DEDUPLICATED', severity: 'info', message }],
    }
  })
}

function inBatchOrder({ files }: PlannedBatch, drafts: readonly LedgerFile[]): readonly LedgerFile[] {
  const places = new Map(files.map(({ id }, index) => [id, index]))
  return drafts.toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0))
}

async function commit(
  destination: Destination,
  draft: EntryDraft,
  staging: Staging,
): Promise<{ readonly kind: 'committed'; readonly entry: LedgerEntry } | Extract<WriteOutcome, { kind: 'overtaken' }>> {
  const outcome = await destination.commit(draft)
  switch (outcome.kind) {
    case 'committed':
      return { kind: 'committed', entry: outcome.entry }
    case 'already-committed':
      // By an earlier try, or by an earlier run that died before it could index it. A later run tells of its own work.
      if (outcome.entry.fence > draft.fence) throw staleError(committedBy(outcome.entry))
      return { kind: 'committed', entry: outcome.entry }
    case 'conflict':
      await staging.drop()
      // Only what was read of the target can have changed; a file that somebody else loaded stays loaded.
      if (draft.basedOn !== undefined || draft.remove.length > 0) return { kind: 'overtaken', because: outcome.because }
      throw conflictError(outcome.because)
    case 'stale':
      await staging.drop()
      throw staleError(outcome.because)
  }
}

function committedBy({ batch, run, fence }: LedgerEntry): string {
  return `batch ${batch} was committed by the later run ${run} with fence ${fence}`
}

function staleError(because: string): TidegateError {
  return new TidegateError('LEDGER_STALE', because, {
    dataNow: 'This run committed nothing of this batch.',
    hint: 'This run had lost its lease to a newer one and stopped.',
  })
}

export function conflictError(because: string): TidegateError {
  return new TidegateError('LEDGER_CONFLICT', because, {
    retryable: true,
    dataNow: 'Nothing of this batch was committed.',
    hint: 'Another run wrote to the same target. Run again; files that it loaded will be recognised.',
  })
}

/** Files whose stamp is no longer the one that was hashed and read. */
async function changedFiles(
  files: readonly FileVersion[],
  effects: Pick<PipelineEffects, 'store'>,
): Promise<ReadonlySet<FileVersionId>> {
  const changed = new Set<FileVersionId>()
  await mapParallel(files, STATS_AT_ONCE, async (version) => {
    const now = await effects.store.stat(version.uri)
    if (now?.stamp !== version.stamp) changed.add(version.id)
  })
  return changed
}

const STATS_AT_ONCE = 8

/** Names a list of columns: equal lists, equal ids, on every machine. */
export function schemaId(columns: readonly ColumnSchema[]): string {
  return createHash('sha256')
    .update(JSON.stringify(columns.map(({ name, type }) => [name, type])))
    .digest('hex')
    .slice(0, 16)
}
