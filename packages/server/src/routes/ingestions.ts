import { renderYaml } from '@tidegate/config'
import { z } from 'zod'
import { etagOf } from '../api/etag.ts'
import { route, type Route, type RouteReply } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { pageOfWhole } from './cursor.ts'
import { choicesParameter, PAGE_PARAMETERS, pageSchema } from './fields.ts'
import { findIngestion, findIngestions } from './find-ingestions.ts'
import { INGESTION_STATES, ingestionSchema, toIngestion, type KnownIngestion } from './ingestion-view.ts'
import { MASK, maskEntry } from './mask-entry.ts'

export const ingestionParams: z.ZodObject<{ id: z.ZodString }> = z.object({
  id: z
    .string()
    .min(1)
    .max(400)
    .meta({ examples: ['orders'] }),
})

export function ingestionRoutes(): Route[] {
  return [listIngestions(), getIngestion(), exportIngestion()]
}

function listIngestions(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/ingestions',
    operationId: 'listIngestions',
    tag: 'Ingestions',
    summary: 'Ingestions of the configuration and of the API',
    scope: 'read',
    query: z.object({
      ...PAGE_PARAMETERS,
      state: choicesParameter(INGESTION_STATES, 'Only those in these states.'),
      origin: z.enum(['file', 'api']).optional(),
    }),
    replies: { 200: { description: 'By name.', schema: pageSchema('IngestionPage', ingestionSchema) } },
    async handle({ query, services }) {
      const { state, origin } = query
      const all = (await findIngestions(services))
        .map((known) => toIngestion(known, services.config(), services.nowMs()))
        .filter((one) => (state?.includes(one.state) ?? true) && (origin ?? one.origin) === one.origin)
      return { status: 200, body: pageOfWhole(all, query, ({ id }) => id) }
    },
  })
}

function getIngestion(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/ingestions/{id}',
    operationId: 'getIngestion',
    tag: 'Ingestions',
    summary: 'One ingestion',
    scope: 'read',
    params: ingestionParams,
    query: z.object({
      format: z.enum(['json', 'yaml']).default('json').meta({ description: '`yaml`: as `/yaml` gives it.' }),
    }),
    replies: { 200: { description: 'The ingestion.', schema: ingestionSchema, textType: 'application/yaml' } },
    problems: { 404: ['INGESTION_UNKNOWN'] },
    async handle({ params: { id }, query: { format }, services }) {
      const known = await findIngestion(services, id)
      if (format === 'yaml') return yamlOf(known, services)
      const body = toIngestion(known, services.config(), services.nowMs())
      // The ETag is that of the entry: last run and next instants move without it, so a reader is never told `304` by it.
      return {
        status: 200,
        body,
        ...(known.record === undefined ? {} : { headers: { etag: etagOf(known.record.version) } }),
      }
    },
  })
}

function exportIngestion(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/ingestions/{id}/yaml',
    operationId: 'exportIngestion',
    tag: 'Ingestions',
    summary: 'As YAML for `tidegate.yaml`, without secrets',
    scope: 'read',
    params: ingestionParams,
    replies: { 200: { description: 'A part of `tidegate.yaml`.', schema: z.string(), type: 'application/yaml' } },
    problems: { 404: ['INGESTION_UNKNOWN'] },
    description:
      'Of one in `tidegate.yaml`: what is in force, defaults and overlays included. If-None-Match is honoured for those made by API.',
    handle: async ({ params: { id }, services }) => yamlOf(await findIngestion(services, id), services),
  })
}

/** It depends on the entry alone, so the version of an entry is its ETag, and whoever has it is told `304`. */
function yamlOf({ id, record }: KnownIngestion, services: Services): RouteReply {
  const entry = record?.entry ?? services.fileEntry(id)
  if (entry === undefined) throw new RequestProblem(404, 'INGESTION_UNKNOWN', 'There is no ingestion of this name.')
  const yaml = renderYaml({ sources: { [id]: maskEntry(entry) } })
  const note = yaml.includes(MASK) ? `# ${MASK} stands for a secret: put a variable such as \${NAME} there.\n` : ''
  return {
    status: 200,
    text: note + yaml,
    headers: { 'content-type': 'application/yaml; charset=utf-8' },
    version: record?.version,
  }
}
