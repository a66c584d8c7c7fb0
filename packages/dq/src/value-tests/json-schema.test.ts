import { expect, test } from 'vitest'
import type { JsonValue } from '@tidegate/core'
import { prepareJsonSchema } from './json-schema.ts'

/** As `jsonschema.validate` 4.26 answers: schema, texts that fit, texts that do not. */
// prettier-ignore
const FACTS: readonly (readonly [schema: JsonValue, fitting: readonly string[], others: readonly string[]])[] = [
  [{"type": "object", "properties": {"a": {"type": "integer", "minimum": 0}}, "required": ["a"]}, ["{\"a\":1}", "{\"a\":1.0}", "{\"a\":12345678901234567890}", "{\"a\":1,\"b\":2}"], ["{\"a\":-1}", "{\"a\":1.5}", "{\"a\":\"1\"}", "{}", "[]", "{\"a\":true}", "{\"a\":null}"]],
  [{"type": "string", "pattern": "^\\d+$"}, ["\"12\"", "\"12\\n\"", "\"\\u0661\""], ["\"1a\"", "12"]],
  [{"type": "string", "pattern": "(?P<y>\\d{4})\\Z"}, ["\"2024\""], ["\"2024\\n\""]],
  [{"format": "email", "type": "string"}, ["\"not\"", "\"a@b.c\""], ["1"]],
  [{"enum": [1, "a", null, true]}, ["1", "1.0", "\"a\"", "null", "true"], ["false", "0"]],
  [{"const": {"a": [1, 2]}}, ["{\"a\":[1,2]}"], ["{\"a\":[2,1]}"]],
  [{"type": ["number", "null"]}, ["1", "null", "NaN", "Infinity", "1e400"], ["\"1\""]],
  [{"type": "number", "maximum": 10}, ["-Infinity", "10"], ["Infinity", "11"]],
  [{"$ref": "#/$defs/x", "$defs": {"x": {"type": "integer"}}}, ["1"], ["\"1\""]],
  [{"$ref": "#/$defs/x", "$defs": {"x": {"type": "integer"}}, "maximum": 5}, ["4"], ["6"]],
  [{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/x", "definitions": {"x": {"type": "integer"}}, "maximum": 5}, ["4", "6"], ["\"a\""]],
  [{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"$ref": {"type": "string"}}}, ["{\"$ref\":\"a\"}"], ["{\"$ref\":1}"]],
  [{"$schema": "http://json-schema.org/draft-06/schema#", "exclusiveMinimum": 3}, ["4"], ["3"]],
  [{"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 3, "exclusiveMinimum": true}, ["4"], ["3"]],
  [{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["a"]}, ["{\"a\":1}"], ["{}"]],
  [{"$schema": "https://json-schema.org/draft/2019-09/schema", "type": "array", "items": [{"type": "integer"}], "additionalItems": false}, ["[1]"], ["[1,2]", "[\"a\"]"]],
  [{"$schema": "https://json-schema.org/draft/2020-12/schema", "prefixItems": [{"type": "integer"}], "items": false}, ["[1]"], ["[1,2]", "[\"a\"]"]],
  [{"$schema": "https://example.com/unknown", "type": "integer"}, ["1"], ["\"a\""]],
  [{"type": "string", "nullable": true}, ["\"a\""], ["null"]],
  [{"minLength": 2}, ["\"ab\"", "1"], ["\"\\ud83d\\ude00\""]],
  [{"multipleOf": 0.1}, ["0.5", "1"], ["0.3", "0.35"]],
  [{"required": ["toString"]}, ["{\"toString\":1}"], ["{}"]],
  [{"additionalProperties": false, "patternProperties": {"^x": {}}}, ["{\"xa\":1}"], ["{\"a\":1}"]],
  [{"oneOf": [{"type": "integer"}, {"minimum": 2}]}, ["1", "2.5"], ["3", "1.5"]],
  [{"uniqueItems": true}, ["[1,2]", "[1,true]"], ["[1,1]", "[{\"a\":1},{\"a\":1}]"]],
  [JSON.parse('{"if": {"type": "string"}, "then": {"minLength": 3}, "else": {"type": "integer"}}') as JsonValue, ["\"abc\"", "1"], ["\"ab\"", "1.5"]],
  [{"dependentRequired": {"a": ["b"]}}, ["{\"a\":1,\"b\":2}"], ["{\"a\":1}"]],
  [{"contains": {"type": "integer"}, "minContains": 2}, ["[1,2]"], ["[1]"]],
  [{"unevaluatedProperties": false, "properties": {"a": {}}}, ["{\"a\":1}"], ["{\"b\":1}"]],
  [{"foo": "bar", "x-extra": 1}, ["1"], []],
  [{"$async": true, "type": "integer"}, ["1"], ["\"a\""]],
]

test.each(FACTS)('%j', async (schema, fitting, others) => {
  const fits = await prepareJsonSchema(schema)
  expect(fitting.filter((text) => !fits(text))).toEqual([])
  expect(others.filter((text) => fits(text))).toEqual([])
})

test('what is no JSON fits no schema', async () => {
  const fits = await prepareJsonSchema({})
  expect(['', '{', 'a', '1,'].filter((text) => fits(text))).toEqual([])
})

test.each<[JsonValue, string]>([
  [{ type: 'nope' }, 'schema is invalid'],
  [{ minimum: 'a' }, 'schema is invalid'],
  [{ required: 'a' }, 'schema is invalid'],
  [{ pattern: '(' }, 'missing ), unterminated subpattern at position 0'],
  [{ $ref: 'https://example.com/x.json' }, "can't resolve reference"],
  [{ $ref: '#/$defs/none' }, "can't resolve reference"],
  [{ $schema: 'http://json-schema.org/draft-03/schema#' }, 'draft 3 is not supported'],
  [JSON.parse('{"properties":{"__proto__":{"type":"string"}}}') as JsonValue, '__proto__'],
  [[], 'a JSON schema is a map'],
])('%j is unusable', async (schema, message) => {
  await expect(prepareJsonSchema(schema)).rejects.toThrow(message)
})
