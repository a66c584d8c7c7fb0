import { codeOf } from '@tidegate/core'
import { commitSealed, type CommitContext } from './commit-batch.ts'
import { readManifest, sealedBatches } from './manifest.ts'

/**
 * Ends what a dead writer had sealed and not committed: the log takes it, or it is dropped. A writer that is alive loses
 * nothing by it: what is committed here is what it was about to commit.
 *
 * @param keep.batches left alone
 * @param keep.source settles only batches of this source; of all sources if undefined
 */
export async function settleSealed(
  context: CommitContext,
  keep: { readonly batches: ReadonlySet<string>; readonly source: string | undefined },
): Promise<void> {
  for (const batch of await sealedBatches(context.directory)) {
    if (context.ledger.state().batches.has(batch) || keep.batches.has(batch)) continue
    const manifest = await readManifest(context.directory, batch)
    if (manifest === undefined || (keep.source !== undefined && manifest.entry.source !== keep.source)) continue
    try {
      await commitSealed(context, manifest)
    } catch (error) {
      // Its parts are gone, so it was dropped; the batch is staged anew.
      if (codeOf(error) !== 'LEDGER_ATTEMPT_DROPPED') throw error
    }
  }
}
