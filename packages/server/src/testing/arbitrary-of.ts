import type { JsonValue } from '@tidegate/core'
import * as fc from 'fast-check'

export type Schema = Readonly<Record<string, unknown>>

const DEEPEST = 5

/** Values that a JSON Schema (as our OpenAPI document has them) allows. */
export function arbitraryOf(
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
  depth = 0,
): fc.Arbitrary<JsonValue> {
  const inner = (one: unknown): fc.Arbitrary<JsonValue> => arbitraryOf(one as Schema, components, depth + 1)
  const { $ref, enum: choices, anyOf, oneOf, allOf, type } = schema
  if (typeof $ref === 'string')
    return arbitraryOf(components[$ref.split('/').at(-1) ?? ''] ?? {}, components, depth + 1)
  if ('const' in schema) return fc.constant(schema['const'] as JsonValue)
  if (Array.isArray(choices)) return fc.constantFrom(...(choices as JsonValue[]))
  const union = anyOf ?? oneOf
  if (Array.isArray(union)) return fc.oneof(...(depth > DEEPEST ? union.slice(0, 1) : union).map(inner))
  if (Array.isArray(allOf))
    return fc.tuple(...allOf.map(inner)).map((parts) => Object.assign({}, ...parts) as JsonValue)
  if (Array.isArray(type)) return fc.oneof(...type.map((one: unknown) => inner({ ...schema, type: one })))
  switch (type) {
    case 'object':
      return objectOf(schema, inner, depth)
    case 'array':
      return fc.array(inner(schema['items'] ?? {}), {
        minLength: numberOr(schema['minItems'], 0),
        maxLength: Math.min(numberOr(schema['maxItems'], 3), depth > DEEPEST ? 0 : 3),
      })
    case 'string':
      return textOf(schema)
    case 'integer':
      return fc.integer({ min: numberOr(schema['minimum'], -1000), max: numberOr(schema['maximum'], 1000) })
    case 'number':
      return fc.double({ min: numberOr(schema['minimum'], -1000), max: numberOr(schema['maximum'], 1000), noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.constantFrom<JsonValue>(null, true, 1, 'x', [], {})
  }
}

function objectOf(
  schema: Schema,
  inner: (one: unknown) => fc.Arbitrary<JsonValue>,
  depth: number,
): fc.Arbitrary<JsonValue> {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>
  const required = (schema['required'] ?? []) as readonly string[]
  const names = Object.keys(properties).filter((name) => depth < DEEPEST || required.includes(name))
  const model = Object.fromEntries(names.map((name) => [name, inner(properties[name])]))
  const own = fc.record(model, { requiredKeys: names.filter((name) => required.includes(name)), noNullPrototype: true })
  const more = schema['additionalProperties']
  if (typeof more !== 'object' || more === null || depth > DEEPEST) return own
  const extra = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), inner(more), { maxKeys: 2, noNullPrototype: true })
  return fc.tuple(own, extra).map(([left, right]) => ({ ...right, ...left }))
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  if (schema['format'] === 'date-time')
    return fc
      .date({ min: new Date('2026-01-01T00:00:00Z'), max: new Date('2027-12-31T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString())
  if (typeof schema['pattern'] === 'string') return fc.stringMatching(new RegExp(schema['pattern']))
  const minLength = numberOr(schema['minLength'], 0)
  const maxLength = Math.max(minLength, Math.min(numberOr(schema['maxLength'], 20), 20))
  return fc.string({ minLength, maxLength })
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
