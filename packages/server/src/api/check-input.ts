import type { z } from 'zod'
import { RequestProblem, type FieldError } from '../http/problem.ts'
import { isCleanText } from './read-json-body.ts'
import type { Route } from './route.ts'

export interface CheckedInput {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

export interface RawInput {
  readonly params: Readonly<Record<string, string>>
  readonly query: string
  readonly body: unknown
}

const LONGEST_TEXT = 4096
const MOST_PARAMETERS = 200
const MOST_ERRORS = 50

/** What a request has to say, by the schemas of its route. @throws {RequestProblem} 400 with all fields that are wrong */
export function inputChecker(route: Route): (raw: RawInput) => CheckedInput {
  // Made once: strict objects are new schemas.
  const params = route.params?.strict()
  const query = route.query?.strict()
  return (raw) => {
    const errors: FieldError[] = []
    const look = (schema: z.ZodType | undefined, value: unknown, place: string): unknown => {
      if (schema === undefined) return undefined
      const found = schema.safeParse(value)
      if (found.success) return found.data
      for (const issue of found.error.issues) errors.push(...fieldErrors(issue, place))
      return undefined
    }
    const values = readParameters(raw.query)
    if (query === undefined) for (const name of Object.keys(values)) errors.push(unknownField('query', name))
    for (const [name, value] of Object.entries(raw.params))
      if (!isCleanText(value)) errors.push({ path: `path.${name}`, message: 'is no valid text' })
    if (route.body === undefined && raw.body !== undefined && !isEmpty(raw.body))
      errors.push({ path: 'body', message: 'is not expected here' })
    const checked = {
      params: look(params, { ...raw.params }, 'path'),
      query: look(query, values, 'query'),
      body: look(route.body, raw.body, 'body'),
    }
    if (errors.length === 0) return checked
    const isBody = errors.every(({ path }) => /^body\b/.test(path))
    throw new RequestProblem(400, isBody ? 'HTTP_BODY' : 'HTTP_PARAMETER', sentenceOf(errors), {
      errors: errors.slice(0, MOST_ERRORS),
    })
  }
}

function isEmpty(body: unknown): boolean {
  return body === null || (typeof body === 'object' && Object.keys(body).length === 0)
}

/** Of names that stand several times, all values in an array. */
function readParameters(query: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  let count = 0
  for (const [name, value] of new URLSearchParams(query)) {
    if (++count > MOST_PARAMETERS) throw refusal(`More than ${MOST_PARAMETERS} parameters.`)
    if (name.length > LONGEST_TEXT || value.length > LONGEST_TEXT || !isCleanText(name) || !isCleanText(value))
      throw refusal('A parameter is too long, or holds text that is none.')
    const known = found[name]
    found[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value]
  }
  return { ...found }
}

function refusal(detail: string): RequestProblem {
  return new RequestProblem(400, 'HTTP_PARAMETER', detail)
}

function fieldErrors(issue: z.core.$ZodIssue, place: string): readonly FieldError[] {
  const path = [place, ...issue.path.map(String)].join('.').slice(0, 200)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(path, key))
  return [{ path, message: issue.message.replace(/^Invalid input: /, '') }]
}

function unknownField(place: string, name: string): FieldError {
  return { path: `${place}.${name.slice(0, 80)}`, message: 'is not known here' }
}

function sentenceOf(errors: readonly FieldError[]): string {
  const [first] = errors
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return `The request is not as it should be: ${first?.path ?? ''} ${first?.message ?? ''}${more}.`
}
