import type { Destination, FileVersionId, LedgerEntry } from '@tidegate/core'
import { outcomeOf, type QuarantineItem, type RecordOutcome } from './quarantine-item.ts'

/**
 * What became of records that were open when they were chosen and are closed now: a command that was killed after its commit
 * had got so far, or another was faster. The log says how.
 */
export async function closedBefore(
  items: readonly QuarantineItem[],
  destination: Pick<Destination, 'tail'>,
): Promise<readonly RecordOutcome[]> {
  if (items.length === 0) return []
  const outcomes = new Map<string, RecordOutcome>()
  for await (const entry of destination.tail(Math.min(...items.map((item) => item.seq)))) {
    for (const item of items) if (entry.consumes.includes(item.id)) outcomes.set(item.id, outcomeFromEntry(item, entry))
  }
  return items.map((item) => outcomes.get(item.id) ?? outcomeOf(item, 'stays'))
}

/** Pure. */
function outcomeFromEntry(item: QuarantineItem, { batch, files, replays, rejected }: LedgerEntry): RecordOutcome {
  const newRecord = (file: FileVersionId): string | null =>
    rejected.find((part) => part.kind === 'rows' && part.file === file)?.visible ?? null
  const replay = replays?.find(({ record }) => record === item.id)
  if (replay !== undefined) {
    const { file, action, rowsRead, rowsLoaded, rowsRejected, rowsDropped, rowsDiscarded, reasons = [] } = replay
    const counts = { rowsRead, rowsLoaded, rowsRejected, rowsDropped, rowsDiscarded, reasons, batch }
    if (action === 'discard') return outcomeOf(item, 'discarded', counts)
    const rest = rowsRejected === 0 ? null : newRecord(file)
    return outcomeOf(item, rest === null ? 'loaded' : 'partly', { ...counts, newRecord: rest })
  }
  // Under its own id, or as the newest version of its path.
  const path = item.file.slice(0, item.file.lastIndexOf('#'))
  const file = files.find(({ id }) => id === item.file) ?? files.find(({ id }) => id.startsWith(`${path}#`))
  if (file === undefined) return outcomeOf(item, 'loaded', { batch })
  const { id, rowsRead, rowsLoaded, rowsRejected, rowsDropped, reasons } = file
  const counts = { rowsRead, rowsLoaded, rowsRejected, rowsDropped, reasons, batch }
  return outcomeOf(item, rowsRejected === 0 ? 'loaded' : 'partly', { ...counts, newRecord: newRecord(id) })
}
