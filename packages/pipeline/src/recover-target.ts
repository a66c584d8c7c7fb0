import type { Destination, Ledger } from '@tidegate/core'

export interface Recovery {
  /** Log entries that the state did not know. */
  readonly indexed: number
  /** Parts that were committed and not visible yet. */
  readonly published: number
  readonly unknown: readonly string[]
}

/**
 * Before any work: what readers see is brought in line with the log, and the state's index with both. Makes a run after a
 * kill, and a run with a lost state database, start from the truth beside the data.
 */
export async function recoverTarget(destination: Destination, source: string, ledger: Ledger): Promise<Recovery> {
  const report = await destination.recover()
  const since = await ledger.indexedSeq(destination.location)
  let indexed = 0
  let fence = 0
  for await (const entry of destination.tail(since)) {
    await ledger.indexEntry(destination.location, entry)
    if (entry.source === source) fence = Math.max(fence, entry.fence)
    indexed += 1
  }
  if (fence > 0) await ledger.raiseFence(source, fence)
  return { indexed, published: report.published, unknown: report.unknown }
}
