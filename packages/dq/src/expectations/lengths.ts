import type { JsonValue } from '@tidegate/core'
import { textOf } from '../expression/column-ref.ts'
import { BIGINT_TYPE } from '../expression/data-type.ts'
import { boundsProblem, type Bounds } from '../expression/bounds.ts'
import { compare, or, type Expression } from '../expression/expression.ts'
import { boundKwargs, boundsOf, boundsText } from './between.ts'
import type { Compiled, CompileScope, ExpectationDefinition } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { compileRows, judgeRows, MOSTLY } from './row-judgement.ts'

export const lengthsBetween: ExpectationDefinition = {
  type: 'expect_column_value_lengths_to_be_between',
  kind: 'column-map',
  dimension: 'validity',
  label: 'length_between',
  kwargs: { column: { type: 'column', required: true }, ...boundKwargs('integer'), ...MOSTLY },
  compile: (kwargs, scope) => compileLengths(String(kwargs['column']), boundsOf(kwargs), scope),
  judge: judgeRows,
}

export const lengthsEqual: ExpectationDefinition = {
  type: 'expect_column_value_lengths_to_equal',
  kind: 'column-map',
  dimension: 'validity',
  label: 'length',
  kwargs: { column: { type: 'column', required: true }, value: { type: 'integer', required: true }, ...MOSTLY },
  compile(kwargs, scope) {
    const value = kwargs['value'] ?? null
    return compileLengths(
      String(kwargs['column']),
      { min: value, max: value, strictMin: false, strictMax: false },
      scope,
    )
  },
  judge: judgeRows,
}

/** Lengths are counted in characters of the value's text, also for numbers and dates. */
function compileLengths(name: string, bounds: Bounds, scope: CompileScope): Compiled {
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  if (bounds.min === null && bounds.max === null)
    return problem('CHECK_BOUNDS', 'no length is given', 'Give min_value or max_value.')
  const wrong = boundsProblem(BIGINT_TYPE, bounds, 'a length')
  if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
  if (ref.type.class === 'binary' || ref.type.class === 'nested')
    return problem('CHECK_TYPE', `values of ${name}, which is ${ref.type.text}, have no length in characters`)
  const length: Expression = { op: 'length', item: textOf(ref) }
  const { min, max, strictMin, strictMax } = bounds
  const violated =
    min !== null && min === max && !strictMin && !strictMax
      ? compare(length, '<>', literal(min))
      : or([
          ...(min === null ? [] : [compare(length, strictMin ? '<=' : '<', literal(min))]),
          ...(max === null ? [] : [compare(length, strictMax ? '>=' : '>', literal(max))]),
        ])
  return compileRows(ref, violated, `length of ${name} ${boundsText(bounds)}`)
}

function literal(value: JsonValue): Expression {
  return { op: 'literal', value: Number(value) }
}
