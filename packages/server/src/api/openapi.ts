import type { JsonValue } from '@tidegate/core'
import { z } from 'zod'
import { COMMON_PROBLEMS } from './problem-codes.ts'
import type { Route } from './route.ts'
import { problemSchema } from './schemas.ts'
import { schemaCollector, type JsonSchema, type SchemaCollector } from './schema-collector.ts'

/** Of the API, not of the product: grows with it, and `/api/v1` stays while nothing is taken away. */
export const API_VERSION = '1.0.0'

export type OpenApiDocument = Readonly<Record<string, JsonValue>>

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The OpenAPI 3.1 document of these routes: the same for the same routes, whatever their order. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const schemas = schemaCollector()
  const problem = schemas.add(problemSchema, 'output')
  const sorted = routes.toSorted(
    (a, b) => compare(a.path, b.path) || METHODS.indexOf(a.method) - METHODS.indexOf(b.method),
  )
  const paths: Record<string, Record<string, JsonValue>> = {}
  for (const route of sorted)
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, schemas, problem)
  const tags = [...new Set(sorted.map(({ tag }) => tag))].toSorted(compare)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tidegate',
      version: API_VERSION,
      summary: 'Ingestions, runs, schedules, alerts and what they found.',
      description:
        'Whatever is refused is answered with problem details (RFC 9457) and a stable code. Lists give `next`, which asks for ' +
        'the page after. See docs/http-api.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.all(),
      responses: Object.fromEntries(
        Object.entries(COMMON_PROBLEMS).map(([status, { description }]) => [
          `Problem${status}`,
          problemResponse(description, problem),
        ]),
      ),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of `tidegate token create`: `tg_<id>_<secret>`.',
        },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'tg_session',
          description:
            'Of `POST /api/v1/session`. Whatever changes something needs the header `x-csrf-token` with it, which ' +
            '`GET /api/v1/session` tells.',
        },
      },
    },
  }
}

function operationOf(route: Route, schemas: SchemaCollector, problem: JsonSchema): JsonValue {
  const parameters = [
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
    ...headersOf(route),
  ]
  const scope = route.scope === 'open' ? 'No token is needed.' : `Needs the scope \`${route.scope}\`.`
  const description = route.description === undefined ? scope : `${route.description}\n\n${scope}`
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description,
    security: route.scope === 'open' ? [] : [{ bearer: [] }, { cookie: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: bodyOf(route, route.body, schemas) }),
    responses: { ...repliesOf(route, schemas), ...problemsOf(route, problem) },
    'x-tidegate-scope': route.scope,
  }
}

function parametersOf(shape: z.ZodObject | undefined, place: 'path' | 'query', schemas: SchemaCollector): JsonValue[] {
  return Object.entries(shape?.shape ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schemas.add(schema as z.ZodType, 'parameter') as JsonSchema & {
      description?: string
    }
    const isRequired = place === 'path' || !(schema as z.ZodType).safeParse(undefined).success
    return {
      name,
      in: place,
      required: isRequired,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    }
  })
}

function headersOf(route: Route): JsonValue[] {
  const header = (name: string, description: string, schema: JsonSchema): JsonValue => ({
    name,
    in: 'header',
    required: false,
    description,
    schema,
  })
  const found: JsonValue[] = []
  if (route.idempotent === true)
    found.push(
      header(
        'Idempotency-Key',
        'The same request with the same key has one effect, and is answered the same for a day.',
        {
          type: 'string',
          minLength: 1,
          maxLength: 200,
        },
      ),
    )
  if (['PUT', 'PATCH', 'DELETE'].includes(route.method) && route.path.includes('{'))
    found.push(
      header('If-Match', 'The ETag that was read: refused with 412 where it is another by now.', { type: 'string' }),
    )
  if (Object.values(route.replies).some(({ type }) => type?.startsWith('text/event-stream')))
    found.push(header('Last-Event-ID', 'Goes on after this event.', { type: 'string' }))
  return found
}

function bodyOf(route: Route, schema: z.ZodType, schemas: SchemaCollector): JsonValue {
  const example = route.example === undefined ? {} : { example: route.example }
  return {
    required: !schema.safeParse(undefined).success,
    content: { 'application/json': { schema: schemas.add(schema, 'input'), ...example } },
  }
}

function repliesOf(route: Route, schemas: SchemaCollector): Record<string, JsonValue> {
  const found: Record<string, JsonValue> = {}
  for (const [status, { description, schema, type = 'application/json', textType }] of Object.entries(route.replies)) {
    const text = textType === undefined ? {} : { [textType]: { schema: { type: 'string' } } }
    const content = schema === undefined ? undefined : { [type]: { schema: schemas.add(schema, 'output') }, ...text }
    found[status] = { description, ...(content === undefined ? {} : { content }) }
  }
  return found
}

/** What it may be refused with: the common ones that apply, and its own with their codes. */
function problemsOf(route: Route, problem: JsonSchema): Record<string, JsonValue> {
  const takes = route.params !== undefined || route.query !== undefined || route.body !== undefined
  const applies: Readonly<Record<string, boolean>> = {
    400: takes,
    401: route.scope !== 'open',
    403: route.scope !== 'open' || route.method !== 'GET',
    404: route.path.includes('{'),
    413: route.body !== undefined,
    415: route.body !== undefined,
    429: route.unlimited !== true,
    503: true,
  }
  const found: Record<string, JsonValue> = {}
  for (const [status, isCommon] of Object.entries(applies))
    if (isCommon) found[status] = { $ref: `#/components/responses/Problem${status}` }
  if (route.idempotent === true) {
    found['409'] = problemResponse('`HTTP_IDEMPOTENCY_RUNNING`.', problem)
    found['422'] = problemResponse('`HTTP_IDEMPOTENCY_KEY`.', problem)
  }
  for (const [status, codes] of Object.entries(route.problems ?? {})) {
    const own = codes.map((code) => `\`${code}\``).join(', ')
    const known = route.idempotent === true ? IDEMPOTENCY[status] : undefined
    const common = applies[status] === true ? COMMON_PROBLEMS[status]?.description : known
    found[status] = problemResponse(common === undefined ? `${own}.` : `${own}. ${common}`, problem)
  }
  return found
}

const IDEMPOTENCY: Readonly<Record<string, string>> = {
  409: '`HTTP_IDEMPOTENCY_RUNNING`.',
  422: '`HTTP_IDEMPOTENCY_KEY`.',
}

function problemResponse(description: string, problem: JsonSchema): JsonValue {
  return { description, content: { 'application/problem+json': { schema: problem } } }
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
