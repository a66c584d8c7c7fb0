import type { ColumnRef } from '../column-ref.ts'
import { and, compare, not, or, TRUE, type Expression } from '../expression.ts'
import type { ExpectationDefinition } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { judgeRows, MOSTLY, unexpectedMetrics } from './row-judgement.ts'

export const pairGreater: ExpectationDefinition = {
  type: 'expect_column_pair_values_a_to_be_greater_than_b',
  kind: 'pair-map',
  dimension: 'consistency',
  label: 'greater',
  kwargs: {
    column_A: { type: 'column', required: true },
    column_B: { type: 'column', required: true },
    or_equal: { type: 'boolean', default: false },
    ignore_row_if: {
      type: { oneOf: ['both_values_are_missing', 'either_value_is_missing', 'neither'] },
      default: 'both_values_are_missing',
    },
    ...MOSTLY,
  },
  compile(kwargs, scope) {
    const [nameA, nameB] = [String(kwargs['column_A']), String(kwargs['column_B'])]
    const [a, b] = [scope.column(nameA), scope.column(nameB)]
    if (a === undefined) return columnMissing(nameA, scope.columnNames)
    if (b === undefined) return columnMissing(nameB, scope.columnNames)
    if (family(a) === undefined || family(a) !== family(b))
      return problem('CHECK_TYPE', `${nameA} (${a.type.text}) cannot be compared with ${nameB} (${b.type.text})`)
    const orEqual = kwargs['or_equal'] === true
    const ignore = String(kwargs['ignore_row_if'])
    const violated = or([compare(a.value, orEqual ? '<' : '<=', b.value), ...unmatched(a, b, ignore)])
    const shown: Expression = {
      op: 'record',
      fields: [[nameA, a.value], ...(nameA === nameB ? [] : [[nameB, b.value] as const])],
    }
    const kept = keptRows(a, b, ignore)
    return {
      kind: 'measured',
      description: `${nameA} ${orEqual ? 'at least' : 'greater than'} ${nameB}`,
      violated,
      metrics: {
        elements: { kind: 'rows' },
        ...(kept === TRUE ? {} : { considered: { kind: 'count', where: kept } as const }),
        ...unexpectedMetrics(shown, violated),
      },
    }
  },
  judge: judgeRows,
}

/** A value that is missing in a row that is kept makes the row unexpected. */
function unmatched(a: ColumnRef, b: ColumnRef, ignore: string): readonly Expression[] {
  if (ignore === 'either_value_is_missing') return []
  return ignore === 'neither' ? [a.missing, b.missing] : [compare(a.missing, '<>', b.missing)]
}

function keptRows(a: ColumnRef, b: ColumnRef, ignore: string): Expression {
  if (ignore === 'neither') return TRUE
  const present = [not(a.missing), not(b.missing)]
  return ignore === 'either_value_is_missing' ? and(present) : or(present)
}

function family({ type }: ColumnRef): string | undefined {
  switch (type.class) {
    case 'integer':
    case 'decimal':
    case 'float':
      return 'number'
    case 'date':
    case 'timestamp':
      return 'instant'
    case 'text':
    case 'time':
    case 'boolean':
      return type.class
    default:
      return undefined
  }
}
