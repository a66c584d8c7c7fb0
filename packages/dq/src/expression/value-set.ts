import type { Cell, JsonValue } from '@tidegate/core'
import type { ColumnRef } from './column-ref.ts'
import type { DataType } from './data-type.ts'
import { describeExpression, FALSE, isNull, not, type Expression } from './expression.ts'
import { FLOAT_MAX, isNumberFor, valueGrid } from './value-grid.ts'

/**
 * The condition `value is one of these`, compared by value: 2 is 2.0, true is 1 as in Python, and a text never equals a
 * number. Members that no value of the column can equal are left out. Missing values: NULL.
 */
export function inSet(ref: ColumnRef, values: readonly JsonValue[]): Expression {
  const literals = [...setLiterals(ref, values).values()]
  return literals.length === 0 ? FALSE : { op: 'in', item: ref.value, values: literals }
}

/** Literals of the members that a value of the column can equal, by {@link memberKey}. */
export function setLiterals(ref: ColumnRef, values: readonly JsonValue[]): ReadonlyMap<string, Expression> {
  const literals = new Map<string, Expression>()
  for (const value of values) {
    const literal = memberLiteral(ref.type, value)
    if (literal !== undefined) literals.set(describeExpression(literal), literal)
  }
  return literals
}

/**
 * A text that is the same for equal values of this type, whether a contract wrote them or the engine. Undefined: no value of
 * the type is like this.
 */
export function memberKey(type: DataType, value: Cell | JsonValue): string | undefined {
  const literal = memberLiteral(type, typeof value === 'bigint' ? value.toString() : (value as JsonValue))
  return literal === undefined ? undefined : describeExpression(literal)
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

/** The literal that equals this member, or undefined where no value of the column can. */
export function memberLiteral(type: DataType, member: JsonValue): Expression | undefined {
  if (member === null) return undefined
  if (type.class === 'text') return typeof member === 'string' ? { op: 'literal', value: member } : undefined
  if (type.class === 'boolean') return booleanLiteral(member)
  const value = typeof member === 'boolean' ? Number(member) : member
  if (type.class === 'float') {
    if (INFINITIES.has(value)) return { op: 'literal', value: Number(value) }
    if (!isNumberFor(type, value)) return undefined
    // 0 and -0 are one number.
    const number = Number(value) + 0
    return type.name === 'FLOAT' && Math.abs(number) <= FLOAT_MAX
      ? { op: 'literal', value: Math.fround(number), type: 'FLOAT' }
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

function booleanLiteral(member: JsonValue): Expression | undefined {
  if (typeof member === 'boolean') return { op: 'literal', value: member }
  return member === 0 || member === 1 ? { op: 'literal', value: member === 1 } : undefined
}

/** As numbers, which engines hand out, and as our JSON codec writes them. */
const INFINITIES: ReadonlySet<JsonValue> = new Set([Infinity, -Infinity, 'Infinity', '-Infinity'])
