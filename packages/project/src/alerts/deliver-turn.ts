/**
 * Notices of one channel, one after another, until one fails that may succeed later: then the receiver is in trouble, and the
 * others keep their turn. At least once: a notice is marked after it was sent, and after the log says so, so that a kill in
 * between leaves an attempt in the log that is made again.
 */
import type { Config, DueNotice, Operations } from '@tidegate/core'
import { deliverNotice, retryDelayMs, type DeliveryOptions, type DeliveryOutcome } from '@tidegate/notify'
import { findGone, GONE_STATUS, goneAt } from './gone-channel.ts'

export type OutboxState = Pick<Operations, 'addDelivery' | 'listDeliveries' | 'markDelivered' | 'markFailed'>

export interface FailedNotice {
  readonly channel: string
  readonly event: string
  /** Without the channel's address. */
  readonly message: string
  readonly isGivenUp: boolean
}

export interface DeliveryReport {
  readonly delivered: number
  readonly failed: readonly FailedNotice[]
}

export async function deliverTurn(
  state: OutboxState,
  channel: Config['channels'][number] | undefined,
  notices: readonly DueNotice[],
  options: Omit<DeliveryOptions, 'nowMs'> & { readonly nowMs: () => number },
): Promise<DeliveryReport> {
  const failed: FailedNotice[] = []
  let delivered = 0
  let gone = channel === undefined ? undefined : await findGone(state, channel, options.nowMs())
  const attempt = async (notice: DueNotice): Promise<DeliveryOutcome> => {
    if (channel === undefined) return REMOVED
    if (gone !== undefined) return { kind: 'failed', retryable: false, message: gone.reason }
    const outcome = await deliverNotice(channel, notice, { ...options, nowMs: options.nowMs() })
    if (outcome.kind === 'delivered' || outcome.status !== GONE_STATUS) return outcome
    gone = goneAt(channel, options.nowMs())
    return { ...outcome, message: gone.reason }
  }
  for (const notice of notices) {
    if (isStopped(options.signal)) break
    const outcome = await attempt(notice)
    if (outcome.kind === 'failed' && isStopped(options.signal)) break
    const failure = await record(state, notice, outcome, options.nowMs())
    if (failure === undefined) delivered += 1
    else failed.push(failure)
    if (outcome.kind === 'failed' && outcome.retryable) break
  }
  return { delivered, failed }
}

/** An attempt that was stopped says nothing of the receiver: its notice comes back as it was. */
function isStopped(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

const REMOVED: DeliveryOutcome = {
  kind: 'failed',
  retryable: true,
  message: 'the channel is not in the configuration any more',
}

async function record(
  state: OutboxState,
  { key, channel, event, attempts }: DueNotice,
  outcome: DeliveryOutcome,
  nowMs: number,
): Promise<FailedNotice | undefined> {
  const attempt = attempts + 1
  const base = { notice: key, channel, event, attempt, atMs: nowMs, status: outcome.status ?? null }
  if (outcome.kind === 'delivered') {
    await state.addDelivery({ ...base, outcome: 'delivered', message: null, nextAtMs: null })
    await state.markDelivered(key, nowMs)
    return undefined
  }
  const { message } = outcome
  const delayMs = outcome.retryable ? retryDelayMs(attempt, outcome.retryAfterMs) : undefined
  const nextAtMs = delayMs === undefined ? null : nowMs + delayMs
  const isGivenUp = nextAtMs === null
  await state.addDelivery({ ...base, outcome: isGivenUp ? 'given-up' : 'failed', message, nextAtMs })
  await state.markFailed(key, nowMs, message, nextAtMs)
  return { channel, event, message, isGivenUp }
}
