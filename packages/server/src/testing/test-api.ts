import type { AccessScope, Config, ServerConfig } from '@tidegate/core'
import type { State } from '@tidegate/state'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { makeToken } from '../access/token.ts'
import { buildHttpApp, type HttpAppOptions } from '../api/build-http-app.ts'
import type { Route } from '../api/route.ts'
import { openLog } from '../daemon/daemon-log.ts'
import type { Services } from '../services.ts'
import { memoryAccess } from './memory-access.ts'

export interface TestApiOptions extends Partial<Omit<HttpAppOptions, 'routes' | 'services' | 'config' | 'log'>> {
  readonly routes?: readonly Route[]
  readonly server?: Partial<ServerConfig>
  /** @defaultValue one in memory that knows access only */
  readonly state?: State
  readonly services?: Partial<Services>
  /** What the tokens of `ask` may do; `none`: no token is made, and callers are local. @defaultValue admin */
  readonly scope?: AccessScope | 'none'
}

export interface TestApi {
  readonly app: FastifyInstance
  readonly services: Services
  /** With the token, and without a socket. */
  ask(options: InjectOptions | string): Promise<LightMyRequestResponse>
  tokenFor(scope: AccessScope, expiresAtMs?: number | null): Promise<string>
  /** Everything that was logged. */
  log(): string
  close(): Promise<void>
}

export const TEST_SERVER: ServerConfig = {
  host: '127.0.0.1',
  port: 0,
  allowedHosts: [],
  corsOrigins: [],
  roots: [],
  requestsPerMinute: 1_000_000,
  bodyLimitBytes: 65_536,
  maxRuns: 2,
  drainMs: 1000,
  openMetrics: true,
}

/** The whole server without a listener. */
export async function openTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const { routes = [], server, state, services: given, scope = 'admin', ...rest } = options
  let log = ''
  const config = { ...TEST_SERVER, ...server }
  const services = testServices(config, { ...(state === undefined ? {} : { state }), ...given })
  const { app } = await buildHttpApp({
    routes,
    services,
    config,
    log: openLog('debug', (line) => void (log += line)),
    freshMs: 0,
    ...rest,
  })
  const tokenFor = async (wanted: AccessScope, expiresAtMs: number | null = null): Promise<string> => {
    const spec = { name: wanted, scope: wanted, createdBy: 'test', expiresAtMs }
    const { text, record } = makeToken(spec, services.nowMs())
    await services.state.createToken(record)
    return text
  }
  const token = scope === 'none' ? undefined : await tokenFor(scope)
  return {
    app,
    services,
    tokenFor,
    async ask(asked) {
      const request = typeof asked === 'string' ? { url: asked } : asked
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
      return app.inject({ ...request, headers: { host: 'localhost', ...authorization, ...request.headers } })
    },
    log: () => log,
    close: async () => app.close(),
  }
}

/** Services around a state in memory that knows access only. */
export function testServices(config: ServerConfig, given: Partial<Services> = {}): Services {
  let ids = 0
  return {
    state: memoryAccess() as unknown as State,
    nowMs: Date.now,
    newId: () => `id-${String(++ids).padStart(8, '0')}`,
    version: '1.2.3',
    config: () => ({ sources: [], server: config }) as unknown as Config,
    fileEntry: () => undefined,
    reload: async () => {},
    desk: { ask: async () => ({}) },
    wake: () => {},
    health: () => ({
      startedAtMs: 0,
      isDraining: false,
      isLeader: true,
      lastTickAtMs: null,
      eventLoopDelayMs: 0,
      running: 0,
    }),
    ...given,
  } as Services
}
