import { codeOf, stringifyJson, toJson } from '@tidegate/core'
import type { DeliverableNotice, DeliveryOptions, DeliveryOutcome } from '../delivery.ts'
import { signWebhook } from './sign-webhook.ts'

export interface WebhookChannel {
  readonly kind: 'webhook'
  /** http or https. */
  readonly url: string
  /** `whsec_…`; several separated by spaces while one replaces another. Without it nothing is signed. */
  readonly secret?: string | undefined
}

const TIMEOUT_MS = 10_000

/**
 * POSTs one notice as the Standard Webhooks specification says: headers `webhook-id`, `webhook-timestamp` and
 * `webhook-signature`, body `{type, timestamp, data}`. The body is the same at every attempt. Redirects are not
 * followed: they would take the message, and the signature, to whoever controls the answer.
 */
export async function postWebhook(
  channel: WebhookChannel,
  notice: DeliverableNotice,
  options: DeliveryOptions,
): Promise<DeliveryOutcome> {
  const refused = refuseUrl(channel.url)
  if (refused !== undefined) return giveUp(refused)
  const body = stringifyJson({
    type: notice.event,
    timestamp: new Date(notice.createdAtMs),
    data: toJson(notice.payload),
  })
  const headers = signedHeaders(channel, notice, body, options.nowMs)
  if (headers === undefined) return giveUp("the channel's secret is not `whsec_` and base64 of at least 24 bytes")

  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
  const send = options.fetch ?? globalThis.fetch
  try {
    const response = await send(channel.url, { method: 'POST', redirect: 'manual', headers, body, signal })
    // What the receiver says is of no use, but an unread body keeps the connection.
    await response.body?.cancel()
    return judgeResponse(response, options.nowMs)
  } catch (error) {
    if (options.signal?.aborted === true) return tryAgain('the attempt was stopped')
    if (timeout.aborted) return tryAgain(`no answer within ${timeoutMs / 1000} s`)
    // Messages of fetch may quote the address: only the code is passed on.
    const code = networkCode(error)
    return tryAgain(
      code === undefined ? 'the receiver could not be reached' : `the receiver could not be reached (${code})`,
    )
  }
}

function refuseUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return "the channel's address is no URL"
  const { protocol, username, password } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:') return "the channel's address is neither http nor https"
  if (username !== '' || password !== '') return "the channel's address holds a user name or password"
  return undefined
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
    'user-agent': 'tidegate',
    'webhook-id': key,
    'webhook-timestamp': String(timestampSeconds),
    'tidegate-event': event,
  }
  if (secret === undefined) return headers
  const signature = signWebhook(secret, { id: key, timestampSeconds, body })
  return signature === undefined ? undefined : { ...headers, 'webhook-signature': signature }
}

function judgeResponse(response: Response, nowMs: number): DeliveryOutcome {
  const { status } = response
  if (status >= 200 && status < 300) return { kind: 'delivered', status }
  if (status >= 300 && status < 400)
    return { ...giveUp(`the receiver redirects (${status}), which is not followed`), status }
  if (status === 410) return { ...giveUp('the receiver wants no more notices (410)'), status }
  const retryable = status >= 500 || status === 408 || status === 425 || status === 429
  if (!retryable) return { ...giveUp(`the receiver refused the notice (${status})`), status }
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), nowMs)
  const outcome = { ...tryAgain(`the receiver could not take the notice (${status})`), status }
  return retryAfterMs === undefined ? outcome : { ...outcome, retryAfterMs }
}

const DAY_MS = 86_400_000

/** Seconds or an HTTP date; at most a day, so that a receiver cannot make us wait for ever. */
function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined
  const waitMs = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(DAY_MS, Math.max(0, waitMs))
}

function networkCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  const code = codeOf(cause) ?? codeOf(error)
  return code !== undefined && /^[A-Z_]+$/.test(code) ? code : undefined
}

function giveUp(message: string): Extract<DeliveryOutcome, { kind: 'failed' }> {
  return { kind: 'failed', retryable: false, message }
}

function tryAgain(message: string): Extract<DeliveryOutcome, { kind: 'failed' }> {
  return { kind: 'failed', retryable: true, message }
}
