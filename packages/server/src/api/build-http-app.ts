import cors from '@fastify/cors'
import type { ServerConfig } from '@tidegate/core'
import type { MonitoredSource } from '@tidegate/monitor'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { guardAccess, type RouteAccess } from '../access/guard-access.ts'
import { isLoopback } from '../access/is-loopback.ts'
import { openAccess, type Access } from '../access/open-access.ts'
import { sessionRoutes } from '../access/session-routes.ts'
import { eventRoutes } from '../events/event-routes.ts'
import type { StreamLimit } from '../events/limit-streams.ts'
import { openStreams, SHUTDOWN_EVENT, type Streams } from '../events/send-stream.ts'
import { watchChanges } from '../events/watch-changes.ts'
import { pageRoutes } from '../http/page-routes.ts'
import type { PageFiles } from '../http/page-files.ts'
import { RequestProblem } from '../http/problem.ts'
import type { LiveFacts } from '../serve-monitor.ts'
import type { Services } from '../services.ts'
import { openFactCache } from '../views/fact-cache.ts'
import { viewOperations } from '../views/view-operations.ts'
import { viewRoutes } from '../views/view-routes.ts'
import { answerFailures } from './answer-failures.ts'
import { createApp } from './create-app.ts'
import { docsRoutes } from './docs-routes.ts'
import { knownMethods } from './known-methods.ts'
import { openApiDocument } from './openapi.ts'
import { registerRoutes } from './register-routes.ts'
import type { Route } from './route.ts'
import { traceRequests } from './trace-requests.ts'

export interface HttpAppOptions {
  readonly routes: readonly Route[]
  readonly services: Services
  readonly config: ServerConfig
  readonly log: FastifyBaseLogger
  /** The built page. Undefined: none is given out. */
  readonly page?: PageFiles | undefined
  /** The views that the page reads. Undefined: there are none. */
  readonly views?: ViewsOptions | undefined
  /** How long a looked-up token is believed. @defaultValue 3000 */
  readonly freshMs?: number | undefined
  /** How long a request may take to arrive. @defaultValue headers 10 s, all of it 30 s */
  readonly arrival?: { readonly headersMs: number; readonly requestMs: number } | undefined
  /** @defaultValue 20 of one caller, 500 in all */
  readonly streamLimit?: StreamLimit | undefined
  /** Of the views' events. @defaultValue 15,000 */
  readonly heartbeatMs?: number | undefined
  /** Reads of the API that are asked again within this time get the same answer. @defaultValue 0 */
  readonly shareMs?: number | undefined
}

export interface ViewsOptions {
  readonly facts: LiveFacts
  /** Asked at each request: ingestions come and go. */
  readonly sources: () => readonly MonitoredSource[]
  /** What the project calls itself. */
  readonly project: string
  /** Shell command that makes the report again. */
  readonly command: string
  /** @defaultValue 7 days */
  readonly sinceMs?: number | undefined
  /** @defaultValue false */
  readonly includeSamples?: boolean | undefined
  /** @defaultValue 1000 */
  readonly pollMs?: number | undefined
}

export interface HttpApp {
  readonly app: FastifyInstance
  readonly access: Access
  /** From here on nothing new is answered, and streams end. */
  drain(): void
}

const WEEK_MS = 7 * 86_400_000

/** The whole server but its listener. */
export async function buildHttpApp(options: HttpAppOptions): Promise<HttpApp> {
  const { services, config, log } = options
  const isLocal = isLoopback(config.host)
  const access = openAccess({ store: services.state, nowMs: services.nowMs, isLocal, freshMs: options.freshMs })
  const streams = openStreams(options.streamLimit)
  const { bodyLimitBytes } = config
  const app = createApp({ log, newId: services.newId, bodyLimitBytes, arrival: options.arrival })
  const methodsAt = knownMethods(app)
  const documented = documentedRoutes(options.routes)
  traceRequests(app, documented)
  app.addHook('onRequest', async () => {
    if (!streams.closing.aborted) return
    throw new RequestProblem(503, 'HTTP_DRAINING', 'The daemon is about to stop.', { retryAfterSeconds: 5 })
  })
  if (config.corsOrigins.length > 0) await allowOrigins(app, config.corsOrigins)
  const hosts = { isLocal, allowedHosts: [config.host, ...config.allowedHosts], corsOrigins: config.corsOrigins }
  const { requestsPerMinute } = config
  const guard = await guardAccess(app, { access, hosts, requestsPerMinute, services })
  answerFailures(app, { methodsAt, refuseSignIn: guard.refuseSignIn })
  const routes = [...sessionRoutes(access), ...options.routes]
  registerRoutes(app, { routes, services, streams, shareMs: options.shareMs })
  const closeViews = options.views === undefined ? undefined : await mountViews(app, options.views, options, streams)
  await docsRoutes(app, openApiDocument(documented))
  if (options.page !== undefined) pageRoutes(app, options.page)
  const drain = (): void => {
    streams.close()
    closeViews?.()
  }
  return { app, access, drain }
}

/** All that the OpenAPI document tells of, given the routes of the resources. */
export function documentedRoutes(routes: readonly Route[]): readonly Route[] {
  const nobody: Access = {
    identify: async () => ({ kind: 'anonymous' }),
    signIn: async () => undefined,
    signOut: async () => {},
    hasUsableToken: async () => false,
  }
  return [...sessionRoutes(nobody), ...routes, ...viewOperations()]
}

async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  await app.register(cors, {
    origin: [...origins],
    // Cookies never come from another site: they are SameSite=Strict.
    credentials: false,
    strictPreflight: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'last-event-id'],
    exposedHeaders: ['etag', 'location', 'retry-after', 'x-request-id', 'idempotent-replayed'],
    maxAge: 600,
  })
}

/** Views and their events, for who may read. Returns what ends the streams. */
async function mountViews(
  app: FastifyInstance,
  views: ViewsOptions,
  options: HttpAppOptions,
  { limit }: Streams,
): Promise<() => void> {
  const { facts, includeSamples = false } = views
  const { nowMs, version } = options.services
  const changes = watchChanges(async () => facts.changeMarker(), views.pollMs ?? 1000)
  const cache = openFactCache({ reader: facts, changes, nowMs, includeSamples })
  const about = { project: views.project, version, command: views.command }
  let events: ReturnType<typeof eventRoutes> | undefined
  await app.register(async (inner) => {
    asksScope(inner, { scope: 'read', action: 'views.read' })
    viewRoutes(inner, {
      reader: facts,
      cache,
      get sources() {
        return views.sources()
      },
      about,
      sinceMs: views.sinceMs ?? WEEK_MS,
      nowMs,
      includeSamples,
      operations: true,
    })
    events = eventRoutes(inner, changes, options.heartbeatMs ?? 15_000, limit)
  })
  return () => {
    changes.close()
    events?.close(SHUTDOWN_EVENT)
  }
}

/** Every route that is added to it from here on. */
function asksScope(app: FastifyInstance, access: RouteAccess): void {
  app.addHook('onRoute', (added) => {
    added.config = { ...added.config, access }
  })
}
