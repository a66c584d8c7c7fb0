import { assertNever } from '@tidegate/core'
import type { DeliverableNotice, DeliveryChannel, DeliveryOptions, DeliveryOutcome } from './delivery.ts'
import { composeCard } from './teams/compose-card.ts'
import { composeSlack } from './slack/compose-slack.ts'
import { postJson } from './http/post-json.ts'
import { readNotice } from './notice.ts'
import { postWebhook } from './webhook/post-webhook.ts'

/** Makes one attempt. Never throws; the caller keeps the outbox and decides when to try again (see `retryDelayMs`). */
export async function deliverNotice(
  channel: DeliveryChannel,
  notice: DeliverableNotice,
  options: DeliveryOptions,
): Promise<DeliveryOutcome> {
  switch (channel.kind) {
    case 'webhook':
      return postWebhook(channel, notice, options)
    case 'slack':
      return postJson(channel, composeSlack(readNotice(notice.payload)), options)
    case 'teams':
      return postJson(channel, composeCard(readNotice(notice.payload)), options)
    case 'openlineage': {
      const { token, ...rest } = channel
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      return postJson({ ...rest, headers }, notice.payload, options)
    }
    case 'email':
      // The mail library is loaded by whom it is for.
      return (await import('./email/send-email.ts')).sendEmail(channel, notice, options)
    default:
      return assertNever(channel)
  }
}
