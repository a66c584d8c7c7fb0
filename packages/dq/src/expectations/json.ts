import type { ExpectationDefinition } from './definition.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'
import { compileText, notText, passes } from './text-rule.ts'

const ROW_LEVEL = { kind: 'column-map', dimension: 'validity', judge: judgeRows } as const

/** Python's `json.loads` accepts the text. */
export const beJsonParseable: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_be_json_parseable',
  label: 'json',
  kwargs: { column: { type: 'column', required: true }, ...MOSTLY },
  compile: (kwargs, scope) =>
    compileText(kwargs, scope, 'is JSON', (text, ref) => notText(ref, 'JSON') ?? passes(text, { kind: 'json' })),
}

/** The text is JSON that fits the schema. */
export const matchJsonSchema: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_match_json_schema',
  label: 'json_schema',
  kwargs: { column: { type: 'column', required: true }, json_schema: { type: 'object', required: true }, ...MOSTLY },
  compile: (kwargs, scope) =>
    compileText(
      kwargs,
      scope,
      'fits a JSON schema',
      (text, ref) =>
        notText(ref, 'JSON') ?? passes(text, { kind: 'json-schema', schema: kwargs['json_schema'] ?? null }),
    ),
}
