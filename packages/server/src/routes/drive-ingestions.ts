/** What is done with an ingestion: run, pause, resume, its schemas. */
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { createJob } from './create-job.ts'
import { pageOfWhole } from './cursor.ts'
import { instant, isoOf, PAGE_PARAMETERS, pageSchema } from './fields.ts'
import { findIngestion } from './find-ingestions.ts'
import { ingestionSchema, toIngestion } from './ingestion-view.ts'
import { ingestionParams } from './ingestions.ts'
import { runSchema, toRun } from './run-view.ts'
import { setPaused } from './schedules.ts'

const runBody = z
  .object({
    force: z.boolean().optional().meta({ description: 'Ignores what was processed.' }),
    threshold: z.number().min(0).max(100).optional().meta({ description: 'Of the gate, for this run.' }),
    workers: z.int().min(1).max(64).optional(),
  })
  .strict()
  .optional()
  .meta({ id: 'RunRequest', description: 'How this one run differs.' })

const schema = z
  .object({
    id: z.string(),
    dataset: z.string(),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    firstSeenAt: instant('When a batch first had it.'),
  })
  .meta({ id: 'SchemaVersion', description: 'A schema that a dataset had from some time on.' })

export function driveIngestionRoutes(): Route[] {
  return [runIngestion(), pauseIngestion('pause'), pauseIngestion('resume'), listSchemas()]
}

function runIngestion(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/ingestions/{id}/run',
    operationId: 'runIngestion',
    tag: 'Ingestions',
    summary: 'Runs it as soon as its source is free',
    scope: 'run',
    idempotent: true,
    audit: 'ingestion.run',
    params: ingestionParams,
    body: runBody,
    replies: { 202: { description: 'A run was made; follow it at `/api/v1/runs/{id}`.', schema: runSchema } },
    problems: { 404: ['INGESTION_UNKNOWN'], 409: ['INGESTION_INVALID'] },
    async handle({ params: { id }, body, actor, services }) {
      const { source } = await findIngestion(services, id)
      if (source === undefined) throw invalidNow()
      const job = await createJob(services, { command: 'ingest', source: id, args: argsOf(body), by: actor.name })
      return { status: 202, body: toRun(job), headers: { location: `/api/v1/runs/${encodeURIComponent(job.id)}` } }
    },
  })
}

export function invalidNow(): RequestProblem {
  return new RequestProblem(409, 'INGESTION_INVALID', 'The ingestion breaks a rule; read it to see which.')
}

function argsOf({ force, threshold, workers }: NonNullable<z.output<typeof runBody>> = {}): Record<
  string,
  boolean | number
> {
  return {
    ...(force === undefined ? {} : { force }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(workers === undefined ? {} : { workers }),
  }
}

function pauseIngestion(what: 'pause' | 'resume'): Route {
  return route({
    method: 'POST',
    path: `/api/v1/ingestions/{id}/${what}`,
    operationId: `${what}Ingestion`,
    tag: 'Ingestions',
    summary:
      what === 'pause'
        ? 'Its schedule starts nothing until it is resumed'
        : 'Its schedule goes on from now; nothing is caught up',
    scope: 'run',
    idempotent: true,
    audit: `ingestion.${what}`,
    params: ingestionParams,
    replies: { 200: { description: 'As it is now.', schema: ingestionSchema } },
    problems: { 404: ['INGESTION_UNKNOWN'], 409: ['INGESTION_NO_SCHEDULE'], 503: ['SCHEDULE_NOT_READY'] },
    async handle({ params: { id }, actor, services }) {
      const { source, schedule } = await findIngestion(services, id)
      if (source?.schedule === undefined)
        throw new RequestProblem(409, 'INGESTION_NO_SCHEDULE', 'The ingestion has no schedule that could be paused.')
      if (schedule === undefined) {
        services.wake('scheduler')
        throw new RequestProblem(503, 'SCHEDULE_NOT_READY', 'The scheduler has not taken the schedule over yet.', {
          retryAfterSeconds: 1,
        })
      }
      await setPaused(services, schedule.id, what === 'pause' ? actor.name : null)
      const known = await findIngestion(services, id)
      return { status: 200, body: toIngestion(known, services.config(), services.nowMs()) }
    },
  })
}

function listSchemas(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/ingestions/{id}/schemas',
    operationId: 'listIngestionSchemas',
    tag: 'Ingestions',
    summary: 'Schemas that its datasets had',
    scope: 'read',
    params: ingestionParams,
    query: z.object({ ...PAGE_PARAMETERS, dataset: z.string().min(1).max(400).optional() }),
    replies: { 200: { description: 'Newest first.', schema: pageSchema('SchemaPage', schema) } },
    problems: { 404: ['INGESTION_UNKNOWN'] },
    async handle({ params: { id }, query, services }) {
      await findIngestion(services, id)
      const found = (await services.state.listSchemas({ source: id, dataset: query.dataset })).toReversed()
      const page = pageOfWhole(found, query, (one) => `${one.location} ${one.dataset} ${one.seq}`)
      const items = page.items.map(({ id: schemaId, dataset, columns, firstSeenMs }) => ({
        id: schemaId,
        dataset,
        columns: columns.map(({ name, type }) => ({ name, type })),
        firstSeenAt: isoOf(firstSeenMs),
      }))
      return { status: 200, body: { items, next: page.next } }
    },
  })
}
