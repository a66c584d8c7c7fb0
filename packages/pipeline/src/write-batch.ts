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
  type SourceConfig,
  type Staging,
} from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import type { JudgedFile } from './judge-batch.ts'
import { mapLanes, type Lanes } from './lanes.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { stageFile, type BatchDraft, type FileDraft } from './stage-file.ts'
import { readWatermark } from './read-watermark.ts'

export interface WriteSettings {
  readonly source: SourceConfig
  readonly contract: Contract | undefined
  readonly run: string
  readonly fence: number
}

export type WriteOutcome =
  | {
      readonly kind: 'committed'
      readonly entry: LedgerEntry
      readonly durationMs: ReadonlyMap<FileVersionId, number>
    }
  /** These files were written to meanwhile; nothing was committed. */
  | { readonly kind: 'changed'; readonly ids: ReadonlySet<FileVersionId> }

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
  const entry = await commit(destination, staged.draft, staged.staging)
  await destination.publish()
  await effects.ledger.indexEntry(destination.location, entry, { durationMs: staged.durationMs })
  effects.mark('indexed', { source: settings.source.name, batch: batch.batch })
  return { kind: 'committed', entry, durationMs: staged.durationMs }
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
  const liveParts = await destination.liveParts()
  const before = (await destination.currentSchema())?.columns ?? []
  const staging = await destination.prepare(ref)
  try {
    const schema = { columns: before }
    const durationMs = new Map<FileVersionId, number>()
    const drafts = await mapLanes(batch.files, lanes, async (version, session) => {
      effects.signal.throwIfAborted()
      const item = work.get(version.id)
      if (item === undefined) throw new Error(`no work item for ${version.id}`)
      const startedMs = effects.clock.nowMs()
      const result = judged.get(version.id)
      const own: FileDraft = { files: [], add: [], remove: [], rejected: [] }
      await stageFile(item, result, {
        batch,
        staging,
        draft: own,
        schema,
        source,
        contract: settings.contract,
        session,
        liveParts,
        signal: effects.signal,
        kind: destination.kind,
      })
      // A clock may be set back meanwhile.
      const ownMs = Math.max(0, effects.clock.nowMs() - startedMs)
      durationMs.set(version.id, Math.round(Math.max(0, result?.durationMs ?? 0) + ownMs))
      const rows = own.files.at(-1)?.rowsLoaded ?? 0
      effects.report({ kind: 'stage-advanced', stage: 'load', files: 1, rows, bytes: version.sizeBytes })
      return own
    })
    const draft: BatchDraft = {
      files: drafts.flatMap((own) => own.files),
      add: drafts.flatMap((own) => own.add),
      remove: drafts.flatMap((own) => own.remove),
      rejected: drafts.flatMap((own) => own.rejected),
      columns: schema.columns,
    }
    const watermark = await readWatermark(draft, staging, settings, lanes[0], effects)
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
        files: draft.files,
        add: draft.add,
        remove: [...new Set(draft.remove)],
        rejected: draft.rejected,
        consumes: [],
        schema: { id: schemaId(draft.columns), columns: draft.columns },
        watermark,
        refuseDuplicateContent: source.duplicates === 'skip' || source.duplicates === 'quarantine',
      },
    }
  } catch (error) {
    await staging.drop().catch(() => {})
    throw error
  }
}

async function commit(destination: Destination, draft: EntryDraft, staging: Staging): Promise<LedgerEntry> {
  const outcome = await destination.commit(draft)
  switch (outcome.kind) {
    case 'committed':
    case 'already-committed':
      return outcome.entry
    case 'conflict':
      await staging.drop()
      throw new TidegateError('LEDGER_CONFLICT', outcome.because, {
        retryable: true,
        dataNow: 'Nothing of this batch was committed.',
        hint: 'Another run wrote to the same target. Run again; files that it loaded will be recognised.',
      })
    case 'stale':
      await staging.drop()
      throw new TidegateError('LEDGER_STALE', outcome.because, {
        dataNow: 'Nothing of this batch was committed.',
        hint: 'This run had lost its lease to a newer one and stopped.',
      })
  }
}

/** Files whose stamp is no longer the one that was hashed and read. */
async function changedFiles(
  files: readonly FileVersion[],
  effects: Pick<PipelineEffects, 'store'>,
): Promise<ReadonlySet<FileVersionId>> {
  const changed = new Set<FileVersionId>()
  for (const version of files) {
    const now = await effects.store.stat(version.uri)
    if (now?.stamp !== version.stamp) changed.add(version.id)
  }
  return changed
}

/** Names a list of columns: equal lists, equal ids, on every machine. */
export function schemaId(columns: readonly ColumnSchema[]): string {
  return createHash('sha256')
    .update(JSON.stringify(columns.map(({ name, type }) => [name, type])))
    .digest('hex')
    .slice(0, 16)
}
