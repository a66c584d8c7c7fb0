import type { ColumnRef } from '../expression/column-ref.ts'
import { and, isNull, not, or, type Expression } from '../expression/expression.ts'
import type { ExpectationDefinition } from './definition.ts'
import { family } from './families.ts'
import { compileRecords, IGNORE_ROW, resolveColumns } from './multi-columns.ts'
import { problem } from './problems.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'

const KWARGS: ExpectationDefinition['kwargs'] = {
  column_list: { type: 'columns', required: true },
  ...IGNORE_ROW,
  ...MOSTLY,
}

/** No two of the columns have the same value in a row. Two missing values are the same. */
export const uniqueWithinRecord: ExpectationDefinition = withinRecord(
  'expect_select_column_values_to_be_unique_within_record',
)

/** The old name of {@link uniqueWithinRecord}. */
export const multicolumnUnique: ExpectationDefinition = withinRecord('expect_multicolumn_values_to_be_unique')

function withinRecord(type: string): ExpectationDefinition {
  return {
    type,
    kind: 'multi-map',
    dimension: 'uniqueness',
    label: 'unique_in_row',
    kwargs: KWARGS,
    compile(kwargs, scope) {
      const refs = resolveColumns(kwargs['column_list'], scope)
      if ('kind' in refs) return refs
      if (refs.length > COMPARED_COLUMNS)
        return problem(
          'CHECK_KWARG',
          `column_list names ${refs.length} columns, and every two of them are compared; ${COMPARED_COLUMNS} is the limit`,
          'Split the list.',
        )
      const wrong = incomparable(refs)
      if (wrong !== undefined) return problem('CHECK_TYPE', wrong)
      const pairs = refs.flatMap((left, index) => refs.slice(index + 1).map((right) => sameValue(left, right)))
      return compileRecords(refs, kwargs['ignore_row_if'], or(pairs), `${names(refs)} differ within a row`)
    },
    judge: judgeRows,
  }
}

/** Every two are compared: 4,950 comparisons. */
const COMPARED_COLUMNS = 100

/** All columns have the same value in a row; two missing values are the same. */
export const multicolumnEqual: ExpectationDefinition = {
  type: 'expect_multicolumn_values_to_be_equal',
  kind: 'multi-map',
  dimension: 'consistency',
  label: 'equal',
  kwargs: KWARGS,
  compile(kwargs, scope) {
    const refs = resolveColumns(kwargs['column_list'], scope)
    if ('kind' in refs) return refs
    const [first, ...others] = refs
    if (first === undefined) return problem('CHECK_KWARG', 'column_list names no column')
    const stranger = others.find((ref) => family(ref) === undefined || family(ref) !== family(first))
    if (stranger !== undefined)
      return problem(
        'CHECK_TYPE',
        `${first.name} (${first.type.text}) cannot be compared with ${stranger.name} (${stranger.type.text})`,
      )
    const broken = or(others.map((ref) => not({ op: 'same', left: first.value, right: ref.value })))
    return compileRecords(refs, kwargs['ignore_row_if'], broken, `${names(refs)} equal`)
  },
  judge: judgeRows,
}

function names(refs: readonly ColumnRef[]): string {
  return refs.map((ref) => ref.name).join(', ')
}

function incomparable(refs: readonly ColumnRef[]): string | undefined {
  const odd = refs.find((ref) => family(ref) === undefined)
  return odd === undefined ? undefined : `values of ${odd.name}, which is ${odd.type.text}, cannot be compared`
}

/** Values of two families are never the same, unless both are missing. */
function sameValue(left: ColumnRef, right: ColumnRef): Expression {
  return family(left) === family(right)
    ? { op: 'same', left: left.value, right: right.value }
    : and([isNull(left.value), isNull(right.value)])
}
