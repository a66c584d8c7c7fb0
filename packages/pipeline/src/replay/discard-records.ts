import type { EntryDraft, Replay } from '@tidegate/core'
import { commitDraft } from './commit-draft.ts'
import { outcomeOf, type QuarantineItem, type RecordOutcome } from './quarantine-item.ts'
import type { SettleContext } from './settle-quarantine.ts'

/** Closes records without loading anything. What lies in quarantine stays until its retention is over. */
export async function discardRecords(
  items: readonly QuarantineItem[],
  context: SettleContext,
): Promise<readonly RecordOutcome[]> {
  const { source, dataset, destination, request, run, fence, lastSeq, effects } = context
  if (items.length === 0) return []
  const given = (item: QuarantineItem, batch: string | null): RecordOutcome =>
    outcomeOf(item, 'discarded', { rowsDiscarded: item.rows, batch })
  if (request.dryRun === true) return items.map((item) => given(item, null))
  const batch = effects.newId()
  const columns = (await destination.currentSchema()) ?? { id: '', columns: [] }
  const draft: EntryDraft = {
    batch: { batch, attempt: 1, run, source: source.name, dataset },
    fence,
    committedAt: new Date(effects.clock.nowMs()).toISOString(),
    files: [],
    add: [],
    remove: [],
    rejected: [],
    consumes: items.map((item) => item.id),
    replays: items.map((item) => discarded(item, request.note)),
    basedOn: lastSeq,
    schema: columns,
    refuseDuplicateContent: false,
  }
  await commitDraft(destination, draft, undefined, effects)
  return items.map((item) => given(item, batch))
}

function discarded({ id, file, rows }: QuarantineItem, note: string | undefined): Replay {
  return {
    record: id,
    file,
    action: 'discard',
    rowsRead: rows,
    rowsLoaded: 0,
    rowsRejected: 0,
    rowsDropped: 0,
    rowsDiscarded: rows,
    ...(note === undefined ? {} : { note }),
  }
}
