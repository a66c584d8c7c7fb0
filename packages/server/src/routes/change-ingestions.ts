/**
 * Ingestions that are kept in the state.
 *
 *   (1) What is kept obeys the rules of `tidegate.yaml` when it is written, and stays inside of `server.roots`. [assertEntry]
 *   (2) A change that was made on an older version is refused.                                           [updateIngestion]
 *   (3) Those of `tidegate.yaml` are not changed here.                                                   [findOwn]
 *   (4) No run of what is forgotten begins afterwards: it could only fail, and would wake somebody for it.  [cancelRuns]
 */
import type { IngestionRecord } from '@tidegate/core'
import { z } from 'zod'
import { preconditionFailed } from '../api/etag.ts'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { assertEntry } from './check-entry.ts'
import { findIngestion } from './find-ingestions.ts'
import { entrySchema, ingestionSchema, toIngestion, type IngestionView } from './ingestion-view.ts'
import { ingestionParams } from './ingestions.ts'
import { restoreEntry } from './mask-entry.ts'

const creation = z
  .object({
    id: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9][\w-]*(?:\.[\w-]+)*$/, 'starts with a letter or digit, goes on with those, `_`, `-` and `.`')
      .meta({ examples: ['orders'] }),
    entry: entrySchema,
  })
  .strict()
  .meta({ id: 'IngestionCreation', description: 'A name, and what would stand under it in `tidegate.yaml`.' })

const change = z
  .object({ entry: entrySchema })
  .strict()
  .meta({ id: 'IngestionChange', description: 'The whole entry. What is `***` in it stays as it is kept.' })

export function changeIngestionRoutes(): Route[] {
  return [createIngestion(), updateIngestion(), deleteIngestion()]
}

function createIngestion(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/ingestions',
    operationId: 'createIngestion',
    tag: 'Ingestions',
    summary: 'Makes an ingestion; it is kept in the state',
    scope: 'write',
    idempotent: true,
    audit: 'ingestion.create',
    body: creation,
    replies: { 201: { description: 'It was made.', schema: ingestionSchema } },
    problems: { 409: ['INGESTION_EXISTS'], 422: ['INGESTION_INVALID'] },
    async handle({ body: { id, entry }, actor, services }) {
      const exists = new RequestProblem(409, 'INGESTION_EXISTS', 'There is an ingestion of this name already.')
      if (services.config().sources.some(({ name }) => name === id)) throw exists
      assertEntry(services, id, entry)
      const nowMs = services.nowMs()
      const by = { createdBy: actor.name, createdAtMs: nowMs, updatedBy: actor.name, updatedAtMs: nowMs }
      if (!(await services.state.createIngestion({ id, entry, ...by }))) throw exists
      const view = await takeOver(services, id)
      return {
        status: 201,
        body: view,
        version: view.version ?? undefined,
        headers: { location: `/api/v1/ingestions/${encodeURIComponent(id)}` },
        subject: id,
      }
    },
  })
}

function updateIngestion(): Route {
  return route({
    method: 'PUT',
    path: '/api/v1/ingestions/{id}',
    operationId: 'updateIngestion',
    tag: 'Ingestions',
    summary: 'Changes an ingestion that was made by API; send the ETag in If-Match',
    scope: 'write',
    audit: 'ingestion.update',
    params: ingestionParams,
    body: change,
    replies: { 200: { description: 'As it is now.', schema: ingestionSchema } },
    problems: {
      404: ['INGESTION_UNKNOWN'],
      409: ['INGESTION_READ_ONLY'],
      412: ['HTTP_PRECONDITION'],
      422: ['INGESTION_INVALID'],
    },
    async handle({ params: { id }, body, actor, ifVersion, services }) {
      const record = await findOwn(services, id)
      if (ifVersion !== undefined && ifVersion !== record.version) throw preconditionFailed()
      const entry = restoreEntry(body.entry, record.entry)
      assertEntry(services, id, entry)
      // Also without If-Match what was masked belongs to the version that was read here.
      const done = await services.state.updateIngestion(
        id,
        { entry, by: actor.name, ifVersion: record.version },
        services.nowMs(),
      )
      if (done === 'conflict') throw preconditionFailed()
      if (done === undefined) throw unknownIngestion()
      const view = await takeOver(services, id)
      return { status: 200, body: view, version: done.version }
    },
  })
}

function deleteIngestion(): Route {
  return route({
    method: 'DELETE',
    path: '/api/v1/ingestions/{id}',
    operationId: 'deleteIngestion',
    tag: 'Ingestions',
    summary: 'Forgets an ingestion that was made by API and cancels its runs; its data, history and quarantine stay',
    scope: 'write',
    audit: 'ingestion.delete',
    params: ingestionParams,
    replies: { 204: { description: 'It is gone.' } },
    problems: { 404: ['INGESTION_UNKNOWN'], 409: ['INGESTION_READ_ONLY'], 412: ['HTTP_PRECONDITION'] },
    async handle({ params: { id }, ifVersion, actor, services }) {
      await findOwn(services, id)
      const done = await services.state.deleteIngestion(id, ifVersion)
      if (done === 'conflict') throw preconditionFailed()
      if (done === undefined) throw unknownIngestion()
      await services.reload()
      services.wake('scheduler')
      await cancelRuns(services, id, actor.name)
      return { status: 204 }
    },
  })
}

/** Those that wait end at once; one that is under way is asked to stop. */
async function cancelRuns(services: Services, source: string, by: string): Promise<void> {
  const open = (await services.state.openJobs()).filter((job) => job.source === source)
  for (const { id } of open) {
    await services.state.requestCancel(id, by, services.nowMs())
    services.jobFeed.wake(id)
  }
  if (open.length > 0) services.wake('runner')
}

/** @throws RequestProblem 404 `INGESTION_UNKNOWN`, 409 `INGESTION_READ_ONLY` */
async function findOwn(services: Services, id: string): Promise<IngestionRecord> {
  const { record } = await findIngestion(services, id)
  if (record !== undefined) return record
  throw new RequestProblem(
    409,
    'INGESTION_READ_ONLY',
    'This ingestion stands in tidegate.yaml: it is read-only here.',
    {
      hint: `Change it under sources.${id} in tidegate.yaml; the daemon reads it again by itself.`,
      dataNow: 'Nothing was changed.',
    },
  )
}

async function takeOver(services: Services, id: string): Promise<IngestionView> {
  await services.reload()
  services.wake('scheduler')
  return toIngestion(await findIngestion(services, id), services.config(), services.nowMs())
}

function unknownIngestion(): RequestProblem {
  return new RequestProblem(404, 'INGESTION_UNKNOWN', 'There is no ingestion of this name.')
}
