/**
 * What stands before every route of the daemon, in this order; the body is not read before all of it is passed.
 *
 *   (1) The request names this server: no rebound name, no odd target, no endless address.      [checkTarget]
 *   (2) What changes something comes from no page of another site.                              [checkOrigin]
 *   (3) Who asks is known; wrong credentials are never taken for none.                          [identify]
 *   (4) Nobody asks more often than allowed; failed sign-ins have a limit of their own.         [checkRates]
 *   (5) The scope suffices; a browser proves by a header that its page sent the request.        [checkScope]
 */
import rateLimit from '@fastify/rate-limit'
import type { AccessScope } from '@tidegate/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { readSessionCookie } from './cookie.ts'
import { isAllowedHost, isAllowedOrigin, isLoopbackHost, type HostRules } from './hosts-and-origins.ts'
import type { Access, Caller } from './open-access.ts'
import { includesScope, isSameText } from './token.ts'
import { writeAudit } from './write-audit.ts'

/** What a route asks of its callers. Without it a route is open. */
export interface RouteAccess {
  readonly scope: AccessScope | 'open'
  /** For the audit log. */
  readonly action: string
  /** Not counted by the rate limit. */
  readonly isUnlimited?: boolean | undefined
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess
    problems?: Readonly<Record<number, readonly string[]>> | undefined
  }
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

export interface GuardOptions {
  readonly access: Access
  readonly hosts: HostRules
  readonly requestsPerMinute: number
  /** Of one address. @defaultValue 10 */
  readonly failedSignInsPerMinute?: number | undefined
  readonly services: Services
}

/** Longer addresses are none of ours. */
const LONGEST_URL = 8192
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const MINUTE_MS = 60_000
/** Failed sign-ins in the audit log, of all addresses together: whoever guesses shall not fill it. */
const NOTED_PER_MINUTE = 10
const NOBODY = 'anonymous'

export interface Guard {
  /** Counts a failed sign-in; 401, or 429 where there were too many. */
  refuseSignIn(request: FastifyRequest): Promise<RequestProblem>
}

export async function guardAccess(app: FastifyInstance, options: GuardOptions): Promise<Guard> {
  const { access, hosts, services } = options
  await app.register(rateLimit, { global: false })
  const limitOf = (name: string, max: number, key: (request: FastifyRequest) => string): Limiter => {
    const limit = app.createRateLimit({
      max,
      timeWindow: MINUTE_MS,
      keyGenerator: (request) => `${name} ${key(request)}`,
    })
    return async (request) => {
      const found = await limit(request)
      return 'isExceeded' in found && found.isExceeded ? Math.max(1, found.ttlInSeconds) : undefined
    }
  }
  const requests = limitOf('all', options.requestsPerMinute, whoOf)
  const failures = limitOf('failed', options.failedSignInsPerMinute ?? 10, (request) => request.ip)

  const noteFailure = auditBudget(services.nowMs)
  const refuseSignIn = async (request: FastifyRequest): Promise<RequestProblem> => {
    const waitSeconds = await failures(request)
    const note = noteFailure()
    if (note !== undefined)
      await writeAudit(services, request.log, {
        actor: NOBODY,
        action: 'session.refused',
        subject: pathOf(request),
        outcome: 'refused',
        detail: { reason: 'credentials', method: request.method, address: request.ip, request: request.id, ...note },
      })
    return waitSeconds === undefined ? notSignedIn('The token or session is not valid.') : tooMany(waitSeconds)
  }
  const auditRefusal = async (request: FastifyRequest, caller: Caller, reason: string): Promise<void> =>
    writeAudit(services, request.log, {
      actor: caller.actor.name,
      action: request.routeOptions.config.access?.action ?? 'unknown',
      subject: pathOf(request),
      outcome: 'refused',
      detail: { reason, method: request.method, scope: caller.actor.scope, request: request.id },
    })

  app.decorateRequest('caller', undefined)
  app.addHook('onRequest', async (request) => {
    checkTarget(request, hosts)
    const needed = request.routeOptions.config.access
    const isOpen = needed === undefined || needed.scope === 'open'
    const isReading = READING.has(request.method)
    const { headers } = request
    const site = headers['sec-fetch-site']
    const isForeign =
      !isReading && !isAllowedOrigin({ ...headers, site: typeof site === 'string' ? site : undefined }, hosts)
    const identity = isOpen
      ? undefined
      : await access.identify({
          authorization: headers.authorization,
          cookie: readSessionCookie(headers.cookie),
          isForwarded: !isLoopbackHost(headers.host) || Object.keys(headers).some((name) => FORWARDED.test(name)),
        })
    const caller = identity?.kind === 'caller' ? identity.caller : undefined
    request.caller = caller
    if (needed?.isUnlimited !== true) {
      const waitSeconds = await requests(request)
      if (waitSeconds !== undefined) throw tooMany(waitSeconds)
    }
    if (isForeign) {
      if (caller !== undefined) await auditRefusal(request, caller, 'origin')
      throw new RequestProblem(403, 'HTTP_ORIGIN', 'A page of another site may change nothing here.', {
        hint: 'Name its origin in server.cors_origins, if it may.',
      })
    }
    if (needed === undefined || needed.scope === 'open') return
    if (identity?.kind === 'refused') throw await refuseSignIn(request)
    if (caller === undefined) throw notSignedIn('This needs a token.')
    if (!includesScope(caller.actor.scope, needed.scope)) {
      await auditRefusal(request, caller, 'scope')
      throw new RequestProblem(
        403,
        'HTTP_SCOPE',
        `This needs the scope "${needed.scope}"; the token has "${caller.actor.scope}".`,
        { hint: `tidegate token create --name NAME --scope ${needed.scope} makes one that has it.` },
      )
    }
    if (isReading || caller.session === undefined) return
    const proof = headers['x-csrf-token']
    if (typeof proof === 'string' && isSameText(proof, caller.session.csrf)) return
    await auditRefusal(request, caller, 'csrf')
    throw new RequestProblem(403, 'HTTP_CSRF', 'A change that is signed in by cookie needs the header x-csrf-token.', {
      hint: 'GET /api/v1/session tells it.',
    })
  })
  return { refuseSignIn }
}

/** Undefined: not noted, but counted; the next one that is noted says how many were left out before it. */
function auditBudget(nowMs: () => number): () => { readonly leftOut?: number } | undefined {
  let minute = -1
  let noted = 0
  let leftOut = 0
  return () => {
    const now = Math.floor(nowMs() / MINUTE_MS)
    if (now !== minute) noted = 0
    minute = now
    if (noted >= NOTED_PER_MINUTE) {
      leftOut += 1
      return undefined
    }
    noted += 1
    const note = leftOut === 0 ? {} : { leftOut }
    leftOut = 0
    return note
  }
}

/** Seconds to wait, or undefined. */
type Limiter = (request: FastifyRequest) => Promise<number | undefined>

/** What proxies add. */
const FORWARDED = /^(?:forwarded|x-forwarded-.*|x-real-ip|via)$/

function checkTarget(request: FastifyRequest, hosts: HostRules): void {
  const { rawHeaders, url: target = '' } = request.raw
  // Of two the one that is looked at here may not be the one that a proxy looked at.
  if (rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length > 1)
    throw new RequestProblem(400, 'HTTP_REQUEST', 'A request names one host.')
  if (request.headers.host === undefined) throw new RequestProblem(400, 'HTTP_REQUEST', 'A request names its host.')
  if (!isAllowedHost(request.headers.host, hosts))
    throw new RequestProblem(421, 'HTTP_HOST', 'This server does not answer to that name.', {
      hint: 'Names beside localhost stand in server.allowed_hosts.',
    })
  if (!target.startsWith('/'))
    throw new RequestProblem(400, 'HTTP_TARGET', 'The target of a request begins with a slash.')
  if (target.length > LONGEST_URL)
    throw new RequestProblem(414, 'HTTP_TARGET', `An address has at most ${LONGEST_URL} characters.`)
}

/** Whose requests, and streams, are counted together. */
export function whoOf(request: FastifyRequest): string {
  const caller = request.caller
  return caller === undefined || caller.via === 'local' ? request.ip : caller.actor.name
}

function notSignedIn(detail: string): RequestProblem {
  return new RequestProblem(401, 'HTTP_UNAUTHENTICATED', detail, {
    hint: 'Send Authorization: Bearer tg_… (`tidegate token create` makes one), or sign in at POST /api/v1/session.',
    headers: { 'www-authenticate': 'Bearer realm="tidegate"' },
  })
}

/** Whoever is sent away does not keep a connection that somebody else could have. */
function tooMany(seconds: number): RequestProblem {
  return new RequestProblem(429, 'HTTP_RATE', 'Too many requests; wait a little.', {
    retryAfterSeconds: seconds,
    headers: { connection: 'close' },
  })
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? ''
}
