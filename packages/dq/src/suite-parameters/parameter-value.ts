import { instantText, parseInstant } from '../expression/instant.ts'

/** What an expression of a suite parameter works with. */
export type ParameterValue =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'instant'; readonly nanoseconds: bigint }
  | { readonly kind: 'duration'; readonly nanoseconds: bigint }

/** The expression is wrong, or its values are. Becomes a CHECK_PARAMETER problem. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError'
  readonly hint: string | undefined
  /** A name without a value: no mistake where nobody was asked for values. */
  readonly missing: boolean

  constructor(message: string, options: { readonly hint?: string | undefined; readonly missing?: boolean } = {}) {
    super(message)
    this.hint = options.hint
    this.missing = options.missing ?? false
  }
}

export type Operator = '+' | '-' | '*' | '/' | '^'

/** Numbers with numbers; instants and durations as Python's datetime and timedelta have it. @throws ParameterError */
export function combine(left: ParameterValue, operator: Operator, right: ParameterValue): ParameterValue {
  if (left.kind === 'number' && right.kind === 'number') {
    if (operator === '/' && right.value === 0) throw new ParameterError('division by zero')
    return numberValue(NUMBERS[operator](left.value, right.value))
  }
  if (operator === '+' || operator === '-') {
    const sign = operator === '+' ? 1n : -1n
    if (left.kind === 'instant' && right.kind === 'duration')
      return { kind: 'instant', nanoseconds: left.nanoseconds + sign * right.nanoseconds }
    if (left.kind === 'duration' && right.kind === 'instant' && operator === '+')
      return { kind: 'instant', nanoseconds: left.nanoseconds + right.nanoseconds }
    if (left.kind === 'duration' && right.kind === 'duration')
      return { kind: 'duration', nanoseconds: left.nanoseconds + sign * right.nanoseconds }
    if (left.kind === 'instant' && right.kind === 'instant' && operator === '-')
      return { kind: 'duration', nanoseconds: left.nanoseconds - right.nanoseconds }
  }
  if (left.kind === 'duration' && right.kind === 'number' && (operator === '*' || operator === '/'))
    return scaled(left.nanoseconds, operator === '*' ? right.value : 1 / right.value)
  if (left.kind === 'number' && right.kind === 'duration' && operator === '*')
    return scaled(right.nanoseconds, left.value)
  throw new ParameterError(`${left.kind} ${operator} ${right.kind} means nothing`)
}

const NUMBERS: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
}

export function negative(value: ParameterValue): ParameterValue {
  if (value.kind === 'instant') throw new ParameterError('a point in time has no negative')
  return value.kind === 'number' ? numberValue(-value.value) : { kind: 'duration', nanoseconds: -value.nanoseconds }
}

export function numberValue(value: number): ParameterValue {
  if (!Number.isFinite(value)) throw new ParameterError('the result is no finite number')
  return { kind: 'number', value }
}

/** A given value inside an expression: a number, a text of digits, or an ISO date. @throws ParameterError */
export function givenValue(name: string, value: unknown): ParameterValue {
  if (typeof value === 'number') return numberValue(value)
  if (typeof value === 'boolean') return numberValue(value ? 1 : 0)
  if (typeof value === 'string') {
    if (value.trim() !== '' && Number.isFinite(Number(value))) return numberValue(Number(value))
    const nanoseconds = parseInstant(value)
    if (nanoseconds !== undefined) return { kind: 'instant', nanoseconds }
  }
  throw new ParameterError(`${name} is ${shortJson(value)}, which cannot be reckoned with`, {
    hint: 'Inside an expression a parameter is a number or an ISO date; alone it can be anything.',
  })
}

/** The value as an argument: a number, or `2024-01-31T13:05:00`. */
export function argumentOf(value: ParameterValue): number | string {
  switch (value.kind) {
    case 'number':
      return value.value
    case 'instant':
      return instantText(value.nanoseconds).replace(' ', 'T')
    default:
      throw new ParameterError('the result is a length of time', {
        hint: 'Add it to a date: now() - timedelta(days=7).',
      })
  }
}

function scaled(nanoseconds: bigint, factor: number): ParameterValue {
  const value = Number(nanoseconds) * factor
  if (!Number.isFinite(value)) throw new ParameterError('the result is no finite length of time')
  return { kind: 'duration', nanoseconds: BigInt(Math.round(value)) }
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
