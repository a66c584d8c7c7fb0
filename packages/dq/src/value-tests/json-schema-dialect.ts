import { isMap } from '../json-map.ts'
import type { JsonValue } from '@tidegate/core'

/**
 * The schema without what Ajv would read into it and Python does not: `nullable` and `$async` are no keywords of JSON Schema,
 * and up to draft 7 nothing beside a `$ref` counts. @throws for what Ajv would not look at
 */
export function schemaForAjv(schema: JsonValue, refStandsAlone: boolean): JsonValue {
  if (!isMap(schema)) return schema
  const { $ref } = schema
  if (refStandsAlone && typeof $ref === 'string') return { $ref, ...kept(schema, refStandsAlone) }
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, JsonValue][] => {
    if (value === undefined || FOREIGN.has(keyword)) return []
    return [[keyword, partForAjv(keyword, value, refStandsAlone)]]
  })
  return Object.fromEntries(entries)
}

/** What other references may lead to, and the dialect. */
function kept(
  schema: Readonly<Record<string, JsonValue | undefined>>,
  refStandsAlone: boolean,
): Record<string, JsonValue> {
  const names = ['$schema', 'definitions', '$defs']
  return Object.fromEntries(
    names.flatMap((name): [string, JsonValue][] => {
      const value = schema[name]
      return value === undefined ? [] : [[name, partForAjv(name, value, refStandsAlone)]]
    }),
  )
}

const FOREIGN: ReadonlySet<string> = new Set(['nullable', '$async', 'discriminator'])
/** Keywords whose value is data. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples', 'required', 'dependentRequired'])
/** Keywords whose value holds schemas under names. */
const NAMED: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  'definitions',
  '$defs',
])

function partForAjv(keyword: string, value: JsonValue, refStandsAlone: boolean): JsonValue {
  if (keyword === '$schema' && typeof value === 'string')
    return value.replace(/#$/, '').replace(/(draft-0[467]\/schema)$/, '$1#')
  if (DATA.has(keyword)) return value
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => schemaForAjv(item, refStandsAlone))
  if (!isMap(value)) return value
  if (!NAMED.has(keyword)) return schemaForAjv(value, refStandsAlone)
  // Ajv leaves it out without a word.
  if (Object.hasOwn(value, '__proto__')) throw new Error('a schema of the property __proto__ cannot be tested')
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      Array.isArray(item) ? item : schemaForAjv(item ?? null, refStandsAlone),
    ]),
  )
}
