import type { JsonValue } from '@tidegate/core'
import { own } from '../format-note.ts'
import { isList, type JsonMap } from '../../json-map.ts'

/** The operators of a quality rule as one range of numbers; undefined on a side that is open. */
export interface MustRange {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly strictMin: boolean
  readonly strictMax: boolean
  /** Numbers that are not allowed within the range; rarely any. */
  readonly not: readonly (number | readonly [number, number])[]
}

export const MUST_KEYS: readonly string[] = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeGreaterThanOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeLessThanOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
]

/** Reads the operators; undefined if there are none, or one that is no number. Bounds of `mustBeBetween` belong to it. */
export function mustRange(rule: JsonMap): MustRange | undefined {
  const keys = MUST_KEYS.filter((key) => own(rule, key) !== undefined)
  if (keys.length === 0) return undefined
  let range: MustRange = { strictMin: false, strictMax: false, not: [] }
  for (const key of keys) {
    const next = applied(range, key, own(rule, key) ?? null)
    if (next === undefined) return undefined
    range = next
  }
  return range
}

function applied(range: MustRange, key: string, value: JsonValue): MustRange | undefined {
  if (key === 'mustBeBetween' || key === 'mustNotBeBetween') {
    if (!isList(value) || value.length !== 2) return undefined
    const [low, high] = value.map(asNumber)
    if (low === undefined || high === undefined) return undefined
    return key === 'mustBeBetween'
      ? raised(lowered(range, high, false), low, false)
      : { ...range, not: [...range.not, [low, high]] }
  }
  const number = asNumber(value)
  if (number === undefined) return undefined
  switch (key) {
    case 'mustBe':
      return raised(lowered(range, number, false), number, false)
    case 'mustNotBe':
      return { ...range, not: [...range.not, number] }
    case 'mustBeGreaterThan':
      return raised(range, number, true)
    case 'mustBeGreaterOrEqualTo':
    case 'mustBeGreaterThanOrEqualTo':
      return raised(range, number, false)
    case 'mustBeLessThan':
      return lowered(range, number, true)
    default:
      return lowered(range, number, false)
  }
}

function raised(range: MustRange, min: number, strictMin: boolean): MustRange {
  if (range.min !== undefined && (range.min > min || (range.min === min && range.strictMin))) return range
  return { ...range, min, strictMin }
}

function lowered(range: MustRange, max: number, strictMax: boolean): MustRange {
  if (range.max !== undefined && (range.max < max || (range.max === max && range.strictMax))) return range
  return { ...range, max, strictMax }
}

function asNumber(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  return typeof value === 'string' && /^-?[0-9]+(\.[0-9]+)?$/.test(value.trim()) ? Number(value) : undefined
}

/** The range as a condition on `value` in SQL; true and false are compared as they are. */
export function mustCondition(rule: JsonMap): string | undefined {
  const is = own(rule, 'mustBe')
  if (typeof is === 'boolean') return is ? 'value' : 'NOT value'
  const range = mustRange(rule)
  if (range === undefined) return MUST_KEYS.some((key) => own(rule, key) !== undefined) ? undefined : 'value'
  const parts: string[] = []
  if (range.min !== undefined) parts.push(`value ${range.strictMin ? '>' : '>='} ${range.min}`)
  if (range.max !== undefined) parts.push(`value ${range.strictMax ? '<' : '<='} ${range.max}`)
  for (const not of range.not)
    parts.push(typeof not === 'number' ? `value <> ${not}` : `NOT (value BETWEEN ${not[0]} AND ${not[1]})`)
  return parts.join(' AND ')
}
