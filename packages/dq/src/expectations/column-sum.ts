import type { JsonValue } from '@tidegate/core'
import type { ColumnRef } from '../expression/column-ref.ts'
import { parseType } from '../expression/data-type.ts'
import { compare, or, isNull, TRUE, type Expression } from '../expression/expression.ts'
import { valueGrid } from '../expression/value-grid.ts'
import type { ExpectationDefinition } from './definition.ts'
import { compileRecords, IGNORE_ROW, resolveColumns } from './multi-columns.ts'
import { isNumeric } from './numeric.ts'
import { problem } from './problems.ts'
import { judgeRows, MOSTLY } from './row-judgement.ts'

/**
 * The sum over the columns of a row. Exact for whole numbers and decimals (also `0.1 + 0.2`); as soon as one column is a float
 * the sum is one too, added up in the order of the list. A missing value makes a row that counts unexpected.
 */
export const multicolumnSum: ExpectationDefinition = {
  type: 'expect_multicolumn_sum_to_equal',
  kind: 'multi-map',
  dimension: 'consistency',
  label: 'sum',
  kwargs: {
    column_list: { type: 'columns', required: true },
    sum_total: { type: 'number', required: true },
    ...IGNORE_ROW,
    ...MOSTLY,
  },
  compile(kwargs, scope) {
    const refs = resolveColumns(kwargs['column_list'], scope)
    if ('kind' in refs) return refs
    const odd = refs.find((ref) => !isNumeric(ref))
    if (odd !== undefined)
      return problem('CHECK_TYPE', `${odd.name}, which is ${odd.type.text}, is not a column of numbers`)
    const total = kwargs['sum_total'] ?? null
    const missing = or(refs.map((ref) => isNull(ref.value)))
    const differs = sumDiffers(refs, total)
    const broken = differs === TRUE ? TRUE : or([missing, differs])
    const names = refs.map((ref) => ref.name).join(' + ')
    return compileRecords(refs, kwargs['ignore_row_if'], broken, `${names} equal to ${String(total)}`)
  },
  judge: judgeRows,
}

/** TRUE where no sum of these columns can be the total, such as 0.5 of whole numbers. */
function sumDiffers(refs: readonly ColumnRef[], total: JsonValue): Expression {
  if (refs.some((ref) => ref.type.class === 'float'))
    return compare(sumOf(refs, 'DOUBLE'), '<>', { op: 'literal', value: Number(total) })
  const scale = Math.max(...refs.map((ref) => ref.type.scale))
  const type = parseType(`DECIMAL(38,${scale})`)
  const grid = type === undefined ? undefined : valueGrid(type)
  const position = grid?.position(total)
  if (type === undefined || grid === undefined || position === undefined || position.floor !== position.ceil)
    return TRUE
  const { lowest = position.floor, highest = position.floor } = grid
  if (position.floor < lowest || position.floor > highest) return TRUE
  return compare(sumOf(refs, type.text), '<>', grid.literal(position.floor))
}

function sumOf(refs: readonly ColumnRef[], type: string): Expression {
  return added(refs.map((ref): Expression => ({ op: 'cast', item: ref.value, type })))
}

/** One after the other; of very many, hundreds first, because engines refuse SQL that is nested a thousand deep. */
function added(items: readonly Expression[]): Expression {
  if (items.length > ADDED_AT_ONCE) {
    const parts = Array.from({ length: Math.ceil(items.length / ADDED_AT_ONCE) }, (_, index) =>
      added(items.slice(index * ADDED_AT_ONCE, (index + 1) * ADDED_AT_ONCE)),
    )
    return added(parts)
  }
  const [first, ...others] = items
  return others.reduce<Expression>(
    (left, right) => ({ op: 'arithmetic', operator: '+', left, right }),
    first ?? { op: 'literal', value: 0 },
  )
}

const ADDED_AT_ONCE = 100
