import type { JsonValue } from '@tidegate/core'
import { closest } from '../compile/closest.ts'
import { callFunction } from './parameter-functions.ts'
import {
  argumentOf,
  combine,
  givenValue,
  negative,
  numberValue,
  ParameterError,
  type Operator,
  type ParameterValue,
} from './parameter-value.ts'

export interface ParameterScope {
  readonly parameters: Readonly<Record<string, JsonValue>>
  /** What `now()` says, Unix milliseconds. */
  readonly nowMs: number | undefined
}

/**
 * The value of `{"$PARAMETER": expression}`. A name alone stands for its value, whatever that is; otherwise numbers, names,
 * + − * / ^ (also **), brackets, and the functions of {@link callFunction}. As in Great Expectations 1.24.1, a sign binds
 * before ^ (−2^2 is 4), and ^ groups to the right. @throws ParameterError
 */
export function evaluateParameter(expression: string, scope: ParameterScope): JsonValue {
  const name = expression.trim()
  if (Object.hasOwn(scope.parameters, name)) return scope.parameters[name] ?? null
  if (name.startsWith('urn:'))
    throw new ParameterError(`${shown(name)} asks for a result of another validation, which is not kept here`, {
      hint: 'Give the value as a parameter.',
    })
  if (expression.length > MAX_LENGTH) throw new ParameterError(`an expression is longer than ${MAX_LENGTH} characters`)
  return argumentOf(parseExpression(expression, scope))
}

const MAX_LENGTH = 10_000

interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end'
  readonly text: string
  readonly at: number
}

function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < expression.length) {
    PART.lastIndex = at
    const [all = '', space = '', number, name, symbol] = PART.exec(expression) ?? []
    const start = at + space.length
    const text = number ?? name ?? symbol
    if (text === undefined) {
      if (all.length === 0 || start < expression.length)
        throw new ParameterError(
          `${JSON.stringify(expression[start] ?? '')} has no meaning at character ${start + 1} of ${shown(expression)}`,
        )
      break
    }
    const kind = number === undefined ? (name === undefined ? 'symbol' : 'name') : 'number'
    tokens.push({ kind, text, at: start })
    at += all.length
  }
  return [...tokens, { kind: 'end', text: '', at: expression.length }]
}

const PART =
  /(\s*)(?:((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|([A-Za-z_][A-Za-z0-9_$]*)|(\*\*|[-+*/^(),=]))?/y

function parseExpression(expression: string, scope: ParameterScope): ParameterValue {
  const tokens = tokensOf(expression)
  let position = 0
  let depth = 0
  const peek = (ahead = 0): Token => tokens[position + ahead] ?? { kind: 'end', text: '', at: expression.length }
  const accept = (...symbols: readonly string[]): string | undefined => {
    const { kind, text } = peek()
    if (kind !== 'symbol' || !symbols.includes(text)) return undefined
    position++
    return text
  }
  const fail = (expected: string): never => {
    const { kind, at } = peek()
    const place = kind === 'end' ? 'at the end' : `at character ${at + 1}`
    throw new ParameterError(`${expected} is missing ${place} of ${shown(expression)}`)
  }

  const value = sum()
  if (peek().kind !== 'end') fail('an operator')
  return value

  function sum(): ParameterValue {
    if (++depth > 100) throw new ParameterError('brackets are nested too deeply')
    let left = product()
    for (let symbol = accept('+', '-'); symbol !== undefined; symbol = accept('+', '-'))
      left = combine(left, symbol as Operator, product())
    depth--
    return left
  }

  function product(): ParameterValue {
    let left = power()
    for (let symbol = accept('*', '/'); symbol !== undefined; symbol = accept('*', '/'))
      left = combine(left, symbol as Operator, power())
    return left
  }

  function power(): ParameterValue {
    const base = signed()
    if (accept('^', '**') === undefined) return base
    if (++depth > 100) throw new ParameterError('powers are nested too deeply')
    return combine(base, '^', power())
  }

  function signed(): ParameterValue {
    let flips = 0
    for (let symbol = accept('+', '-'); symbol !== undefined; symbol = accept('+', '-')) if (symbol === '-') flips++
    const item = atom()
    return flips % 2 === 0 ? item : negative(item)
  }

  function atom(): ParameterValue {
    const { kind, text } = peek()
    if (kind === 'number') {
      position++
      return numberValue(Number(text))
    }
    if (kind === 'name') {
      position++
      return accept('(') === undefined ? named(text) : called(text)
    }
    if (accept('(') === undefined) return fail('a number or a name')
    const inner = sum()
    if (accept(')') === undefined) return fail(')')
    return inner
  }

  function called(name: string): ParameterValue {
    const positional: ParameterValue[] = []
    const byName = new Map<string, ParameterValue>()
    while (accept(')') === undefined) {
      if (positional.length + byName.size > 0 && accept(',') === undefined) fail('a comma or )')
      const key = peek()
      if (key.kind === 'name' && peek(1).text === '=') {
        position += 2
        byName.set(key.text, sum())
      } else positional.push(sum())
    }
    return callFunction({ name, positional, named: byName }, scope.nowMs)
  }

  function named(name: string): ParameterValue {
    if (Object.hasOwn(scope.parameters, name)) return givenValue(name, scope.parameters[name])
    const constant = CONSTANTS[name.toLowerCase()]
    if (constant !== undefined) return numberValue(constant)
    const known = Object.keys(scope.parameters)
    const near = closest(name, known)
    throw new ParameterError(`no value was given for the suite parameter ${shown(name)}`, {
      missing: true,
      hint:
        near !== undefined
          ? `Did you mean ${near}?`
          : known.length === 0
            ? 'No suite parameter has a value; give them with the suite.'
            : `Known are ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}.`,
    })
  }
}

const CONSTANTS: Readonly<Record<string, number>> = Object.assign(Object.create(null) as Record<string, number>, {
  pi: Math.PI,
  e: Math.E,
})

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
