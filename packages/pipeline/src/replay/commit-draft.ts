import { TidegateError, type Destination, type EntryDraft, type LedgerEntry, type Staging } from '@tidegate/core'
import type { PipelineEffects } from '../effects.ts'
import { indexCommitted } from '../index-committed.ts'

/**
 * Commits, publishes and indexes one entry of replayed, released or discarded records.
 *
 * @param staging undefined where nothing was staged
 * @throws TidegateError `LEDGER_CONFLICT`, `LEDGER_STALE`; then nothing was committed
 */
export async function commitDraft(
  destination: Destination,
  draft: EntryDraft,
  staging: Staging | undefined,
  effects: Pick<PipelineEffects, 'ledger' | 'mark'>,
): Promise<LedgerEntry> {
  const { source, batch } = draft.batch
  const outcome = await destination.commit(draft)
  switch (outcome.kind) {
    case 'conflict':
      await staging?.drop()
      throw new TidegateError('LEDGER_CONFLICT', outcome.because, {
        retryable: true,
        dataNow: 'Nothing of these records was changed.',
        hint: 'Another run wrote to the same target. Run again.',
      })
    case 'stale':
      await staging?.drop()
      throw new TidegateError('LEDGER_STALE', outcome.because, {
        dataNow: 'Nothing of these records was changed.',
        hint: 'This run had lost its lease to a newer one and stopped.',
      })
    case 'committed':
    case 'already-committed': {
      await destination.publish()
      await indexCommitted(destination, outcome.entry, effects.ledger)
      effects.mark('indexed', { source, batch })
      return outcome.entry
    }
  }
}
