/**
 * The routes of the API, checked by their own schemas.
 *
 *   (1) A handler runs only for somebody with the route's scope, and with input as its schemas say.  [guardAccess, inputChecker]
 *   (2) What changes something is in the audit log after it was done.                                [handleRoute]
 *   (3) With an Idempotency-Key a POST is done once.                                                 [onceOnly]
 *   (4) Whatever a handler throws becomes problem details; a bug tells its request's id only.        [answerFailures]
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readSessionCookie } from '../access/cookie.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Streams } from '../events/send-stream.ts'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { inputChecker, type CheckedInput } from './check-input.ts'
import { readIfMatch } from './etag.ts'
import { onceOnly, readIdempotencyKey } from './idempotency.ts'
import type { Actor, Route, RouteReply, RouteRequest } from './route.ts'
import { sendReply, written } from './send-reply.ts'
import { shareAnswers, type SharedAnswers } from './share-answers.ts'

export interface RegisterOptions {
  readonly routes: readonly Route[]
  readonly services: Services
  readonly streams: Streams
  /** Reads that are asked again within this time get the same answer. @defaultValue 0 */
  readonly shareMs?: number | undefined
}

const NOBODY: Actor = { name: 'anonymous', scope: 'read' }

export function registerRoutes(app: FastifyInstance, options: RegisterOptions): void {
  const { routes, services, streams } = options
  const shared = shareAnswers(options.shareMs ?? 0)
  for (const route of routes) {
    const check = inputChecker(route)
    app.route({
      method: route.method === 'GET' ? ['GET', 'HEAD'] : route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: {
        access: { scope: route.scope, action: route.audit ?? route.operationId, isUnlimited: route.unlimited === true },
        problems: route.problems,
      },
      handler: async (request, reply) => {
        const leave = new AbortController()
        reply.raw.once('close', () => {
          if (!reply.raw.writableFinished) leave.abort()
        })
        const answer = await answerOf(route, request, shared, (signal) =>
          handleRoute(route, check, services, request, reply, signal ?? leave.signal),
        )
        return sendReply(request, reply, answer, streams, leave)
      },
    })
  }
}

/** Reads are shared by those who may see the same; whatever may change something ends what is shared, also where it failed. */
async function answerOf(
  route: Route,
  { method, url, caller }: FastifyRequest,
  shared: SharedAnswers,
  handle: (signal?: AbortSignal) => Promise<RouteReply>,
): Promise<RouteReply> {
  if (method !== 'GET' && method !== 'HEAD') return handle().finally(() => shared.forget())
  if (route.isPersonal === true) return handle()
  // Who asked first may leave before the others have their answer.
  return shared.share(`${caller?.actor.scope ?? ''} ${url}`, async () => written(await handle(NOT_LEFT)))
}

const NOT_LEFT: AbortSignal = new AbortController().signal

async function handleRoute(
  route: Route,
  check: ReturnType<typeof inputChecker>,
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
): Promise<RouteReply> {
  const actor = request.caller?.actor ?? NOBODY
  const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : ''
  const params = (request.params ?? {}) as Record<string, string>
  const input = check({ params, query, body: request.body })
  const key = route.idempotent === true ? readIdempotencyKey(request.headers['idempotency-key']) : undefined
  const asked = { ...input, ...contextOf(request, actor, services, signal), idempotencyKey: key }
  const run = async (): Promise<RouteReply> => {
    const done = await route.handle(asked as RouteRequest<never, never, never>)
    if (route.audit !== undefined)
      await writeAudit(services, request.log, {
        actor: request.caller?.actor.name ?? auditName(done),
        action: route.audit,
        subject: done.subject ?? params['id'] ?? subjectOf(input) ?? route.path,
        outcome: 'done',
        detail: {
          ...done.auditDetail,
          method: route.method,
          path: request.url.split('?', 1)[0] ?? '',
          status: done.status,
          request: request.id,
        },
      })
    return done
  }
  if (key === undefined) return run()
  const { url, body } = request
  const keyed = { actor: actor.name, key, method: route.method, url, body }
  const { reply: answer, isReplayed } = await onceOnly(services, keyed, request.log, run)
  if (isReplayed) reply.header('idempotent-replayed', 'true')
  return answer
}

function contextOf(
  request: FastifyRequest,
  actor: Actor,
  services: Services,
  signal: AbortSignal,
): Omit<RouteRequest<never, never, never>, keyof CheckedInput> {
  const { headers } = request
  const lastEventId = headers['last-event-id']
  return {
    actor,
    services,
    signal,
    ifVersion: readIfMatch(headers['if-match']),
    lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
    client: {
      address: request.ip,
      isHttps: /^https:/i.test(headers.origin ?? ''),
      cookie: readSessionCookie(headers.cookie),
      session: request.caller?.session,
    },
  }
}

/** Of a body that names what it makes. */
function subjectOf({ body }: CheckedInput): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  for (const name of ['id', 'name']) {
    const value: unknown = name in body ? (body as Record<string, unknown>)[name] : undefined
    if (typeof value === 'string') return value
  }
  return undefined
}

/** Who signs in is nobody before it was done. */
function auditName(done: RouteReply): string {
  const actor = done.auditDetail?.['actor']
  return typeof actor === 'string' ? actor : NOBODY.name
}

/** For handlers: there is no such thing. */
export function notFound(what: string): RequestProblem {
  return new RequestProblem(404, 'HTTP_NOT_FOUND', `There is no such ${what}.`)
}
