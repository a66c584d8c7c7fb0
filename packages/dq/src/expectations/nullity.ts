import { columnMissing } from './problems.ts'
import type { ExpectationDefinition } from './definition.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'
import { not } from '../expression/expression.ts'

/** Null or not: every row is considered, so `missingCount` is always 0. */
export const notBeNull: ExpectationDefinition = {
  type: 'expect_column_values_to_not_be_null',
  kind: 'column-map',
  dimension: 'completeness',
  label: 'not_null',
  kwargs: { column: { type: 'column', required: true }, ...MOSTLY },
  compile(kwargs, scope) {
    const ref = scope.column(String(kwargs['column']))
    if (ref === undefined) return columnMissing(String(kwargs['column']), scope.columnNames)
    return {
      kind: 'measured',
      description: `${ref.name} not null`,
      violated: ref.missing,
      // No sample: every unexpected value would be NULL.
      metrics: { elements: { kind: 'rows' }, expected: ref.present },
    }
  },
  judge: judgeRows,
}

export const beNull: ExpectationDefinition = {
  type: 'expect_column_values_to_be_null',
  kind: 'column-map',
  dimension: 'completeness',
  label: 'null',
  kwargs: { column: { type: 'column', required: true }, ...MOSTLY },
  compile(kwargs, scope) {
    const ref = scope.column(String(kwargs['column']))
    if (ref === undefined) return columnMissing(String(kwargs['column']), scope.columnNames)
    const violated = not(ref.missing)
    return {
      kind: 'measured',
      description: `${ref.name} null`,
      violated,
      metrics: {
        elements: { kind: 'rows' },
        unexpected: ref.present,
        sample: { kind: 'sample', of: ref.value, where: violated },
      },
    }
  },
  judge: judgeRows,
}
