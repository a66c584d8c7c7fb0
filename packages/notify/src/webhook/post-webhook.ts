import { stringifyJson, toJson } from '@tidegate/core'
import {
  giveUp,
  type DeliverableNotice,
  type DeliveryOptions,
  type DeliveryOutcome,
  type WebhookChannel,
} from '../delivery.ts'
import { sendPost } from '../http/send-post.ts'
import { signWebhook } from './sign-webhook.ts'

/**
 * POSTs one notice as the Standard Webhooks specification says: headers `webhook-id`, `webhook-timestamp` and
 * `webhook-signature`, body `{type, timestamp, data}`. The body is the same at every attempt. Own headers cannot replace these.
 */
export async function postWebhook(
  channel: WebhookChannel,
  notice: DeliverableNotice,
  options: DeliveryOptions,
): Promise<DeliveryOutcome> {
  const body = stringifyJson({
    type: notice.event,
    timestamp: new Date(notice.createdAtMs),
    data: toJson(notice.payload),
  })
  const signed = signedHeaders(channel, notice, body, options.nowMs)
  if (signed === undefined) return giveUp("the channel's secret is not `whsec_` and base64 of at least 24 bytes")
  const own = ownHeaders(channel.headers ?? {})
  if (own === undefined) return giveUp('a header of the channel has a name or value that HTTP does not allow')
  const { url, allowPrivate } = channel
  return sendPost({ url, body, allowPrivate, headers: { ...own, ...signed } }, options)
}

function signedHeaders(
  { secret }: WebhookChannel,
  { key, event }: DeliverableNotice,
  body: string,
  nowMs: number,
): Record<string, string> | undefined {
  const timestampSeconds = Math.floor(nowMs / 1000)
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'webhook-id': key,
    'webhook-timestamp': String(timestampSeconds),
    'tidegate-event': event,
  }
  if (secret === undefined) return headers
  const signature = signWebhook(secret, { id: key, timestampSeconds, body })
  return signature === undefined ? undefined : { ...headers, 'webhook-signature': signature }
}

/** Lower case, so that none stands beside one of ours. Undefined: one of them could end the line and begin another. */
function ownHeaders(headers: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const own: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return undefined
    if (!OURS.has(name.toLowerCase())) own[name.toLowerCase()] = value
  }
  return own
}

/** Of the connection: who sets them could smuggle a second request. */
const OURS: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
])
