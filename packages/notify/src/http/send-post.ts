/**
 * One HTTP POST to an address that somebody configured.
 *
 *   (1) The connection goes to an address that was checked: the name is resolved here, once, and the socket gets what was
 *       checked and nothing else, so that a name that changes its address in between gains nothing.   [checkedLookup]
 *   (2) Redirects are never followed.                                                                  [judgeStatus]
 *   (3) Of the answer's body at most {@link LARGEST_ANSWER_BYTES} are read, for {@link BODY_MS} at most.      [exchange]
 *   (4) No message names the address, the headers or the answer.
 */
import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { codeOf } from '@tidegate/core'
import { giveUp, tryAgain, type DeliveryOptions, type DeliveryOutcome, type ResolveName } from '../delivery.ts'
import { isPrivateAddress } from './is-private-address.ts'

export interface PostRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Addresses of private networks are called. @defaultValue false */
  readonly allowPrivate?: boolean | undefined
}

const TIMEOUT_MS = 15_000
export const LARGEST_ANSWER_BYTES = 65_536
const BODY_MS = 250

export async function sendPost(request: PostRequest, options: DeliveryOptions): Promise<DeliveryOutcome> {
  const refused = refuseUrl(request.url)
  if (refused !== undefined) return giveUp(refused)
  const url = new URL(request.url)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const allowPrivate = request.allowPrivate === true
  if (isIP(host) !== 0 && !allowPrivate && isPrivateAddress(host)) return giveUp(PRIVATE_REFUSED)

  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
  try {
    const { status, retryAfter } = await exchange(url, request, {
      signal,
      lookup: checkedLookup(allowPrivate, options.resolveName ?? systemResolver),
    })
    return judgeStatus(status, retryAfter, options.nowMs)
  } catch (error) {
    if (options.signal?.aborted === true) return tryAgain('the attempt was stopped')
    if (timeout.aborted) return tryAgain(`no answer within ${timeoutMs / 1000} s`)
    if (codeOf(error) === PRIVATE_CODE) return giveUp(PRIVATE_REFUSED)
    // Messages of sockets quote the address: only the code is passed on.
    const code = codeOf(error)
    const known = code !== undefined && /^[A-Z0-9_]+$/.test(code) ? ` (${code})` : ''
    return tryAgain(`the receiver could not be reached${known}`)
  }
}

const PRIVATE_CODE = 'ADDRESS_PRIVATE'
const PRIVATE_REFUSED = 'the address belongs to a private network, which is not called without allow_private: true'

function refuseUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return "the channel's address is no URL"
  const { protocol, username, password } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:') return "the channel's address is neither http nor https"
  if (username !== '' || password !== '') return "the channel's address holds a user name or password"
  return undefined
}

/** Refuses a name as soon as one of its addresses is private: a public one beside it does not make it better. */
function checkedLookup(allowPrivate: boolean, resolve: ResolveName): LookupFunction {
  return (name, options, callback) => {
    resolve(name).then(
      (addresses) => {
        const [first] = addresses
        if (first === undefined) callback(coded('ENOTFOUND'), '', 0)
        else if (!allowPrivate && addresses.some(({ address }) => isPrivateAddress(address)))
          callback(coded(PRIVATE_CODE), '', 0)
        else if (options.all === true) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(coded(codeOf(error) ?? 'ENOTFOUND'), '', 0),
    )
  }
}

const systemResolver: ResolveName = (name) => dns.promises.lookup(name, { all: true })

function coded(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
}

function exchange(
  url: URL,
  { headers, body }: PostRequest,
  { signal, lookup }: { readonly signal: AbortSignal; readonly lookup: LookupFunction },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? https.request : http.request
    const bytes = Buffer.from(body)
    const request = send(url, {
      method: 'POST',
      // A connection of its own: one that is kept may lead to an address that was checked for another channel.
      agent: false,
      lookup,
      signal,
      headers: { 'user-agent': 'tidegate', ...headers, 'content-length': bytes.length, connection: 'close' },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let read = 0
      const timer = setTimeout(() => done(), BODY_MS)
      const done = (): void => {
        clearTimeout(timer)
        response.destroy()
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] })
      }
      // The status says all: a body that breaks off changes nothing of it.
      response.on('error', done)
      response.on('end', done)
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > LARGEST_ANSWER_BYTES) done()
      })
    })
    request.end(bytes)
  })
}

function judgeStatus(status: number, retryAfter: string | undefined, nowMs: number): DeliveryOutcome {
  if (status >= 200 && status < 300) return { kind: 'delivered', status }
  if (status >= 300 && status < 400) return giveUp(`the receiver redirects (${status}), which is not followed`, status)
  if (status === 410) return giveUp('the receiver wants no more notices (410)', status)
  const retryable = status >= 500 || status === 408 || status === 425 || status === 429
  if (!retryable) return giveUp(`the receiver refused the notice (${status})`, status)
  const retryAfterMs = parseRetryAfter(retryAfter, nowMs)
  const outcome = tryAgain(`the receiver could not take the notice (${status})`, status)
  return retryAfterMs === undefined ? outcome : { ...outcome, retryAfterMs }
}

const DAY_MS = 86_400_000

/** Seconds or an HTTP date; at most a day, so that a receiver cannot make us wait for ever. */
function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  const waitMs = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(DAY_MS, Math.max(0, waitMs))
}
