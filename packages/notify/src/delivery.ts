import type { OutboxNotice } from '@tidegate/core'

/** What is sent: an outbox row, or anything with the same four fields. */
export type DeliverableNotice = Pick<OutboxNotice, 'key' | 'event' | 'payload' | 'createdAtMs'>

/**
 * Where a notice goes: a channel of the configuration, or as much of one as delivery needs. `url`, `secret`, `headers`,
 * `token` and `password` are secrets: no outcome ever repeats them.
 */
export type DeliveryChannel = WebhookChannel | ChatChannel | EmailChannel | LineageChannel

interface HttpChannel {
  /** http or https. */
  readonly url: string
  /** Addresses of private networks are called. @defaultValue false */
  readonly allowPrivate?: boolean | undefined
}

export interface WebhookChannel extends HttpChannel {
  readonly kind: 'webhook'
  /** `whsec_…`; several separated by spaces while one replaces another. Without it nothing is signed. */
  readonly secret?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

interface ChatChannel extends HttpChannel {
  readonly kind: 'slack' | 'teams'
}

interface LineageChannel extends HttpChannel {
  readonly kind: 'openlineage'
  /** Sent as a bearer token. */
  readonly token?: string | undefined
}

export interface EmailChannel {
  readonly kind: 'email'
  readonly host: string
  readonly port: number
  /** TLS from the first byte; else STARTTLS where the server offers it. */
  readonly secure: boolean
  readonly user?: string | undefined
  readonly password?: string | undefined
  /**
   * `ca`: absolute path of a PEM file with the certificates that are believed, instead of those of the system. `required:
   * false` lets a password go over a connection that is not encrypted. @defaultValue the system's, and it does not
   */
  readonly tls?: { readonly ca?: string | undefined; readonly required?: boolean | undefined } | undefined
  readonly from: string
  readonly to: readonly string[]
}

/** All addresses of a name. */
export type ResolveName = (name: string) => Promise<readonly { readonly address: string; readonly family: number }[]>

export interface DeliveryOptions {
  /** Now, Unix milliseconds: goes into the signature. */
  readonly nowMs: number
  /** Stops the attempt; it then counts as retryable. */
  readonly signal?: AbortSignal | undefined
  /** @defaultValue 15000 */
  readonly timeoutMs?: number | undefined
  /** @defaultValue the system's resolver */
  readonly resolveName?: ResolveName | undefined
}

export type DeliveryOutcome =
  /** `status`: of HTTP or SMTP. */
  { readonly kind: 'delivered'; readonly status: number } | FailedDelivery

export interface FailedDelivery {
  readonly kind: 'failed'
  /** The same attempt may succeed later. */
  readonly retryable: boolean
  readonly status?: number | undefined
  /** For people, without the channel's address. */
  readonly message: string
  /** How long the receiver asked to wait, at most a day. */
  readonly retryAfterMs?: number | undefined
}

export function giveUp(message: string, status?: number): FailedDelivery {
  return { kind: 'failed', retryable: false, message, ...(status === undefined ? {} : { status }) }
}

export function tryAgain(message: string, status?: number): FailedDelivery {
  return { kind: 'failed', retryable: true, message, ...(status === undefined ? {} : { status }) }
}
