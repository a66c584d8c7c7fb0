/**
 * `Idempotency-Key`: the same request, sent again, has the effect of one.
 *
 *   (1) The key is taken before the handler runs; whoever comes meanwhile is told so.       [begin]
 *   (2) The answer is kept with it, and given again to the same request; the same key with
 *       another request is refused.                                                         [begin]
 *   (3) A request that failed had no effect: its key is free again.                         [forget]
 *   (4) A request whose daemon was killed in between is told as running for ten minutes;
 *       after that its key is free, as if it had failed.                                    [begin]
 */
import { createHash } from 'node:crypto'
import { codeOf, stringifyJson, type AccessStore } from '@tidegate/core'
import type { FastifyBaseLogger } from 'fastify'
import { RequestProblem } from '../http/problem.ts'
import type { RouteReply } from './route.ts'

export interface KeyedRequest {
  readonly actor: string
  readonly key: string
  readonly method: string
  /** With its query. */
  readonly url: string
  readonly body: unknown
}

/** An answer that was given before, as it was. */
export interface KeptReply {
  readonly reply: RouteReply
  readonly isReplayed: boolean
}

const KEY = /^[\u0021-\u007e]{1,200}$/

/** @throws {RequestProblem} 400 `HTTP_IDEMPOTENCY_KEY` */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  if (typeof header === 'string' && KEY.test(header)) return header
  throw new RequestProblem(400, 'HTTP_IDEMPOTENCY_KEY', 'An Idempotency-Key has 1 to 200 visible ASCII characters.', {
    errors: [{ path: 'header.idempotency-key', message: 'has 1 to 200 visible ASCII characters' }],
  })
}

export async function onceOnly(
  services: { readonly state: Pick<AccessStore, 'beginIdempotent' | 'endIdempotent'>; readonly nowMs: () => number },
  request: KeyedRequest,
  log: FastifyBaseLogger,
  run: () => Promise<RouteReply>,
): Promise<KeptReply> {
  const { actor, key } = request
  const { state: store, nowMs } = services
  const digest = createHash('sha256')
    .update(JSON.stringify([request.method, request.url, stringifyJson(request.body ?? null)]))
    .digest('hex')
  const known = await store.beginIdempotent({ actor, key, request: digest, createdAtMs: nowMs() })
  if (known !== 'first') {
    if (known.request !== digest)
      throw new RequestProblem(422, 'HTTP_IDEMPOTENCY_KEY', 'This Idempotency-Key was used for another request.', {
        hint: 'Make a new key for each new request.',
        dataNow: 'Nothing was changed.',
      })
    if (known.status === null || known.body === null) throw stillRunning()
    return { reply: { status: known.status, ...readKept(known.body) }, isReplayed: true }
  }
  const reply = await run().catch(async (error: unknown) => {
    await store.endIdempotent(actor, key, undefined, '').catch(() => {})
    throw error
  })
  const { status, body, version, headers } = reply
  try {
    await store.endIdempotent(actor, key, status, stringifyJson({ body, version, headers }))
  } catch (error) {
    // It is done: to say otherwise would have it done again. Who sends it again within ten minutes hears that it runs.
    log.error({ actor, code: codeOf(error) }, 'the answer could not be kept with its Idempotency-Key')
  }
  return { reply, isReplayed: false }
}

function stillRunning(): RequestProblem {
  const detail = 'The first request with this Idempotency-Key still runs.'
  return new RequestProblem(409, 'HTTP_IDEMPOTENCY_RUNNING', detail, {
    retryAfterSeconds: 1,
    hint: 'If its daemon was killed meanwhile, the key may be used again ten minutes after it came.',
  })
}

function readKept(text: string): Pick<RouteReply, 'body' | 'version' | 'headers'> {
  return JSON.parse(text) as Pick<RouteReply, 'body' | 'version' | 'headers'>
}
