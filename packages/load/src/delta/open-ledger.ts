/**
 * Our ledger inside a Delta table: the transactions of its log say which batches are in and in which order, their sealed
 * manifests say the rest. Other writers' commits lie between ours; they change the table, not the ledger.
 */
import { join } from 'node:path'
import type { LedgerEntry, Session } from '@tidegate/core'
import { corrupt } from '../parse-entry.ts'
import { emptyLogState, foldEntry, type LogState } from '../log-state.ts'
import { DELTA_LOG } from './list-log.ts'
import { batchOfAppId, manifestPath, sourceAppId } from './layout.ts'
import { readManifest } from './manifest.ts'
import { readOn, readSnapshot } from './read-snapshot.ts'
import { emptySnapshot, type Snapshot, type SnapshotState } from './snapshot-state.ts'

export interface DeltaLedger {
  snapshot(): Snapshot
  state(): LogState
  /** Reads what was committed since. Returns our new entries in order. @throws LEDGER_CORRUPT, DELTA_LOG_CORRUPT */
  refresh(): Promise<readonly LedgerEntry[]>
  /** Entries with `seq` > `since`, up to what was read last. */
  entries(since: number): AsyncIterable<LedgerEntry>
  entry(batch: string): Promise<LedgerEntry | undefined>
}

export function openLedger(directory: string, session: Session): DeltaLedger {
  let snapshot: SnapshotState | undefined
  let state = emptyLogState()
  const log = join(directory, DELTA_LOG)

  async function refresh(): Promise<readonly LedgerEntry[]> {
    const before = snapshot?.metaData?.id
    if (snapshot === undefined || !(await readOn(directory, snapshot))) {
      snapshot = await readSnapshot(directory, session)
    }
    const batches = ourBatches(snapshot, log)
    // The table was made anew or put back to an older state: what was known of it does not count.
    const isOther = before !== undefined && before !== snapshot.metaData?.id
    if (isOther || batches.length < state.lastSeq) state = emptyLogState()
    const entries: LedgerEntry[] = []
    for (const { batch } of batches.slice(state.lastSeq)) {
      const entry = await readEntry(batch, state.lastSeq + 1)
      if (entry === undefined) throw corrupt(join(directory, manifestPath(batch)), `it is missing, and ${log} names it`)
      state = foldEntry(state, entry)
      entries.push(entry)
    }
    return entries
  }

  async function readEntry(batch: string, seq: number): Promise<LedgerEntry | undefined> {
    const manifest = await readManifest(directory, batch)
    return manifest === undefined ? undefined : { ...manifest.entry, seq }
  }

  async function* entries(since: number): AsyncGenerator<LedgerEntry, void, undefined> {
    const wanted = [...state.batches].filter(([, seq]) => seq > since).toSorted(([, a], [, b]) => a - b)
    for (const [batch, seq] of wanted) {
      const entry = await readEntry(batch, seq)
      if (entry === undefined) throw corrupt(join(directory, manifestPath(batch)), 'it is missing')
      yield entry
    }
  }

  return {
    snapshot: () => snapshot ?? emptySnapshot(false),
    state: () => state,
    refresh,
    entries,
    entry: async (batch) => {
      const seq = state.batches.get(batch)
      return seq === undefined ? undefined : readEntry(batch, seq)
    },
  }
}

/**
 * Our batches in order. Pure.
 *
 * @throws LEDGER_CORRUPT where their numbers have a hole, or a counter does not count them: somebody dropped transactions
 */
export function ourBatches(
  { txns }: Pick<Snapshot, 'txns'>,
  log: string,
): readonly { readonly batch: string; readonly source: string }[] {
  const found: { readonly batch: string; readonly source: string }[] = []
  const counts = new Map<string, number>()
  for (const [appId, seq] of txns) {
    const ours = batchOfAppId(appId)
    if (ours === undefined) continue
    if (!Number.isSafeInteger(seq) || seq < 1 || found[seq - 1] !== undefined) {
      throw corrupt(log, `the transaction ${appId} has version ${seq}`)
    }
    found[seq - 1] = ours
    counts.set(ours.source, (counts.get(ours.source) ?? 0) + 1)
  }
  for (let at = 0; at < found.length; at += 1) {
    if (found[at] === undefined)
      throw corrupt(log, `the transaction of our entry ${at + 1} is missing, later ones exist`)
  }
  for (const [source, count] of counts) {
    const counter = txns.get(sourceAppId(source))
    if (counter !== count) throw corrupt(log, `${sourceAppId(source)} counts ${counter} batches, there are ${count}`)
  }
  return found
}
