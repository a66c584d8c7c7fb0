import { z } from 'zod'
import { toJson, type JsonValue } from '@tidegate/core'
import { configSchema } from './config-schema.ts'
import { contractSchema } from './contract-schema.ts'
import type { SchemaNode } from './known-keys.ts'

type JsonObject = Record<string, JsonValue>

/** JSON Schema (draft 7) of `tidegate.yaml`, for editors. Where a number stands, `"${VARIABLE}"` may stand too. */
export function configJsonSchema(): JsonObject {
  const schema = generate(configSchema, 'Tidegate configuration', true)
  const properties = schema['properties'] as JsonObject
  properties['environments'] = {
    description: 'Overlays chosen by --env: any keys of this file, merged over it.',
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: withoutRequired(properties),
      additionalProperties: false,
    },
  }
  return { ...schema, required: ['version', 'sources'] }
}

/** JSON Schema (draft 7) of a contract file, for editors. */
export function contractJsonSchema(): JsonObject {
  return generate(contractSchema, 'Tidegate data contract', false)
}

/** The same, only for looking up which keys there are. */
export function configKeySchema(): SchemaNode {
  return configJsonSchema() as SchemaNode
}

export function contractKeySchema(): SchemaNode {
  return contractJsonSchema() as SchemaNode
}

function generate(schema: z.ZodType, title: string, variables: boolean): JsonObject {
  const generated = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      if (!variables || !['number', 'integer', 'boolean'].includes(String(jsonSchema.type))) return
      if (jsonSchema.const !== undefined) return
      const { description, default: fallback, ...plain } = jsonSchema
      for (const key of Object.keys(plain)) Reflect.deleteProperty(jsonSchema, key)
      jsonSchema.anyOf = [plain, { type: 'string', pattern: '\\$\\{' }]
      if (description !== undefined) jsonSchema.description = description
      if (fallback !== undefined) jsonSchema.default = fallback
    },
  })
  const { $schema, ...rest } = toJson(generated) as JsonObject
  return { $schema: $schema ?? '', title, ...rest }
}

function withoutRequired(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => withoutRequired(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !(key === 'required' && Array.isArray(item)))
      .map(([key, item]) => [key, withoutRequired(item ?? null)]),
  )
}
