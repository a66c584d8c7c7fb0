import type { QuarantineRecord } from '@tidegate/state'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { count, instant, isoOf, isoOrNull, maybe, PAGE_PARAMETERS, pageSchema } from './fields.ts'
import { reasonSchema, toReason } from './file-view.ts'
import { settleRoutes } from './settle-quarantine.ts'

const STATUSES = ['open', 'replayed', 'released', 'discarded', 'superseded'] as const

const record = z
  .object({
    id: z.string().meta({ examples: ['orders/2026-11-21/a-1.rows.parquet'] }),
    source: z.string(),
    dataset: z.string(),
    file: z.string().meta({ description: 'Id of the version of the file that it came from.' }),
    kind: z.enum(['held', 'rows']).meta({ description: 'The whole file, or the rows of it that broke a rule.' }),
    status: z.enum(STATUSES),
    rows: count('Rows in it.'),
    bytes: count('Size.'),
    reasons: z.array(reasonSchema),
    recordedAt: instant('When it was put there.'),
    run: z.string(),
    closedAt: maybe(instant('When it left.')),
    closedRun: maybe(z.string()),
    note: maybe(z.string()).meta({ description: 'What the person who decided wrote.' }),
  })
  .meta({ id: 'QuarantineRecord', description: 'A held file, or the rejected rows of one.' })

const query = z.object({
  ...PAGE_PARAMETERS,
  source: z.string().min(1).max(400).optional(),
  dataset: z.string().min(1).max(400).optional(),
  status: z.enum(STATUSES).optional(),
})

const place = z.tuple([z.int(), z.string(), z.string()])

export function quarantineRoutes(): Route[] {
  return [listQuarantine(), getRecord(), ...settleRoutes()]
}

function listQuarantine(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/quarantine',
    operationId: 'listQuarantine',
    tag: 'Quarantine',
    summary: 'What is or was in quarantine',
    scope: 'read',
    query,
    replies: { 200: { description: 'Newest first.', schema: pageSchema('QuarantinePage', record) } },
    async handle({ query: asked, services }) {
      const [recordedAtMs, location, id] = asked.after === undefined ? [] : readCursor(asked.after, place)
      const found = await services.state.listQuarantine({
        source: asked.source,
        dataset: asked.dataset,
        status: asked.status,
        limit: asked.limit + 1,
        ...(recordedAtMs === undefined || location === undefined || id === undefined
          ? {}
          : { after: { recordedAtMs, location, id } }),
      })
      const items = found.slice(0, asked.limit)
      const last = items.at(-1)
      const next =
        found.length > items.length && last !== undefined
          ? writeCursor([last.recordedAtMs, last.location, last.id])
          : null
      return { status: 200, body: { items: items.map((one) => toRecord(one)), next } }
    },
  })
}

function getRecord(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/quarantine/{id}',
    operationId: 'getQuarantineRecord',
    tag: 'Quarantine',
    summary: 'One record, with its reasons',
    scope: 'read',
    params: z.object({ id: z.string().meta({ description: 'The id of the list, percent-encoded.' }) }),
    replies: { 200: { description: 'The record; of several targets the newest.', schema: record } },
    problems: { 404: ['QUARANTINE_UNKNOWN'] },
    async handle({ params, services }) {
      const [found] = await services.state.listQuarantine({ id: params.id, limit: 1 })
      if (found === undefined)
        throw new RequestProblem(404, 'QUARANTINE_UNKNOWN', 'Nothing of this id is or was in quarantine.')
      return { status: 200, body: toRecord(found) }
    },
  })
}

function toRecord(one: QuarantineRecord): z.output<typeof record> {
  return {
    id: one.id,
    source: one.source,
    dataset: one.dataset,
    file: one.file,
    kind: one.kind,
    status: one.status,
    rows: one.rows,
    bytes: one.bytes,
    reasons: one.reasons.map((reason) => toReason(reason)),
    recordedAt: isoOf(one.recordedAtMs),
    run: one.run,
    closedAt: isoOrNull(one.closedAtMs),
    closedRun: one.closedRun,
    note: one.note,
  }
}
