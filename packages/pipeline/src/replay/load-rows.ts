import type { Contract, EntryDraft, FileVersionId, Replay, Session, WritePlan } from '@tidegate/core'
import { readWatermark } from '../read-watermark.ts'
import type { TargetLayout } from '../target-layout.ts'
import { schemaId } from '../write-batch.ts'
import { commitDraft } from './commit-draft.ts'
import type { FoundRows } from './find-rows.ts'
import type { JudgedRows } from './judge-rows.ts'
import { outcomeOf, type RecordOutcome } from './quarantine-item.ts'
import type { SettleContext } from './settle-quarantine.ts'
import type { RowsContext } from './settle-rows.ts'
import { stageRows, type StagedRows } from './stage-rows.ts'

export interface LoadableRows {
  readonly found: FoundRows
  readonly judged: JudgedRows
}

/** One entry: the good rows as parts of their file versions, the rest as new records, the end of the old ones. */
export async function loadRows(
  loadable: readonly LoadableRows[],
  layout: TargetLayout,
  contract: Contract | undefined,
  session: Session,
  context: RowsContext,
): Promise<{ readonly outcomes: readonly RecordOutcome[]; readonly lastSeq: number }> {
  const { source, dataset, destination, request, run, fence, lastSeq, effects } = context
  const { signal } = effects
  const batch = effects.newId()
  const ref = { batch, attempt: 1, run, source: source.name, dataset }
  const staging = await destination.prepare(ref, writePlanOf(source))
  let draft: EntryDraft
  const staged: StagedRows[] = []
  try {
    const stage = { batch: { batch, attempt: 1, dataset, files: [] }, staging, session, signal, layout }
    for (const [index, { found, judged }] of loadable.entries()) {
      signal.throwIfAborted()
      staged.push(await stageRows(found, judged, index, stage))
    }
    const settled = await staging.settle(session, { leaving: new Set(), yieldTo: context.yieldTo }, { signal })
    const { columns } = layout
    const watermark = await readWatermark(
      { add: settled.add, columns },
      staging,
      { source, contract },
      session,
      effects,
    )
    await staging.seal()
    effects.mark('staged', { source: source.name, batch })
    const dropped = new Map(settled.dropped.map(({ file, rows }) => [file, rows]))
    draft = {
      batch: ref,
      fence,
      committedAt: new Date(effects.clock.nowMs()).toISOString(),
      files: [],
      add: settled.add,
      remove: settled.remove,
      rejected: staged.flatMap((one) => one.rejected),
      consumes: staged.map((one) => one.found.item.id),
      superseded: settled.superseded,
      replays: staged.map((one) => replayOf(one, request.action, request.note, dropped)),
      ...(source.target.mode === 'upsert' ? { mode: 'upsert' as const } : {}),
      basedOn: lastSeq,
      schema: { id: schemaId(columns), columns },
      watermark,
      refuseDuplicateContent: false,
    }
  } catch (error) {
    await staging.drop().catch(() => {})
    throw error
  }
  // From here on the log decides over the attempt.
  const entry = await commitDraft(destination, draft, staging, effects)
  const outcomes = staged.map((one, index) => replayedOutcome(one, draft.replays?.[index], batch))
  return { outcomes, lastSeq: entry.seq }
}

/** Rows that come back join the others of their file; they never push anything out but by the keys of an upsert. */
function writePlanOf({ target }: SettleContext['source']): WritePlan {
  const { mode, keys, dedup, partitionBy } = target
  return { mode: mode === 'upsert' ? 'upsert' : 'append', replace: 'all', keys, dedup, partitionBy }
}

function replayOf(
  { found, rowsRead, rowsLoaded, rowsRejected, rowsDiscarded, reasons }: StagedRows,
  action: SettleContext['request']['action'],
  note: string | undefined,
  dropped: ReadonlyMap<FileVersionId, number>,
): Replay {
  const rowsDropped = dropped.get(found.item.file) ?? 0
  return {
    record: found.item.id,
    file: found.item.file,
    action,
    rowsRead,
    rowsLoaded: rowsLoaded - rowsDropped,
    rowsRejected,
    rowsDropped,
    rowsDiscarded,
    ...(rowsRejected === 0 ? {} : { reasons }),
    ...(note === undefined ? {} : { note }),
  }
}

function replayedOutcome(staged: StagedRows, replay: Replay | undefined, batch: string): RecordOutcome {
  const { found, newRecord, reasons } = staged
  const { rowsRead, rowsLoaded, rowsRejected, rowsDropped, rowsDiscarded } = replay ?? { ...staged, rowsDropped: 0 }
  const result = rowsRejected === 0 ? 'loaded' : 'partly'
  const counts = { rowsRead, rowsLoaded, rowsRejected, rowsDropped, rowsDiscarded }
  return outcomeOf(found.item, result, { ...counts, reasons, newRecord, batch })
}
