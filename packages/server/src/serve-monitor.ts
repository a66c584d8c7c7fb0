/**
 * The live page and what it reads. Read-only: nothing here changes anything.
 *
 *   (1) Only this machine can reach it: it listens on 127.0.0.1.                       [serveMonitor]
 *   (2) A page of another site that got itself a name for 127.0.0.1 learns nothing.    [host-guard]
 *   (3) No path leads out of the page's folder: only names that were listed are known. [page-files]
 *   (4) Several clients share one reading of the state, until it changes.              [fact-cache]
 *   (5) Closing ends every connection, streams of events included.                     [serveMonitor]
 */
import type { FactReader } from '@tidegate/core'
import type { MonitoredSource } from '@tidegate/monitor'
import { fastify } from 'fastify'
import { eventRoutes } from './events/event-routes.ts'
import { watchChanges } from './events/watch-changes.ts'
import { guardHost } from './http/host-guard.ts'
import { listen } from './http/listen.ts'
import { readPageFiles } from './http/page-files.ts'
import { pageRoutes } from './http/page-routes.ts'
import { answerProblems } from './http/problem.ts'
import { sendSecurityHeaders } from './http/security-headers.ts'
import { openFactCache } from './views/fact-cache.ts'
import { viewRoutes } from './views/view-routes.ts'

/** A state, as far as the page needs it. */
export interface LiveFacts extends FactReader {
  /** A short text that differs after the state changed; asked every `pollMs`. */
  changeMarker(): Promise<string>
}

export interface MonitorServerOptions {
  readonly facts: LiveFacts
  /** Folder of the built page: `index.html` and `assets/`. Absolute. */
  readonly assets: { readonly folder: string }
  readonly sources: readonly MonitoredSource[]
  /** What the project calls itself. */
  readonly project: string
  /** Of Tidegate. */
  readonly version: string
  /** Shell command that makes the report again. */
  readonly command: string
  /** How far back the page looks before somebody asks for more. @defaultValue 7 days */
  readonly sinceMs?: number | undefined
  /** @defaultValue one that is free */
  readonly port?: number | undefined
  /** Unix milliseconds. @defaultValue Date.now */
  readonly nowMs?: (() => number) | undefined
  /** Values out of rows are given out too; they are masked where the column is sensitive. @defaultValue false */
  readonly includeSamples?: boolean | undefined
  /** @defaultValue 1000 */
  readonly pollMs?: number | undefined
  /** A comment is sent on a silent stream of events, so that nobody between takes it for dead. @defaultValue 15,000 */
  readonly heartbeatMs?: number | undefined
}

export interface MonitorServer {
  /** `http://127.0.0.1:4300/`. */
  readonly url: string
  readonly port: number
  /** Ends all connections. Calling it again does nothing. */
  close(): Promise<void>
}

const WEEK_MS = 7 * 86_400_000

/** @throws {TidegateError} `SERVER_PAGE_MISSING`, `SERVER_PORT_TAKEN`, `SERVER_PORT_DENIED` */
export async function serveMonitor(options: MonitorServerOptions): Promise<MonitorServer> {
  const { facts, sources, nowMs = Date.now, pollMs = 1000, includeSamples = false } = options
  const files = await readPageFiles(options.assets.folder)
  const changes = watchChanges(async () => facts.changeMarker(), pollMs)
  const cache = openFactCache({ reader: facts, changes, nowMs, includeSamples })
  const app = fastify({ logger: false, forceCloseConnections: true, exposeHeadRoutes: false, bodyLimit: 1 })
  sendSecurityHeaders(app)
  guardHost(app)
  answerProblems(app)
  const about = { project: options.project, version: options.version, command: options.command }
  const sinceMs = options.sinceMs ?? WEEK_MS
  viewRoutes(app, { reader: facts, cache, sources, about, sinceMs, nowMs, includeSamples })
  const events = eventRoutes(app, changes, options.heartbeatMs ?? 15_000)
  pageRoutes(app, files)
  const port = await listen(() => app.listen({ host: '127.0.0.1', port: options.port ?? 0 }), options.port ?? 0)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    changes.close()
    events.close()
    await app.close()
  }
  return { url: `http://127.0.0.1:${port}/`, port, close: () => (closing ??= close()) }
}
