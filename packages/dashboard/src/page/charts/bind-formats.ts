import { bytes, count, percent } from '../format/amounts.ts'
import { day, duration, moment } from '../format/times.ts'
import type { Option } from './option.ts'

type Format = (value: unknown) => string

const FORMATS: Readonly<Record<string, Format>> = {
  '@count': (value) => count(numberOf(value)),
  '@bytes': (value) => bytes(numberOf(value)),
  '@percent': (value) => percent(numberOf(value)),
  '@duration': (value) => duration(numberOf(value)),
  '@rate': (value) => (numberOf(value) === null ? '–' : `${count(numberOf(value))}/s`),
  '@byteRate': (value) => (numberOf(value) === null ? '–' : `${bytes(numberOf(value))}/s`),
  '@day': (value) => day(instantOf(value)),
  '@moment': (value) => moment(instantOf(value)),
  '@axisTime': (value) => axisTime(Number(value)),
}

/** A copy with functions where their names stood. Data is left alone: it is long, and names in it are names. */
export function bindFormats(option: Option): Record<string, unknown> {
  return bind(option) as Record<string, unknown>
}

const TAKE_FUNCTIONS: ReadonlySet<string> = new Set(['formatter', 'valueFormatter'])

function bind(value: unknown): unknown {
  if (Array.isArray(value))
    return value.length > 0 && typeof value[0] === 'object' ? value.map((item) => bind(item)) : value
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    copy[key] =
      key === 'data' ? item : TAKE_FUNCTIONS.has(key) && typeof item === 'string' ? (FORMATS[item] ?? item) : bind(item)
  }
  return copy
}

function numberOf(value: unknown): number | null {
  const one: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof one === 'number' && Number.isFinite(one) ? one : null
}

function instantOf(value: unknown): number | string | null {
  return typeof value === 'number' || typeof value === 'string' ? value : null
}

/** Midnights show their day, other times their hour. */
function axisTime(ms: number): string {
  return ms % 86_400_000 === 0 ? day(ms) : new Date(ms).toISOString().slice(11, 16)
}
