import type { ColumnRef } from '../expression/column-ref.ts'
import type { Compiled, Kwargs, KwargSpec } from './definition.ts'
import { problem } from './problems.ts'

/**
 * Arguments that suites written before Great Expectations 1.0 may carry. Two of them change nothing for typed columns; what
 * would change an answer is either done or refused, never ignored.
 */
export const PARSE_STRINGS: Readonly<Record<'parse_strings_as_datetimes', KwargSpec>> = {
  parse_strings_as_datetimes: { type: 'boolean', default: false },
}

export const OUTPUT_FORMAT: Readonly<Record<'output_strftime_format', KwargSpec>> = {
  output_strftime_format: { type: 'text' },
}

/** What cannot be done as asked, or undefined. Dates in date and timestamp columns are read from texts in any case. */
export function oldArgumentProblem(kwargs: Kwargs, ref: ColumnRef): Compiled | undefined {
  if (kwargs['parse_strings_as_datetimes'] === true && ref.type.class === 'text')
    return problem(
      'CHECK_REMOVED',
      `parse_strings_as_datetimes is not supported, and ${ref.name} is ${ref.type.text}`,
      'Give the column the type DATE or TIMESTAMP in the contract, so that it is read as one.',
    )
  if ((kwargs['output_strftime_format'] ?? null) !== null)
    return problem(
      'CHECK_REMOVED',
      'output_strftime_format is not supported',
      'Remove it: dates are always shown as ISO 8601.',
    )
  return undefined
}
