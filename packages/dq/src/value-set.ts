import type { JsonValue } from '@tidegate/core'
import type { ColumnRef } from './column-ref.ts'
import { describeExpression, FALSE, isNull, not, type Expression } from './expression.ts'
import { FLOAT_MAX, isNumberFor, valueGrid } from './value-grid.ts'

/**
 * The condition `value is one of these`, compared by value: 2 is 2.0, and a text never equals a number. Members that no
 * value of the column can equal are left out. Missing values: NULL.
 */
export function inSet(ref: ColumnRef, values: readonly JsonValue[]): Expression {
  const literals = new Map<string, Expression>()
  for (const value of values) {
    const literal = literalFor(ref, value)
    if (literal !== undefined) literals.set(describeExpression(literal), literal)
  }
  return literals.size === 0 ? FALSE : { op: 'in', item: ref.value, values: [...literals.values()] }
}

/** The condition `value is none of these`; true for every value when the set is empty. */
export function notInSet(ref: ColumnRef, values: readonly JsonValue[]): Expression {
  const member = inSet(ref, values)
  // Of the value, not of the raw column: inside a grouped query only the key is there.
  return member === FALSE ? not(isNull(ref.value)) : not(member)
}

/** Whether values of this column can be looked up in a set. */
export function hasSetMembers(ref: ColumnRef): boolean {
  return (
    ref.type.class === 'text' ||
    ref.type.class === 'boolean' ||
    ref.type.class === 'float' ||
    valueGrid(ref.type) !== undefined
  )
}

function literalFor(ref: ColumnRef, value: JsonValue): Expression | undefined {
  const { type } = ref
  if (value === null) return undefined
  if (type.class === 'text') return typeof value === 'string' ? { op: 'literal', value } : undefined
  if (type.class === 'boolean') return typeof value === 'boolean' ? { op: 'literal', value } : undefined
  if (type.class === 'float') {
    if (!isNumberFor(type, value)) return undefined
    const number = Number(value)
    return type.name === 'FLOAT' && Math.abs(number) <= FLOAT_MAX
      ? { op: 'literal', value: number, type: 'FLOAT' }
      : { op: 'literal', value: number }
  }
  const grid = valueGrid(type)
  const position = grid?.position(value)
  if (grid === undefined || position === undefined || position.floor !== position.ceil) return undefined
  const point = position.floor
  if (grid.lowest !== undefined && point < grid.lowest) return undefined
  if (grid.highest !== undefined && point > grid.highest) return undefined
  return grid.literal(point)
}
