import type { Expression } from '../expression/expression.ts'
import { DAY_NS } from '../expression/instant.ts'
import { aligned, literalPossible } from './literal-values.ts'
import { comparePoints, type Domain } from './point.ts'
import { ALWAYS_NULL, EITHER, truth, type Possible, type Range } from './possible.ts'

/**
 * Evaluates an expression over the possible values of columns. Undefined: the expression holds something that is not
 * understood here or that the engine may refuse to evaluate, so that nothing may be said of it.
 */
export function evaluate(expression: Expression, columns: ReadonlyMap<string, Possible>): Possible | undefined {
  switch (expression.op) {
    case 'column':
      return columns.get(expression.name)
    case 'literal':
      return literalPossible(expression)
    case 'misfit':
      // Files that are read as they are have no text that could not fit.
      return truth(false)
    case 'is-null': {
      const item = evaluate(expression.item, columns)
      return item === undefined ? undefined : nullness(item)
    }
    case 'not': {
      const item = evaluate(expression.item, columns)
      return item === undefined ? undefined : negated(item)
    }
    case 'and':
    case 'or':
      return evaluateJunction(expression, columns)
    case 'compare':
    case 'same': {
      const left = evaluate(expression.left, columns)
      const right = evaluate(expression.right, columns)
      if (left === undefined || right === undefined) return undefined
      return expression.op === 'same' ? same(left, right) : compared(left, expression.operator, right)
    }
    case 'in':
      return evaluateMembership(expression, columns)
    case 'nullif': {
      const item = evaluate(expression.item, columns)
      const value = evaluate(expression.value, columns)
      return item === undefined || value === undefined ? undefined : nulledIfEqual(item, value)
    }
    case 'coalesce':
      return evaluateCoalesce(expression.items, columns)
    case 'text': {
      const item = evaluate(expression.item, columns)
      if (item === undefined || item.values === 'none') return item
      return typeof item.values === 'object' && item.values.domain === 'text' ? item : { ...item, values: 'any' }
    }
    case 'length': {
      const item = evaluate(expression.item, columns)
      return item === undefined ? undefined : lengthOf(item)
    }
    case 'matches':
    case 'like': {
      const item = evaluate(expression.item, columns)
      if (item === undefined) return undefined
      return { null: item.null, values: item.values === 'none' ? 'none' : EITHER }
    }
    default:
      return undefined
  }
}

function nullness(item: Possible): Possible {
  if (!item.null) return truth(false)
  return item.values === 'none' ? truth(true) : { null: false, values: EITHER }
}

function negated(item: Possible): Possible {
  const { values } = item
  if (values === 'none') return item
  if (values === 'any' || values.domain !== 'boolean') return { null: item.null, values: EITHER }
  return {
    null: item.null,
    values: { domain: 'boolean', low: 1 - Number(values.high), high: 1 - Number(values.low) },
  }
}

/** Three-valued: false AND anything is false, true OR anything is true; else NULL where one is NULL. */
function evaluateJunction(
  expression: Extract<Expression, { readonly op: 'and' | 'or' }>,
  columns: ReadonlyMap<string, Possible>,
): Possible | undefined {
  // The value that decides alone: 0 for AND, 1 for OR.
  const deciding = expression.op === 'and' ? 0 : 1
  let canDecide = false
  let mustDecide = false
  let canBeNull = false
  let canAllPass = true
  for (const item of expression.items) {
    const possible = evaluate(item, columns)
    if (possible === undefined) return undefined
    const { values } = possible
    const known = typeof values === 'object' && values.domain === 'boolean'
    const decides = known ? Number(values.low) <= deciding && deciding <= Number(values.high) : values !== 'none'
    const passes = known ? values.low !== deciding || values.high !== deciding : values !== 'none'
    if (decides) canDecide = true
    if (decides && !passes && !possible.null) mustDecide = true
    if (possible.null) canBeNull = true
    if (!passes) canAllPass = false
  }
  if (mustDecide) return truth(deciding === 1)
  if (!canDecide && !canAllPass) return { null: canBeNull, values: 'none' }
  if (canDecide && canAllPass) return { null: canBeNull, values: EITHER }
  return { null: canBeNull, values: truth(canDecide === (deciding === 1)).values }
}

type Comparison = Extract<Expression, { readonly op: 'compare' }>['operator']

function compared(left: Possible, operator: Comparison, right: Possible): Possible {
  const canBeNull = left.null || right.null
  if (left.values === 'none' || right.values === 'none') return ALWAYS_NULL
  const pair = aligned(left.values, right.values)
  if (pair === undefined) return { null: canBeNull, values: EITHER }
  const [a, b] = pair
  // The smallest and the largest possible difference of left and right, as signs.
  const least = comparePoints(a.low, b.high)
  const most = comparePoints(a.high, b.low)
  const sure = sureAnswer(operator, least, most)
  return { null: canBeNull, values: sure === undefined ? EITHER : truth(sure).values }
}

function sureAnswer(operator: Comparison, least: number, most: number): boolean | undefined {
  switch (operator) {
    case '<':
      return most < 0 ? true : least >= 0 ? false : undefined
    case '<=':
      return most <= 0 ? true : least > 0 ? false : undefined
    case '>':
      return least > 0 ? true : most <= 0 ? false : undefined
    case '>=':
      return least >= 0 ? true : most < 0 ? false : undefined
    case '=':
      return least === 0 && most === 0 ? true : least > 0 || most < 0 ? false : undefined
    case '<>':
      return least === 0 && most === 0 ? false : least > 0 || most < 0 ? true : undefined
    default:
      return undefined
  }
}

function same(left: Possible, right: Possible): Possible {
  if (left.values === 'none' && right.values === 'none') return truth(true)
  if (left.values === 'none') return nullness(right)
  if (right.values === 'none') return nullness(left)
  const equal = compared(left, '=', right)
  if (!left.null && !right.null) return equal
  const never = typeof equal.values === 'object' && equal.values.high === 0
  return never && !(left.null && right.null) ? truth(false) : { null: false, values: EITHER }
}

function nulledIfEqual(item: Possible, value: Possible): Possible {
  const { values } = compared(item, '=', value)
  if (values === 'none') return item
  if (typeof values === 'object' && values.high === 0) return item
  if (typeof values === 'object' && values.low === 1 && !value.null) return ALWAYS_NULL
  return { ...item, null: true }
}

function evaluateMembership(
  expression: Extract<Expression, { readonly op: 'in' }>,
  columns: ReadonlyMap<string, Possible>,
): Possible | undefined {
  const item = evaluate(expression.item, columns)
  if (item === undefined) return undefined
  if (item.values === 'none') return ALWAYS_NULL
  let canMatch = false
  let mustMatch = false
  let withNull = false
  const points = new Set<bigint>()
  for (const member of expression.values) {
    const value = evaluate(member, columns)
    if (value === undefined) return undefined
    if (value.null) withNull = true
    if (value.values === 'none') continue
    // All members meet the item in one common type: one that does not compare exactly may spoil the others.
    if (aligned(item.values, value.values) === undefined) return { null: item.null || withNull, values: EITHER }
    const { values } = compared({ ...item, null: false }, '=', value)
    if (values === 'none' || values === 'any') return undefined
    if (values.high === 1) canMatch = true
    if (values.low === 1 && !value.null) mustMatch = true
    const point = typeof value.values === 'object' ? wholePoint(value.values) : undefined
    if (point !== undefined) points.add(point)
  }
  if (typeof item.values === 'object' && isCovered(item.values, points)) mustMatch = true
  if (mustMatch) return { null: item.null, values: truth(true).values }
  if (!canMatch) return { null: item.null || withNull, values: withNull ? 'none' : truth(false).values }
  return { null: item.null || withNull, values: EITHER }
}

/** Whether every value of the range is one of the points: the months from 1 to 12 among twelve numbers. */
function isCovered({ domain, low, high }: Range, points: ReadonlySet<bigint>): boolean {
  const step = STEPS[domain]
  if (step === undefined || typeof low === 'string' || typeof high === 'string') return false
  const first = BigInt(low)
  const last = BigInt(high)
  if ((last - first) / step >= BigInt(points.size)) return false
  for (let point = first; point <= last; point += step) if (!points.has(point)) return false
  return true
}

/** Distance from one value to the next, in domains where contracts list values one by one. */
const STEPS: Readonly<Record<Domain, bigint>> = { integer: 1n, boolean: 1n, date: DAY_NS }

function wholePoint({ low, high }: Range): bigint | undefined {
  if (comparePoints(low, high) !== 0 || typeof low === 'string') return undefined
  return typeof low === 'bigint' || Number.isSafeInteger(low) ? BigInt(low) : undefined
}

function evaluateCoalesce(items: readonly Expression[], columns: ReadonlyMap<string, Possible>): Possible | undefined {
  let result = ALWAYS_NULL
  for (const expression of items) {
    const item = evaluate(expression, columns)
    if (item === undefined) return undefined
    if (!result.null) continue
    if (result.values === 'none') result = item
    else if (item.values === 'none') result = { null: true, values: result.values }
    else result = { null: item.null, values: 'any' }
  }
  return result
}

/** Only of one known text without letters beyond ASCII, where characters are beyond doubt. */
function lengthOf({ null: isNull, values }: Possible): Possible {
  if (values === 'none') return ALWAYS_NULL
  const constant =
    values !== 'any' && values.domain === 'text' && values.low === values.high ? String(values.low) : undefined
  // eslint-disable-next-line no-control-regex
  if (constant === undefined || !/^[\x20-\x7e]*$/.test(constant)) return { null: isNull, values: 'any' }
  const length = BigInt(constant.length)
  return { null: isNull, values: { domain: 'integer', low: length, high: length } }
}
