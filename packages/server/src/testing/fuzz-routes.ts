/**
 * Sends to every operation of an OpenAPI document what its schemas allow, and what they do not, and looks at the answers:
 *
 *   (1) no answer is 500 or above;
 *   (2) from 400 on it is problem details with a code and its own status, and nothing of the inside;
 *   (3) what was refused changed nothing;
 *   (4) an answer that is no refusal has a status that the document lists, and the form that it gives for it.
 *
 * The same seed sends the same requests.
 */
import type { JsonValue } from '@tidegate/core'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { arbitraryOf, type Schema } from './arbitrary-of.ts'
import { brokenFrom, ODD_BODIES, ODD_HEADERS, ODD_PARTS } from './hostile-values.ts'

export interface FuzzRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload?: string | Buffer | undefined
}

export interface FuzzAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
}

export interface FuzzOptions {
  readonly document: Readonly<Record<string, JsonValue>>
  readonly send: (request: FuzzRequest) => Promise<FuzzAnswer>
  /** The header `Authorization` of somebody who may do everything; asked again after a 401. */
  readonly authorize: () => Promise<string>
  /** A text that differs after something changed that a refusal may not change. */
  readonly changes: () => Promise<string>
  /** Values of path parameters that exist, by name; else they are made up. */
  readonly known?: Readonly<Record<string, readonly string[]>> | undefined
  /** @defaultValue 40 */
  readonly perOperation?: number | undefined
  /** @defaultValue 1 */
  readonly seed?: number | undefined
}

export interface FuzzReport {
  readonly requests: number
  /** How often each status was answered, by operation. */
  readonly statuses: Readonly<Record<string, Readonly<Record<number, number>>>>
  /** What should not be; empty where all is well. */
  readonly faults: readonly string[]
}

interface Operation {
  readonly id: string
  readonly method: FuzzRequest['method']
  readonly path: string
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: Schema
  }[]
  readonly body: Schema | undefined
  readonly replies: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}

const MOST_FAULTS = 20

export async function fuzzRoutes(options: FuzzOptions): Promise<FuzzReport> {
  const { document, send, changes, perOperation = 40, seed = 1 } = options
  const components = (document['components'] as unknown as { schemas: Readonly<Record<string, Schema>> }).schemas
  const validate = replyValidator(components)
  const statuses: Record<string, Record<number, number>> = {}
  const faults: string[] = []
  let requests = 0
  let authorization = await options.authorize()
  let before = await changes()
  for (const operation of operationsOf(document)) {
    // What streams does not end by itself.
    if (Object.values(operation.replies).some(({ content }) => content?.['text/event-stream'] !== undefined)) continue
    const made = fc.sample(requestOf(operation, components, options.known ?? {}), { seed, numRuns: perOperation })
    for (const one of made) {
      const answer = await send({ ...one, headers: { authorization, ...one.headers } })
      requests++
      const counts = (statuses[operation.id] ??= {})
      counts[answer.status] = (counts[answer.status] ?? 0) + 1
      const after = await changes()
      const found = [...judge(answer, after !== before), ...validate(operation, answer)]
      before = after
      for (const fault of found) if (faults.length < MOST_FAULTS) faults.push(`${shown(one)}: ${fault}`)
      if (answer.status === 401 && one.headers['authorization'] === undefined) authorization = await options.authorize()
    }
  }
  return { requests, statuses, faults }
}

function judge({ status, type, body }: FuzzAnswer, hasChanged: boolean): string[] {
  const faults: string[] = []
  if (status >= 500) faults.push(`answered ${status}: ${body.slice(0, 200)}`)
  if (status < 400) return faults
  if (hasChanged) faults.push(`refused with ${status}, and something changed`)
  if (!type.startsWith('application/problem+json')) return [...faults, `refused with ${status} as ${type}`]
  const problem = JSON.parse(body) as Readonly<Record<string, unknown>>
  if (problem['status'] !== status || typeof problem['code'] !== 'string' || typeof problem['detail'] !== 'string')
    faults.push(`refused without status, code or detail: ${body.slice(0, 200)}`)
  if (/node_modules|\bat .+\.(?:ts|js):\d+|SQLITE_|"issues"/.test(body))
    faults.push(`tells of the inside: ${body.slice(0, 300)}`)
  return faults
}

/** Faults of answers that are no refusal. */
function replyValidator(
  components: Readonly<Record<string, Schema>>,
): (operation: Operation, answer: FuzzAnswer) => string[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false })
  ajv.addSchema({ $id: 'https://tidegate.invalid/openapi', components: { schemas: components } })
  const compiled = new Map<string, ValidateFunction>()
  return ({ id, replies }, { status, type, body }) => {
    if (status >= 400 || status === 304) return []
    const reply = replies[status]
    if (reply === undefined) return [`answered ${status}, which its document does not list`]
    const schema = reply.content?.['application/json']?.schema
    if (schema === undefined || !type.startsWith('application/json')) return []
    const key = `${id} ${status}`
    const known = compiled.get(key) ?? ajv.compile(absolute(schema) as object)
    compiled.set(key, known)
    if (known(JSON.parse(body))) return []
    const [first] = known.errors ?? []
    return [
      `answered ${status} in another form than its document says: ${first?.instancePath ?? ''} ${first?.message ?? ''}`,
    ]
  }
}

function absolute(schema: unknown): unknown {
  return JSON.parse(
    JSON.stringify(schema).replaceAll('"#/components/', '"https://tidegate.invalid/openapi#/components/'),
  )
}

function operationsOf(document: Readonly<Record<string, JsonValue>>): readonly Operation[] {
  const paths = document['paths'] as unknown as Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => {
      const content = (one['requestBody'] as { content?: Record<string, { schema: Schema }> } | undefined)?.content
      return {
        id: String(one['operationId']),
        method: method.toUpperCase() as FuzzRequest['method'],
        path,
        parameters: (one['parameters'] ?? []) as Operation['parameters'],
        body: content?.['application/json']?.schema,
        replies: one['responses'] as Operation['replies'],
      }
    }),
  )
}

/** A third as it should be; of the others one thing is wrong, or several. */
function requestOf(
  operation: Operation,
  components: Readonly<Record<string, Schema>>,
  known: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<FuzzRequest> {
  const { method, path, parameters, body } = operation
  const rarely = <Value>(odd: fc.Arbitrary<Value>, usual: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
    fc.oneof({ weight: 1, arbitrary: odd }, { weight: 4, arbitrary: usual })
  const part = (name: string, schema: Schema): fc.Arbitrary<string> => {
    const there = known[name]
    const good =
      there === undefined ? arbitraryOf(schema, components).map(encoded) : fc.constantFrom(...there).map(encoded)
    return rarely(fc.constantFrom(...ODD_PARTS), good)
  }
  const inPath = parameters.filter((one) => one.in === 'path')
  const inQuery = parameters.filter((one) => one.in === 'query')
  const url = fc
    .tuple(
      fc.tuple(...inPath.map(({ name, schema }) => part(name, schema))),
      fc.tuple(
        ...inQuery.map(({ schema, required }) =>
          fc.option(part('', schema), { freq: required ? 20 : 1, nil: undefined }),
        ),
      ),
      rarely(fc.constantFrom('unheard=of', '__proto__=1', 'limit=1&limit=2', '%zz=%zz', 'a[b]=c'), fc.constant('')),
    )
    .map(([parts, values, more]) => {
      const filled = inPath.reduce((text, { name }, at) => text.replace(`{${name}}`, () => parts[at] ?? 'x'), path)
      const query = inQuery.flatMap(({ name }, at) => (values[at] === undefined ? [] : [`${name}=${values[at]}`]))
      const text = [...query, ...(more === '' ? [] : [more])].join('&')
      return text === '' ? filled : `${filled}?${text}`
    })
  const good =
    body === undefined ? fc.constant(undefined) : arbitraryOf(body, components).map((value) => JSON.stringify(value))
  const broken =
    body === undefined
      ? fc.constantFrom<string | Buffer | undefined>('{}', '{"a":1}', '{')
      : fc.oneof(
          {
            weight: 3,
            arbitrary: brokenFrom(arbitraryOf(body, components)).map((value): string | Buffer => JSON.stringify(value)),
          },
          { weight: 1, arbitrary: fc.constantFrom<string | Buffer>(...ODD_BODIES) },
        )
  const payload = method === 'GET' ? fc.constant(undefined) : fc.oneof(good, broken)
  const headers = rarely<Readonly<Record<string, string>>>(fc.constantFrom(...ODD_HEADERS), fc.constant({}))
  return fc.tuple(url, payload, headers).map(([address, content, extra]) => ({
    method,
    url: address,
    headers: content === undefined ? extra : { 'content-type': 'application/json', ...extra },
    payload: content,
  }))
}

function encoded(value: JsonValue): string {
  const text = typeof value === 'string' ? value : Array.isArray(value) ? String(value[0] ?? '') : JSON.stringify(value)
  return encodeURIComponent(text.toWellFormed()) || 'x'
}

function shown({ method, url, headers, payload }: FuzzRequest): string {
  const { authorization: _hidden, ...rest } = headers
  return `${method} ${url.slice(0, 200)} ${JSON.stringify(rest).slice(0, 200)} ${String(payload ?? '').slice(0, 200)}`
}
