import { TidegateError } from '@tidegate/core'
import type { PipelineEffects } from './effects.ts'

/** How long a silent owner keeps a lease, and how often a living one says so. */
export const LEASE_TTL_MS = 60_000
export const LEASE_RENEW_MS = 15_000

export interface HeldLease extends AsyncDisposable {
  readonly fence: number
  /** Aborted when the caller's signal is, or when the lease was lost to another run. */
  readonly signal: AbortSignal
  /** After recovery the fence may have to rise above what a lost state database knew. */
  refence(): Promise<void>
}

/**
 * Takes the lease of a source and keeps it alive until disposed. The lease saves work; the log's own test keeps the data
 * right (invariant 8).
 *
 * @throws TidegateError `LEASE_HELD` when a living run has it
 */
export async function holdLease(
  source: string,
  effects: Pick<PipelineEffects, 'ledger' | 'owner' | 'clock' | 'signal'>,
): Promise<HeldLease> {
  let fence = await acquire()
  const lost = new AbortController()
  const timer = setInterval(() => void renew(), LEASE_RENEW_MS)
  timer.unref()
  return {
    get fence() {
      return fence
    },
    signal: AbortSignal.any([effects.signal, lost.signal]),
    async refence() {
      await effects.ledger.releaseLease(source, effects.owner, fence)
      fence = await acquire()
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await effects.ledger.releaseLease(source, effects.owner, fence)
    },
  }

  async function acquire(): Promise<number> {
    const nowMs = effects.clock.nowMs()
    const outcome = await effects.ledger.acquireLease(source, effects.owner, nowMs, LEASE_TTL_MS)
    if (outcome.kind === 'acquired') return outcome.fence
    throw new TidegateError('LEASE_HELD', `another run works on source ${JSON.stringify(source)}: ${outcome.by.what}`, {
      retryable: true,
      dataNow: 'Nothing was changed.',
      hint: `Wait for it to end (it holds the source since ${new Date(outcome.sinceMs).toISOString()}); a run that died is replaced at once.`,
    })
  }

  async function renew(): Promise<void> {
    try {
      const kept = await effects.ledger.renewLease(source, effects.owner, fence, effects.clock.nowMs(), LEASE_TTL_MS)
      if (!kept)
        lost.abort(new TidegateError('LEASE_LOST', `the lease of source ${JSON.stringify(source)} went to another run`))
    } catch {
      // A busy database is tried again in LEASE_RENEW_MS; the lease lives four times as long.
    }
  }
}
