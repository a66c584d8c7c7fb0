import { stringifyJson } from '@tidegate/core'
import type { DeliveryOptions, DeliveryOutcome } from '../delivery.ts'
import { sendPost } from './send-post.ts'

/** POSTs a value as JSON. */
export function postJson(
  target: {
    readonly url: string
    readonly allowPrivate?: boolean | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
  },
  value: unknown,
  options: DeliveryOptions,
): Promise<DeliveryOutcome> {
  const { url, allowPrivate, headers = {} } = target
  const all = { ...headers, 'content-type': 'application/json; charset=utf-8' }
  return sendPost({ url, allowPrivate, headers: all, body: stringifyJson(value) }, options)
}
