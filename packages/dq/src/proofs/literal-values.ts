import type { Cell } from '@tidegate/core'
import { integerRange, parseType } from '../expression/data-type.ts'
import type { Expression } from '../expression/expression.ts'
import { domainOf, pointOf, type Domain, type Point } from './point.ts'
import { ALWAYS_NULL, type Possible, type Range } from './possible.ts'

/** Domains of literals that take the type of what they meet. */
const NUMBER = 'number literal'

type Literal = Extract<Expression, { readonly op: 'literal' }>

/** What a literal stands for; `any` where the engine's reading of it is not sure. */
export function literalPossible(literal: Literal): Possible {
  const known = LITERALS.get(literal)
  if (known !== undefined) return known
  const { value, type } = literal
  const range = value === null ? undefined : type === undefined ? bareLiteral(value) : typedLiteral(value, type)
  const possible: Possible = value === null ? ALWAYS_NULL : { null: false, values: range ?? 'any' }
  LITERALS.set(literal, possible)
  return possible
}

/** Reading a literal costs more than all the rest, and the same one is met in every row group of every file. */
const LITERALS = new WeakMap<Literal, Possible>()

function bareLiteral(value: Exclude<Cell, null>): Range | undefined {
  switch (typeof value) {
    case 'boolean':
      return constant('boolean', value ? 1 : 0)
    case 'bigint':
    case 'number':
      return constant(NUMBER, value)
    case 'string':
      return value.isWellFormed() && !value.includes('\0') ? constant('text', value) : undefined
    default:
      return undefined
  }
}

function typedLiteral(value: Exclude<Cell, null>, typeText: string): Range | undefined {
  const type = parseType(typeText)
  const domain = type === undefined ? undefined : domainOf(type)
  if (type === undefined || domain === undefined) return undefined
  if (type.class === 'float') {
    if (typeof value !== 'number') return undefined
    return constant(domain, type.name === 'FLOAT' ? Math.fround(value) : value)
  }
  if (typeof value === 'object' || (typeof value === 'number' && !Number.isSafeInteger(value))) return undefined
  const point = pointOf(String(value), type)
  return point === undefined ? undefined : constant(domain, point)
}

function constant(domain: Domain, point: Point): Range {
  return { domain, low: point, high: point }
}

/** The two in one domain, if the engine is sure to compare them exactly. */
export function aligned(left: Possible['values'], right: Possible['values']): readonly [Range, Range] | undefined {
  if (typeof left === 'string' || typeof right === 'string') return undefined
  if (left.domain === NUMBER && right.domain === NUMBER) return undefined
  if (left.domain === NUMBER) {
    const range = numberIn(right.domain, left.low)
    return range === undefined ? undefined : [range, right]
  }
  if (right.domain === NUMBER) {
    const range = numberIn(left.domain, right.low)
    return range === undefined ? undefined : [left, range]
  }
  return left.domain === right.domain || (isFloat(left.domain) && isFloat(right.domain)) ? [left, right] : undefined
}

function isFloat(domain: Domain): boolean {
  return domain === 'single' || domain === 'double'
}

function numberIn(domain: Domain, value: Point): Range | undefined {
  if (domain === 'integer') {
    // Beyond 64 bits, and with a fraction, the engine leaves the integers.
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined
    const point = BigInt(value)
    return point < INT64[0] || point > INT64[1] ? undefined : constant(domain, point)
  }
  if (!isFloat(domain)) return undefined
  const number = Number(value)
  if (typeof value === 'bigint' && BigInt(number) !== value) return undefined
  // A whole number meets a FLOAT as a FLOAT and would be rounded; any other number meets it as a DOUBLE.
  if (domain === 'single' && Number.isInteger(number) && Math.fround(number) !== number) return undefined
  return constant(domain, number)
}

const INT64 = integerRange('BIGINT') ?? [0n, 0n]
