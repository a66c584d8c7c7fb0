import type { JsonValue } from '@tidegate/core'
import type { ColumnRef } from '../expression/column-ref.ts'
import { FALSE, type Expression } from '../expression/expression.ts'
import { hasSetMembers, inSet, notInSet } from '../expression/value-set.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Kwargs } from './definition.ts'
import { oldArgumentProblem, PARSE_STRINGS } from './old-arguments.ts'
import { columnMissing, problem } from './problems.ts'
import { compileRows, judgeRows, MOSTLY } from './row-judgement.ts'

const KWARGS: ExpectationDefinition['kwargs'] = {
  column: { type: 'column', required: true },
  value_set: { type: 'values', required: true },
  ...PARSE_STRINGS,
  ...MOSTLY,
}

export const beInSet: ExpectationDefinition = {
  type: 'expect_column_values_to_be_in_set',
  kind: 'column-map',
  dimension: 'validity',
  label: 'in_set',
  kwargs: KWARGS,
  compile: (kwargs, scope) => compileSet(kwargs, scope, 'in', notInSet),
  judge: judgeRows,
}

export const notBeInSet: ExpectationDefinition = {
  type: 'expect_column_values_to_not_be_in_set',
  kind: 'column-map',
  dimension: 'validity',
  label: 'not_in_set',
  kwargs: KWARGS,
  compile: (kwargs, scope) => compileSet(kwargs, scope, 'not in', inSet),
  judge: judgeRows,
}

/** No set at all is vacuously true; an empty one is a set like any other. */
function compileSet(
  kwargs: Kwargs,
  scope: CompileScope,
  words: string,
  violation: (ref: ColumnRef, values: readonly JsonValue[]) => Expression,
): Compiled {
  const ref = setColumn(kwargs, scope)
  if ('kind' in ref) return ref
  const { name } = ref
  const set = kwargs['value_set']
  if (!Array.isArray(set)) return compileRows(ref, FALSE, `${name} ${words} any set`)
  const values = set as readonly JsonValue[]
  return compileRows(ref, violation(ref, values), `${name} ${words} a set of ${values.length}`)
}

/** The column under `column`, if its values can be looked up in a set. */
export function setColumn(kwargs: Kwargs, scope: CompileScope): ColumnRef | Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  if (!hasSetMembers(ref))
    return problem('CHECK_TYPE', `values of ${name}, which is ${ref.type.text}, cannot be looked up in a set`)
  return oldArgumentProblem(kwargs, ref) ?? ref
}
