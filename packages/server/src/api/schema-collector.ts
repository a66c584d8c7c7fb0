import { stringifyJson, type JsonValue } from '@tidegate/core'
import { z } from 'zod'

export type JsonSchema = Readonly<Record<string, JsonValue>>

/** `parameter`: as it stands in an address, though with the type that the text is read as. */
export type SchemaUse = 'input' | 'output' | 'parameter'

/** Turns zod schemas into JSON Schema; those with an id (`.meta({ id })`) are collected and referred to. */
export interface SchemaCollector {
  /** The schema, or a reference to it. */
  add(schema: z.ZodType, use: SchemaUse): JsonSchema
  /** By name, sorted. */
  all(): Readonly<Record<string, JsonSchema>>
}

const PREFIX = '#/components/schemas/'

export function schemaCollector(): SchemaCollector {
  const known = new Map<string, JsonSchema>()

  /** Under its id, or with a suffix where that is taken by another: what is sent may differ from what is answered. */
  const nameOf = (id: string, schema: JsonSchema, use: SchemaUse): string => {
    const plain = id.startsWith('__') ? 'Json' : id
    const names = [
      plain,
      `${plain}${use === 'input' ? 'Input' : 'Output'}`,
      ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${plain}${n}`),
    ]
    const text = stringifyJson(schema)
    const free = names.find((name) => {
      const taken = known.get(name)
      return taken === undefined || stringifyJson(taken) === text
    })
    if (free === undefined) throw new Error(`the schema ${id} has too many forms`)
    return free
  }
  const collect = (definitions: Readonly<Record<string, JsonSchema>>, use: SchemaUse): Map<string, string> => {
    const renamed = new Map<string, string>()
    for (const [id, schema] of Object.entries(definitions)) {
      // By its text as zod gives it: references inside are by id still, so equal forms are found to be equal.
      const name = nameOf(id, schema, use)
      known.set(name, schema)
      renamed.set(id, name)
    }
    return renamed
  }
  return {
    add(schema, use) {
      const made = convert(schema, use)
      const { $defs = {}, ...rest } = made as JsonSchema & { readonly $defs?: Record<string, JsonSchema> }
      const clean = Object.fromEntries(Object.entries($defs).map(([id, one]) => [id, withoutId(one)]))
      const first = relink(clean, (id) => (id.startsWith('__') ? 'Json' : id)) as Record<string, JsonSchema>
      const renamed = collect(first, use)
      return relink(rest, (id) => renamed.get(id) ?? id) as JsonSchema
    },
    all: () => Object.fromEntries([...known].toSorted(([left], [right]) => (left < right ? -1 : 1))),
  }
}

/** Wrapped, so that a schema with an id is a reference even where it is the root. */
function convert(schema: z.ZodType, use: SchemaUse): JsonSchema {
  const io = use === 'output' ? 'output' : 'input'
  const made = z.toJSONSchema(z.object({ root: schema }), {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // What the format says already, in 250 characters.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
  })
  const { properties, $defs } = made as unknown as {
    readonly properties: { readonly root: JsonSchema }
    readonly $defs?: Record<string, JsonSchema>
  }
  return { ...properties.root, ...($defs === undefined ? {} : { $defs }) }
}

function withoutId(schema: JsonSchema): JsonSchema {
  const { id: _id, ...rest } = schema
  return typeof schema['id'] === 'string' ? rest : schema
}

function relink(value: JsonValue, nameOf: (id: string) => string): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => relink(item, nameOf))
  if (typeof value !== 'object' || value === null) return value
  const linked: Record<string, JsonValue> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const [, id] = key === '$ref' && typeof item === 'string' ? (/^#\/\$defs\/(.+)$/.exec(item) ?? []) : []
    linked[key] = id === undefined ? relink(item, nameOf) : `${PREFIX}${nameOf(id)}`
  }
  return linked
}
