import { stringifyJson, type FactReader } from '@tidegate/core'
import {
  MONITOR_SECTIONS,
  monitorReport,
  monitorView,
  narrowContext,
  narrowFacts,
  withoutValues,
  type MonitorContext,
  type MonitoredSource,
  type MonitorSection,
  type ReportData,
  type ViewFilter,
} from '@tidegate/monitor'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { bodyOf, sendBody } from '../http/body.ts'
import { RequestProblem } from '../http/problem.ts'
import { readQuery } from '../http/read-query.ts'
import type { CachedFacts, FactCache } from './fact-cache.ts'
import { asksForList, readCheckQuery, readFileQuery } from './list-queries.ts'

export interface ViewOptions {
  readonly reader: FactReader
  readonly cache: FactCache
  readonly sources: readonly MonitoredSource[]
  readonly about: { readonly project: string; readonly version: string; readonly command: string }
  /** Default window, as a duration. */
  readonly sinceMs: number
  readonly nowMs: () => number
  readonly includeSamples: boolean
  /** `/api/v1` is there, too. @defaultValue false */
  readonly operations?: boolean | undefined
}

/**
 * `/views/facts`, `/views/all` (the whole report) and `/views/<section>` with `since`, `until`, `source…`, `dataset…`;
 * `/views/files?limit=…` is a page of the list of files, `/views/checks` lists results that failed. All answer JSON with an
 * etag.
 */
export function viewRoutes(app: FastifyInstance, options: ViewOptions): void {
  const read = (
    url: string,
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
  ): void => {
    app.route({ method: ['GET', 'HEAD'], url, handler })
  }
  read('/views/facts', async (request, reply) => {
    const asked = await readAsked(request, options)
    return sendBody(request, reply, await asked.body('facts', () => stringifyJson(reportData(asked, options))))
  })
  read('/views/all', async (request, reply) => {
    const asked = await readAsked(request, options)
    return sendBody(
      request,
      reply,
      await asked.body('all', () => stringifyJson(monitorReport(asked.facts, asked.context))),
    )
  })
  read('/views/checks', async (request, reply) => {
    const { window, perCheck, only } = readCheckQuery(request.url, options.nowMs())
    const found = await options.reader.failedChecks(window, perCheck, only)
    const items = options.includeSamples ? found.items : found.items.map((record) => withoutValues(record))
    return sendBody(request, reply, await bodyOf(JSON_TYPE, stringifyJson({ items, total: found.total })))
  })
  read('/views/:section', async (request, reply) => {
    if (asksForList(request.url) && request.url.startsWith('/views/files?')) {
      const page = await options.reader.queryFiles(readFileQuery(request.url))
      return sendBody(request, reply, await bodyOf(JSON_TYPE, stringifyJson(page)))
    }
    const section = sectionOf(request.params)
    const asked = await readAsked(request, options)
    return sendBody(
      request,
      reply,
      await asked.body(section, () => stringifyJson(monitorView(section, asked.facts, asked.context))),
    )
  })
}

const JSON_TYPE = 'application/json; charset=utf-8'

function sectionOf(params: unknown): MonitorSection {
  const name = typeof params === 'object' && params !== null && 'section' in params ? params.section : undefined
  const section = MONITOR_SECTIONS.find((known) => known === name)
  if (section !== undefined) return section
  throw new RequestProblem(
    404,
    'HTTP_NOT_FOUND',
    `There is no such view. The views are ${MONITOR_SECTIONS.join(', ')}.`,
  )
}

interface Asked {
  readonly facts: CachedFacts['facts']
  readonly context: MonitorContext
  body(name: string, make: () => string): ReturnType<CachedFacts['body']>
}

/** The facts of the window and the sources that the address names; a dataset or an end narrows what was read. */
async function readAsked(
  request: FastifyRequest,
  { cache, sources, about, sinceMs, nowMs }: ViewOptions,
): Promise<Asked> {
  const query = readQuery(request.url)
  const since = query.instant('since')
  const until = query.instant('until')
  const named = query.texts('source')
  const datasets = query.texts('dataset')
  query.finish()
  if (since !== undefined && since >= (until ?? nowMs()))
    throw new RequestProblem(400, 'HTTP_PARAMETER', 'The parameter "since" lies before "until".')
  const cached = await cache.read(since ?? nowMs() - sinceMs, named)
  const config = named === undefined ? sources : sources.filter(({ name }) => named.includes(name))
  const context: MonitorContext = { nowMs: cached.nowMs, config, version: about.version, command: about.command }
  // An end that lies in what comes is none: the clock of a page may be ahead of ours.
  const untilMs = until !== undefined && until < cached.nowMs - 60_000 ? until : undefined
  if (datasets === undefined && untilMs === undefined) return { facts: cached.facts, context, body: cached.body }
  const filter: ViewFilter = { untilMs, datasets }
  const suffix = JSON.stringify(filter)
  return {
    facts: narrowFacts(cached.facts, filter),
    context: narrowContext(context, filter, cached.facts),
    body: (name, make) => cached.body(`${name} ${suffix}`, make),
  }
}

function reportData({ facts, context }: Asked, { about, includeSamples, operations }: ViewOptions): ReportData {
  const samples = includeSamples ? 'masked' : 'none'
  const offered = operations === true ? { operations } : {}
  return { kind: 'tidegate-report', reportVersion: 1, ...about, samples, facts, context, trimmed: [], ...offered }
}
