import { assertNever } from '@tidegate/core'
import type { DeliverableNotice, DeliveryOptions, DeliveryOutcome } from './delivery.ts'
import { postWebhook, type WebhookChannel } from './webhook/post-webhook.ts'

/** Where a notice goes. `url` and `secret` are secrets: no outcome ever repeats them. */
export type DeliveryChannel = WebhookChannel

/** Makes one attempt. Never throws; the caller keeps the outbox and decides when to try again (see `retryDelayMs`). */
export async function deliverNotice(
  channel: DeliveryChannel,
  notice: DeliverableNotice,
  options: DeliveryOptions,
): Promise<DeliveryOutcome> {
  switch (channel.kind) {
    case 'webhook':
      return postWebhook(channel, notice, options)
    default:
      return assertNever(channel.kind)
  }
}
