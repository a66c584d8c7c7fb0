import { prepareStrptime } from '../value-tests/strptime.ts'
import type { ExpectationDefinition } from './definition.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'
import { compileText, notText, passes } from './text-rule.ts'

const ROW_LEVEL = { kind: 'column-map', dimension: 'validity', judge: judgeRows } as const

/** Python's `datetime.strptime` accepts the text. */
export const matchStrftimeFormat: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_match_strftime_format',
  label: 'strftime',
  kwargs: {
    column: { type: 'column', required: true },
    strftime_format: { type: 'text', required: true },
    ...MOSTLY,
  },
  compile: (kwargs, scope) => {
    const format = String(kwargs['strftime_format'])
    return compileText(kwargs, scope, `has the format ${JSON.stringify(format)}`, (text, ref) => {
      const wrong = notText(ref, 'a format')
      if (wrong !== undefined) return wrong
      const prepared = prepareStrptime(format)
      if (prepared.kind === 'format') return passes(text, { kind: 'strftime', format })
      return {
        kind: 'problem',
        problem: {
          code: 'CHECK_KWARG',
          message: `argument strftime_format: ${prepared.message}`,
          hint: 'Use the directives of Python’s strptime, each of them once.',
        },
      }
    })
  },
}

/** `dateutil.parser.parse` accepts the text. */
export const beDateutilParseable: ExpectationDefinition = {
  ...ROW_LEVEL,
  type: 'expect_column_values_to_be_dateutil_parseable',
  label: 'dateutil',
  kwargs: { column: { type: 'column', required: true }, ...MOSTLY },
  compile: (kwargs, scope) =>
    compileText(
      kwargs,
      scope,
      'can be read as a date',
      (text, ref) => notText(ref, 'a date') ?? passes(text, { kind: 'dateutil' }),
    ),
}
