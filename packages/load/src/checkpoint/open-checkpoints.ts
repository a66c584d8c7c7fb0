import { mergeRecords } from './merge-records.ts'
import { blockCache, type CheckpointError } from './block-file.ts'
import { openChain, tidyCheckpoints, writeSegmentFile } from './checkpoint-folder.ts'
import { changedKeys, logIndex, summaryOf, type LogIndex } from './log-index.ts'
import type { Segment } from './read-segment.ts'
import { recordsOf, TABLES, type TableName } from './segment-format.ts'
import type { RecordRun } from './write-segment.ts'

/** When a checkpoint is written: after so many changed keys (a loaded file has two or three), or so many entries. */
export interface CheckpointPolicy {
  readonly keys: number
  readonly entries: number
}

/** What a start has to read again is at most this: some tenths of a second. */
export const DEFAULT_POLICY: CheckpointPolicy = { keys: 80_000, entries: 1_000 }

export interface Checkpoints {
  /** The newest index that the files give; an empty one where there are none. */
  load(): Promise<LogIndex>
  /** True if so much changed in the index that a checkpoint pays. */
  isDue(index: LogIndex): boolean
  /**
   * Writes what changed, together with older segments as long as they are not larger, and gives the same index with nothing
   * in memory. Where that cannot be done (disk full, read-only) the index stays as it is: only the next start is slower.
   *
   * @throws LEDGER_CHECKPOINT if an older segment is damaged
   */
  write(index: LogIndex): Promise<LogIndex>
  /** Leaves a damaged segment out from now on. False if it was left out already. Load again afterwards. */
  distrust(error: unknown): boolean
  close(): void
}

export function openCheckpoints(directory: string, policy: CheckpointPolicy): Checkpoints {
  const distrusted = new Set<string>()
  let cache = blockCache()
  let segments: readonly Segment[] = []
  /** Grows after each failure. */
  let patience = 1

  async function load(): Promise<LogIndex> {
    close()
    segments = await openChain(directory, distrusted, cache)
    return logIndex(segments)
  }

  function isDue(index: LogIndex): boolean {
    const entries = index.lastSeq - (segments.at(-1)?.footer.to ?? 0)
    return entries > 0 && (changedKeys(index) >= policy.keys * patience || entries >= policy.entries * patience)
  }

  async function write(index: LogIndex): Promise<LogIndex> {
    const kept = keptSegments(segments, changedKeys(index))
    const merged = segments.slice(kept)
    const from = segments[kept - 1]?.footer.to ?? 0
    const facts = { from, to: index.lastSeq, ...summaryOf(index) }
    let written: Segment
    try {
      written = await writeSegmentFile(directory, facts, tablesOf(index, merged, from === 0), cache)
    } catch (error) {
      if (segmentOfError(error) !== undefined) throw error
      patience *= 2
      return index
    }
    patience = 1
    for (const segment of merged) segment.close()
    segments = [...segments.slice(0, kept), written]
    distrusted.delete(written.path)
    try {
      await tidyCheckpoints(directory, segments, Date.now())
    } catch {
      // What could not be deleted goes next time.
    }
    return logIndex(segments)
  }

  function distrust(error: unknown): boolean {
    const path = segmentOfError(error)
    if (path === undefined || distrusted.has(path)) return false
    distrusted.add(path)
    return true
  }

  function close(): void {
    for (const segment of segments) segment.close()
    segments = []
    cache = blockCache()
  }

  return { load, isDue, write, distrust, close }
}

/**
 * How many of the oldest segments stay as they are. The others are not larger than what is written with them, so that sizes
 * double from one segment to the next: there are few, and each record is written again once per doubling.
 */
function keptSegments(segments: readonly Segment[], changed: number): number {
  let size = changed
  let kept = segments.length
  for (const segment of segments.toReversed()) {
    const records = recordsOf(segment.footer)
    if (records > size) break
    size += records
    kept -= 1
  }
  return kept
}

function tablesOf(
  index: LogIndex,
  merged: readonly Segment[],
  dropGone: boolean,
): Readonly<Record<TableName, RecordRun>> {
  const runs = TABLES.map((table): readonly [TableName, RecordRun] => {
    const below = merged.toReversed()
    const atMost = below.reduce((sum, { footer }) => sum + footer.sections[table].records, index.tables[table].changed)
    // Made when it is written, one table after the other.
    const records = (function* () {
      yield* mergeRecords([index.tables[table].changes(), ...below.map((segment) => segment.records(table))], dropGone)
    })()
    return [table, { records, atMost }]
  })
  return Object.fromEntries(runs) as Record<TableName, RecordRun>
}

function segmentOfError(error: unknown): string | undefined {
  const path = (error as Partial<CheckpointError> | undefined)?.segment
  return typeof path === 'string' ? path : undefined
}
