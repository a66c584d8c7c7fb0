import type { Destination, Ledger, LedgerEntry } from '@tidegate/core'

/**
 * Tells the state of an entry that this run committed, and before it of those that others put into the same log since the
 * run began: another project may load into the same target.
 */
export async function indexCommitted(
  destination: Pick<Destination, 'location' | 'tail'>,
  entry: LedgerEntry,
  ledger: Pick<Ledger, 'indexedSeq' | 'indexEntry'>,
  stats?: Parameters<Ledger['indexEntry']>[2],
): Promise<void> {
  const { location } = destination
  const known = await ledger.indexedSeq(location)
  if (known < entry.seq - 1) {
    for await (const other of destination.tail(known)) {
      if (other.seq >= entry.seq) break
      await ledger.indexEntry(location, other)
    }
  }
  await ledger.indexEntry(location, entry, stats)
}
