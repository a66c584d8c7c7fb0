import { toJson, type Cell, type JsonValue } from '@tidegate/core'
import type { DataType } from '../expression/data-type.ts'

/**
 * A value as Great Expectations writes it in JSON: decimals as numbers where a double has all their digits (else as text),
 * timestamps as ISO 8601 with `T` and six digits of a second's fraction, those with a zone in `+00:00`. The rest is written
 * by {@link gxJson}.
 */
export function gxValue(value: Cell, type: DataType | undefined): JsonValue {
  if (typeof value !== 'string' || type === undefined) return gxJson(value)
  switch (type.class) {
    case 'decimal':
      return decimalValue(value)
    case 'timestamp':
      return isoTimestamp(value)
    default:
      return value
  }
}

/** Like {@link gxValue} for a value or a list of values, such as an observed value. */
export function gxValues(value: Cell, type: DataType | undefined): JsonValue {
  return Array.isArray(value) ? value.map((item: Cell) => gxValue(item, type)) : gxValue(value, type)
}

/**
 * JSON of a result. As core's codec writes it, integers beyond ±2^53−1 (which are bigints) and infinities as text, except
 * that every finite double is a number, however large: it has no more digits than JSON keeps. (Great Expectations writes
 * `Infinity` without quotes, which no JSON parser takes.)
 */
export function gxJson(value: unknown): JsonValue {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map((item: unknown) => gxJson(item))
  if (!isPlain(value)) return toJson(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([name, item]) => [name, gxJson(item)]))
}

/** {@link gxJson} as text: how a result of `validate` is written to a file. `indent` in spaces, default 0. */
export function stringifyResult(value: unknown, indent = 0): string {
  return JSON.stringify(gxJson(value), undefined, indent)
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** Adding 0 turns -0 into 0. */
function decimalValue(text: string): JsonValue {
  const number = Number(text)
  if (!/^-?[0-9]+(\.[0-9]+)?$/.test(text) || !Number.isFinite(number)) return text
  return plainDigits(String(number)) === plainDigits(text) ? number + 0 : text
}

/** Without zeros that say nothing. */
function plainDigits(text: string): string {
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return trimmed === '-0' ? '0' : trimmed
}

function isoTimestamp(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(\+00)?$/.exec(text)
  if (match === null) return text
  const [, day = '', time = '', fraction, zone] = match
  return `${day}T${time}${fraction === undefined ? '' : `.${fraction.padEnd(6, '0')}`}${zone === undefined ? '' : '+00:00'}`
}
