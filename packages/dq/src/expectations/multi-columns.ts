import type { JsonValue } from '@tidegate/core'
import type { ColumnRef } from '../expression/column-ref.ts'
import { and, isNull, not, or, TRUE, type Expression } from '../expression/expression.ts'
import type { Compiled, CompileScope, KwargSpec } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { compileKeptRows } from './row-judgement.ts'

/** Which rows of several columns are left out. */
export const IGNORE_ROW: Readonly<Record<'ignore_row_if', KwargSpec>> = {
  ignore_row_if: {
    type: { oneOf: ['all_values_are_missing', 'any_value_is_missing', 'never'] },
    default: 'all_values_are_missing',
  },
}

/** The columns of a list, each once, or what is wrong with it. */
export function resolveColumns(list: JsonValue | undefined, scope: CompileScope): readonly ColumnRef[] | Compiled {
  const names = Array.isArray(list) ? [...new Set(list.map(String))] : []
  if (names.length === 0) return problem('CHECK_KWARG', 'column_list names no column')
  const refs: ColumnRef[] = []
  for (const name of names) {
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    refs.push(ref)
  }
  return refs
}

/** The rows that count. */
export function keptRows(refs: readonly ColumnRef[], ignoreRowIf: JsonValue | undefined): Expression {
  // Of the value, not of the raw column: inside a grouped query only the key is there.
  const present = refs.map((ref) => not(isNull(ref.value)))
  if (ignoreRowIf === 'never') return TRUE
  return ignoreRowIf === 'any_value_is_missing' ? and(present) : or(present)
}

export function recordOf(refs: readonly ColumnRef[]): Expression {
  return { op: 'record', fields: refs.map((ref) => [ref.name, ref.value]) }
}

/** Metrics of an expectation about single rows of several columns. `broken` needs to be right only in rows that count. */
export function compileRecords(
  refs: readonly ColumnRef[],
  ignoreRowIf: JsonValue | undefined,
  broken: Expression,
  description: string,
): Compiled {
  const kept = keptRows(refs, ignoreRowIf)
  const violated = kept === TRUE ? broken : and([kept, broken])
  return compileKeptRows(recordOf(refs), kept, violated, description)
}
