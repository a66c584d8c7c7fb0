import type { Cell, JsonValue } from '@tidegate/core'
import type { ColumnRef } from './column-ref.ts'
import type { DataType } from './data-type.ts'
import { compareExact, exactNumber } from './exact-number.ts'
import { and, compare, FALSE, NAN, not, or, type Comparison, type Expression } from './expression.ts'
import { parseInstant, parseTimeOfDay } from './instant.ts'
import { FLOAT_MAX, isNumberFor, valueGrid, type ValueGrid } from './value-grid.ts'

/** `min_value`, `max_value`, `strict_min`, `strict_max` of an expectation. Null: open. */
export interface Bounds {
  readonly min: JsonValue
  readonly max: JsonValue
  readonly strictMin: boolean
  readonly strictMax: boolean
}

/** The condition `value is outside the bounds`; never true where the value is missing. Bounds must have been checked. */
export function outside(ref: ColumnRef, bounds: Bounds): Expression {
  const violations: Expression[] = []
  if (bounds.min !== null) violations.push(below(ref, bounds.min, bounds.strictMin))
  if (bounds.max !== null) violations.push(above(ref, bounds.max, bounds.strictMax))
  const real = violations.filter((violation) => violation !== FALSE)
  return or(real)
}

/** Why these bounds make no sense for values of this type, or undefined. */
export function boundsProblem(type: DataType, bounds: Bounds, what: string): string | undefined {
  for (const [name, bound] of [['min_value', bounds.min] as const, ['max_value', bounds.max] as const]) {
    if (bound !== null && comparable(type, bound) === undefined)
      return `${name} ${JSON.stringify(bound)} cannot be compared with ${what}, which is ${type.text}`
  }
  if (bounds.min === null || bounds.max === null) return undefined
  const order = compareValues(type, bounds.min as Cell, bounds.max)
  return order !== undefined && order > 0
    ? `min_value ${JSON.stringify(bounds.min)} is greater than max_value ${JSON.stringify(bounds.max)}`
    : undefined
}

/** Whether values of this type can be compared with both bounds. */
export function areComparable(type: DataType, { min, max }: Bounds): boolean {
  return [min, max].every((bound) => bound === null || comparable(type, bound) !== undefined)
}

/** Whether an observed value lies within; undefined if it cannot be compared. */
export function isWithin(type: DataType, observed: Cell, bounds: Bounds): boolean | undefined {
  if (bounds.min !== null) {
    const order = compareValues(type, observed, bounds.min)
    if (order === undefined) return undefined
    if (order < 0 || (order === 0 && bounds.strictMin)) return false
  }
  if (bounds.max !== null) {
    const order = compareValues(type, observed, bounds.max)
    if (order === undefined) return undefined
    if (order > 0 || (order === 0 && bounds.strictMax)) return false
  }
  return true
}

function below(ref: ColumnRef, bound: JsonValue, strict: boolean): Expression {
  const grid = valueGrid(ref.type)
  if (grid === undefined)
    return compare(ref.type.class === 'float' ? ref.raw : ref.value, strict ? '<=' : '<', scalar(ref.type, bound))
  const position = grid.position(bound)
  if (position === undefined) return FALSE
  const exact = position.floor === position.ceil
  return onGrid(ref, grid, strict && exact ? '<=' : '<', position.ceil)
}

function above(ref: ColumnRef, bound: JsonValue, strict: boolean): Expression {
  const grid = valueGrid(ref.type)
  if (grid === undefined) {
    const operator = strict ? '>=' : '>'
    if (ref.type.class !== 'float') return compare(ref.value, operator, scalar(ref.type, bound))
    // NaN sorts above everything and must not count as too large.
    return and([compare(ref.raw, operator, scalar(ref.type, bound)), compare(ref.raw, '<', NAN)])
  }
  const position = grid.position(bound)
  if (position === undefined) return FALSE
  const exact = position.floor === position.ceil
  return onGrid(ref, grid, strict && exact ? '>=' : '>', position.floor)
}

/** A comparison whose literal is sure to fit the column's type: beyond the type's range the answer is known. */
function onGrid(ref: ColumnRef, grid: ValueGrid, operator: Comparison, point: bigint): Expression {
  const { lowest, highest } = grid
  const always = not(ref.missing)
  if (lowest !== undefined && point < lowest) return operator === '<' || operator === '<=' ? FALSE : always
  if (highest !== undefined && point > highest) return operator === '<' || operator === '<=' ? always : FALSE
  return compare(ref.raw, operator, grid.literal(point))
}

function scalar(type: DataType, bound: JsonValue): Expression {
  if (type.class !== 'float') return { op: 'literal', value: String(bound) }
  const number = Number(bound)
  return type.name === 'FLOAT' && Math.abs(number) <= FLOAT_MAX
    ? { op: 'literal', value: number, type: 'FLOAT' }
    : { op: 'literal', value: number }
}

/**
 * Negative, zero, positive: the order of two observed values of this type, for sorting what is shown. Values without an order
 * stay where they are.
 */
export function compareObserved(type: DataType, left: Cell, right: Cell): number {
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  return compareValues(type, left, (typeof right === 'bigint' ? right.toString() : right) as JsonValue) ?? 0
}

type Comparable = number | bigint | ReturnType<typeof exactNumber> | { readonly text: string }

/** Negative, zero, positive; undefined where one of them is not a value of this kind. */
function compareValues(type: DataType, left: Cell, right: JsonValue): number | undefined {
  const a = comparable(type, left)
  const b = comparable(type, right)
  if (a === undefined || b === undefined) return undefined
  if (typeof a === 'object' && 'text' in a)
    return typeof b === 'object' && 'text' in b ? Buffer.compare(Buffer.from(a.text), Buffer.from(b.text)) : undefined
  if (typeof b === 'object' && 'text' in b) return undefined
  if (typeof a === 'object' && typeof b === 'object') return compareExact(a, b)
  // What is left: instants, and infinities against anything.
  if (typeof a === 'object') return b === Infinity ? -1 : 1
  if (typeof b === 'object') return a === Infinity ? 1 : -1
  return a < b ? -1 : a > b ? 1 : 0
}

function comparable(type: DataType, value: Cell | JsonValue): Comparable | undefined {
  switch (type.class) {
    case 'integer':
    case 'decimal':
    case 'float':
      return comparableNumber(type, value)
    case 'text':
      return typeof value === 'string' ? { text: value } : undefined
    case 'date':
    case 'timestamp':
      return typeof value === 'string' ? (INFINITE_INSTANTS[value] ?? parseInstant(value)) : undefined
    case 'time':
      return typeof value === 'string' ? parseTimeOfDay(value) : undefined
    default:
      return undefined
  }
}

function comparableNumber(type: DataType, value: Cell | JsonValue): Comparable | undefined {
  if (typeof value === 'bigint') return exactNumber(value)
  if (value === Infinity || value === -Infinity) return value
  return isNumberFor(type, value as JsonValue) ? exactNumber(value as number | string) : undefined
}

const INFINITE_INSTANTS: Readonly<Record<string, number>> = { infinity: Infinity, '-infinity': -Infinity }
