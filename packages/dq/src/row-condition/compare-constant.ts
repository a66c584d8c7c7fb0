import type { JsonValue } from '@tidegate/core'
import type { ColumnRef } from '../expression/column-ref.ts'
import { compare, type Comparison, type Expression } from '../expression/expression.ts'
import { FLOAT_MAX, valueGrid } from '../expression/value-grid.ts'
import { ConditionError } from './condition-error.ts'

export type Constant =
  | { readonly kind: 'number' | 'text'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }

/**
 * The column compared with a constant, in the column's own type: 5.5 against whole numbers never rounds, a number beyond the
 * type never overflows. NULL where the column is. @throws ConditionError where the two cannot be compared
 */
export function comparison(
  ref: ColumnRef,
  operator: Comparison,
  constant: Constant,
  at: number | undefined,
): Expression {
  const found = literalFor(ref, constant, at)
  if (found.kind === 'exact') return compare(ref.value, operator, found.literal)
  const { between } = found
  const below = operator === '<' || operator === '<='
  if (operator === '=') return never(ref)
  if (operator === '<>') return always(ref)
  if (between === 'above all') return below ? always(ref) : never(ref)
  if (between === 'below all') return below ? never(ref) : always(ref)
  // Between two points of the grid: a < 5.5 is a <= 5, and a > 5.5 is a > 5.
  return compare(ref.value, below ? '<=' : '>', between)
}

/** The column is one of the constants; NULL where it is NULL. */
export function member(
  ref: ColumnRef,
  constants: readonly (Constant & { readonly at: number | undefined })[],
): Expression {
  const values = constants.flatMap((constant) => {
    const found = literalFor(ref, constant, constant.at)
    return found.kind === 'exact' ? [found.literal] : []
  })
  return values.length === 0 ? never(ref) : { op: 'in', item: ref.value, values }
}

/** False for every value, NULL for NULL: so its negation leaves NULL out, too. */
function never(ref: ColumnRef): Expression {
  return compare(ref.value, '<>', ref.value)
}

function always(ref: ColumnRef): Expression {
  return compare(ref.value, '=', ref.value)
}

type Literal =
  | { readonly kind: 'exact'; readonly literal: Expression }
  /** No value of the type; the largest one below it, if there is any. */
  | { readonly kind: 'inexact'; readonly between: Expression | 'above all' | 'below all' }

function literalFor(ref: ColumnRef, constant: Constant, at: number | undefined): Literal {
  const { type } = ref
  if (type.class === 'text') {
    if (constant.kind !== 'text') throw unlike(ref, constant, at)
    return exact({ op: 'literal', value: constant.text })
  }
  if (type.class === 'boolean') {
    const value = constant.kind === 'boolean' ? constant.value : TRUTHS[constant.text.toLowerCase()]
    if (value === undefined) throw unlike(ref, constant, at)
    return exact({ op: 'literal', value })
  }
  if (constant.kind === 'boolean') throw unlike(ref, constant, at)
  if (type.class === 'float') {
    const value = Number(constant.text)
    if (!isDigits(constant.text)) throw unlike(ref, constant, at)
    return type.name === 'FLOAT' && Math.abs(value) <= FLOAT_MAX
      ? exact({ op: 'literal', value, type: 'FLOAT' })
      : exact({ op: 'literal', value })
  }
  return gridLiteral(ref, constant, at)
}

const TRUTHS: Readonly<Record<string, boolean>> = { '0': false, '1': true, false: false, true: true }

function gridLiteral(
  ref: ColumnRef,
  constant: Exclude<Constant, { kind: 'boolean' }>,
  at: number | undefined,
): Literal {
  const grid = valueGrid(ref.type)
  const numeric = ref.type.class === 'integer' || ref.type.class === 'decimal'
  if (grid === undefined || (numeric ? !isDigits(constant.text) : constant.kind === 'number'))
    throw unlike(ref, constant, at)
  const position = grid.position(numeric ? numberValue(ref, constant.text) : constant.text)
  if (position === undefined) throw unlike(ref, constant, at)
  const { floor, ceil } = position
  if (grid.highest !== undefined && floor >= grid.highest && ceil > grid.highest)
    return { kind: 'inexact', between: 'above all' }
  if (grid.lowest !== undefined && floor < grid.lowest) return { kind: 'inexact', between: 'below all' }
  return floor === ceil ? exact(grid.literal(floor)) : { kind: 'inexact', between: grid.literal(floor) }
}

/** As the grid takes it: a text only where a double would lose digits. */
function numberValue(ref: ColumnRef, text: string): JsonValue {
  const plain = text
    .replace(/^\+/, '')
    .replace(/\.$/, '')
    .replace(/^(-?)\./, '$10.')
  if (ref.type.class === 'decimal' && !/[eE]/.test(plain)) return plain
  const number = Number(plain)
  return Number.isSafeInteger(number) || !/^-?[0-9]+$/.test(plain) ? number : plain
}

function isDigits(text: string): boolean {
  return (
    /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/.test(text.trim()) && Number.isFinite(Number(text))
  )
}

function exact(literal: Expression): Literal {
  return { kind: 'exact', literal }
}

/** The two cannot be compared. */
export function unlike(ref: ColumnRef, constant: Constant, at: number | undefined): ConditionError {
  const shown =
    constant.kind === 'boolean'
      ? String(constant.value)
      : constant.kind === 'text'
        ? JSON.stringify(constant.text)
        : constant.text
  return new ConditionError(
    `column ${JSON.stringify(ref.name)}, which is ${ref.type.text}, cannot be compared with ${shown}`,
    at,
    { hint: 'Texts stand in quotes, numbers without; dates are written as texts, e.g. 2024-01-31.' },
  )
}
