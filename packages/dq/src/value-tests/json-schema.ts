/**
 * JSON Schema as Python's `jsonschema.validate` sees it: the draft named by `$schema`, 2020-12 without one; formats are not
 * asserted; patterns are Python's. Nothing is fetched: a `$ref` that leads outside makes the schema unusable.
 */
import type { Options, ValidateFunction } from 'ajv'
import type { JsonValue } from '@tidegate/core'
import { translateToScript } from '../python-regex/translate-pattern.ts'
import { isMap } from '../json-map.ts'
import { schemaForAjv } from './json-schema-dialect.ts'
import { parsePythonJson } from './python-json.ts'
import type { PreparedTest } from './prepare-test.ts'

/** True for texts that are JSON and fit the schema. @throws if the schema is none, or asks for what cannot be done */
export async function prepareJsonSchema(schema: JsonValue): Promise<PreparedTest> {
  const { draft, known } = draftOf(schema)
  const refStandsAlone = draft !== '2019-09' && draft !== '2020-12'
  const usable = schemaForAjv(known ? schema : withoutDialect(schema), refStandsAlone)
  const validate = await compileSchema(usable, draft)
  return (text) => {
    const parsed = parsePythonJson(text)
    return parsed.kind === 'value' && validate(parsed.value)
  }
}

type Draft = '04' | '06' | '07' | '2019-09' | '2020-12'

/** A dialect that nobody knows is taken for the newest one, as Python does. */
function draftOf(schema: JsonValue): { readonly draft: Draft; readonly known: boolean } {
  const named = isMap(schema) ? schema['$schema'] : undefined
  if (typeof named !== 'string') return { draft: '2020-12', known: true }
  const match = /^https?:\/\/json-schema\.org\/(?:draft-(03|04|06|07)|draft\/(2019-09|2020-12))\/schema#?$/.exec(named)
  const draft = match?.[1] ?? match?.[2]
  if (draft === '03') throw new Error('JSON Schema draft 3 is not supported; 4, 6, 7, 2019-09 and 2020-12 are')
  return draft === undefined ? { draft: '2020-12', known: false } : { draft: draft as Draft, known: true }
}

function withoutDialect(schema: JsonValue): JsonValue {
  return isMap(schema) ? Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema')) : schema
}

async function compileSchema(schema: JsonValue, draft: Draft): Promise<ValidateFunction> {
  const usable = typeof schema === 'boolean' ? schema : isMap(schema) ? schema : undefined
  if (usable === undefined) throw new Error('a JSON schema is a map, or true or false')
  switch (draft) {
    case '04':
      return new (await import('ajv-draft-04')).default.default(OPTIONS).compile(usable)
    case '06':
    case '07': {
      const ajv = new (await import('ajv')).Ajv(OPTIONS)
      if (draft === '06')
        ajv.addMetaSchema((await import('ajv/dist/refs/json-schema-draft-06.json', { with: { type: 'json' } })).default)
      return ajv.compile(usable)
    }
    case '2019-09':
      return new (await import('ajv/dist/2019.js')).Ajv2019(OPTIONS).compile(usable)
    case '2020-12':
      return new (await import('ajv/dist/2020.js')).Ajv2020(OPTIONS).compile(usable)
  }
}

const pythonPatterns: NonNullable<NonNullable<Options['code']>['regExp']> = Object.assign(
  (pattern: string): RegExp => {
    const translated = translateToScript(pattern)
    if (translated.kind === 'problem') throw new Error(`the pattern ${JSON.stringify(pattern)} ${translated.message}`)
    return new RegExp(translated.source, translated.flags)
  },
  { code: 'pythonPatterns' },
)

const OPTIONS: Options = {
  // Unknown keywords mean nothing, as the standard says.
  strict: false,
  // 1e400 is a number in Python.
  strictNumbers: false,
  validateFormats: false,
  ownProperties: true,
  logger: false,
  code: { regExp: pythonPatterns },
}
