/** The whole API on a real state with a small past, in a temp folder. Every answer is compared with its own schema. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { loadConfig, withIngestions } from '@tidegate/config'
import type { AccessScope, Config, JsonValue } from '@tidegate/core'
import { openState, type State } from '@tidegate/state'
import { expect } from 'vitest'
import type { Route } from '../api/route.ts'
import { apiRoutes } from '../routes/index.ts'
import { openJobFeed } from '../runs/job-feed.ts'
import { entriesInForce } from '../daemon/entries-in-force.ts'
import type { DeskQuestion, Health, Services } from '../services.ts'
import { openTestApi, type TestApi } from './test-api.ts'

export const NOW_MS: number = Date.UTC(2026, 10, 21, 8, 0)

export interface Reply {
  readonly status: number
  // What came is looked at by the test; it was compared with its schema before.
  readonly body: never
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly as?: AccessScope
}

export interface ApiWorld {
  readonly directory: string
  readonly state: State
  readonly api: TestApi
  readonly woken: string[]
  readonly questions: DeskQuestion[]
  health: Health
  readonly clock: { nowMs: number }
  /** What the desk answers. */
  answer: (question: DeskQuestion) => JsonValue | Promise<JsonValue>
  call(method: Route['method'], url: string, options?: CallOptions): Promise<Reply>
  get(url: string): Promise<Reply>
  /** All items of a list, page by page. */
  pages(url: string, limit: number): Promise<{ readonly items: readonly never[]; readonly pages: number }>
  config(): Config
  close(): Promise<void>
}

export async function openApiWorld(): Promise<ApiWorld> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  mkdirSync(path.join(directory, 'landing/orders'), { recursive: true })
  mkdirSync(path.join(directory, 'contracts'), { recursive: true })
  writeFileSync(path.join(directory, 'tidegate.yaml'), JSON.stringify(PROJECT))
  const loaded = await loadConfig({ directory, env: {} })
  if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded))
  const clock = { nowMs: NOW_MS }
  const state = await openState({ path: path.join(directory, 'state.db'), nowMs: () => clock.nowMs })
  const routes = apiRoutes()
  const entries = entriesInForce(loaded)
  const tokens = new Map<AccessScope, string>()
  let config = loaded.config
  let ids = 0
  const services: Partial<Services> = {
    nowMs: () => clock.nowMs,
    newId: () => `20261121T080000-${String(++ids).padStart(8, '0')}`,
    config: () => config,
    fileEntry: (source) => entries.get(source),
    reload: async () => {
      config = withIngestions(loaded.config, await state.listIngestions()).config
    },
    desk: {
      ask: async (question) => {
        world.questions.push(question)
        return world.answer(question)
      },
    },
    jobFeed: openJobFeed({ jobs: state, pollMs: 20 }),
    wake: (what) => void world.woken.push(what),
    health: () => world.health,
  }
  const api = await openTestApi({ routes, state, services })
  const world: ApiWorld = {
    directory,
    state,
    api,
    woken: [],
    questions: [],
    clock,
    health: {
      startedAtMs: NOW_MS - 60_000,
      isDraining: false,
      isLeader: true,
      lastTickAtMs: NOW_MS - 1000,
      eventLoopDelayMs: 3,
      running: 0,
    },
    answer: () => null,
    async call(method, url, { body, headers = {}, as } = {}) {
      if (as !== undefined && !tokens.has(as)) tokens.set(as, await api.tokenFor(as))
      const own = as === undefined ? {} : { authorization: `Bearer ${tokens.get(as) ?? ''}` }
      const response = await api.ask({
        method,
        url,
        headers: { ...headers, ...own },
        ...(body === undefined ? {} : { payload: body as object }),
      })
      const isJson = /json/.test(String(response.headers['content-type']))
      const reply = {
        status: response.statusCode,
        body: (isJson ? JSON.parse(response.body) : undefined) as never,
        text: response.body,
        headers: response.headers,
      }
      expectAsDeclared(routes, method, url, reply)
      return reply
    },
    get: async (url) => world.call('GET', url),
    async pages(url, limit) {
      const items: never[] = []
      let after = ''
      for (let pages = 1; ; pages += 1) {
        const joined = `${url}${url.includes('?') ? '&' : '?'}limit=${String(limit)}${after}`
        const { status, body } = await world.get(joined)
        expect(status).toBe(200)
        const page = body as { readonly items: never[]; readonly next: string | null }
        expect(page.items.length).toBeLessThanOrEqual(limit)
        items.push(...page.items)
        if (page.next === null) return { items, pages }
        after = `&after=${encodeURIComponent(page.next)}`
        if (pages > 1000) throw new Error(`${url} has no end`)
      }
    },
    config: () => config,
    async close() {
      services.jobFeed?.close()
      await api.close()
      await state.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return world
}

const PROJECT = {
  version: 1,
  state: 'state.db',
  prices: { currency: 'EUR', compute_per_hour: 0.2 },
  sources: {
    orders: {
      path: 'landing/orders/*.csv',
      target: { path: 'lake/orders' },
      schedule: { cron: '*/15 * * * *', timezone: 'Europe/Berlin' },
    },
    payments: {
      path: 'landing/payments/*.csv',
      target: { kind: 'postgres', url: 'postgres://loader:geh/eim@db.example/pay?sslkey=geheim', table: 'payments' },
    },
  },
}

/** Common to all operations. */
const COMMON: ReadonlySet<number> = new Set([400, 401, 403, 404, 413, 415, 429, 500, 503])

function expectAsDeclared(routes: readonly Route[], method: string, url: string, reply: Reply): void {
  const [address = ''] = url.split('?')
  const route = routes
    .filter((one) => one.method === method && pattern(one.path).test(address))
    .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
  if (route === undefined) return
  const declared = route.replies[reply.status]
  if (reply.status >= 400) {
    expect(String(reply.headers['content-type'])).toContain('application/problem+json')
    const { code } = reply.body as { readonly code: string }
    const own = route.problems?.[reply.status] ?? []
    expect(
      own.includes(code) ||
        (COMMON.has(reply.status) && /^(?:HTTP|AUTH|STATE|INTERNAL)/.test(code)) ||
        code.startsWith('HTTP_IDEMPOTENCY'),
      `${method} ${url}: ${String(reply.status)} ${code} is declared`,
    ).toBe(true)
    return
  }
  expect(declared, `${method} ${url}: ${String(reply.status)} is declared`).toBeDefined()
  if (declared?.schema === undefined) return expect(reply.text).toBe('')
  if (declared.textType !== undefined && String(reply.headers['content-type']).startsWith(declared.textType)) return
  if (declared.type !== undefined) return expect(String(reply.headers['content-type'])).toContain(declared.type)
  // What the schema does not know falls away, and the two differ.
  expect(declared.schema.parse(reply.body)).toEqual(reply.body)
}

function pattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`)
}
