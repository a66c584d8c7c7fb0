import type { OutboxNotice } from '@tidegate/core'

/** What is sent: an outbox row, or anything with the same four fields. */
export type DeliverableNotice = Pick<OutboxNotice, 'key' | 'event' | 'payload' | 'createdAtMs'>

export interface DeliveryOptions {
  /** @defaultValue the global fetch */
  readonly fetch?: typeof globalThis.fetch
  /** Now, Unix milliseconds: goes into the signature. */
  readonly nowMs: number
  /** Stops the attempt; it then counts as retryable. */
  readonly signal?: AbortSignal | undefined
  /** @defaultValue 10000 */
  readonly timeoutMs?: number
}

export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly status: number }
  | {
      readonly kind: 'failed'
      /** The same attempt may succeed later. */
      readonly retryable: boolean
      readonly status?: number
      /** For people, without the channel's address. */
      readonly message: string
      /** How long the receiver asked to wait, at most a day. */
      readonly retryAfterMs?: number
    }
