import type { JsonValue } from '@tidegate/core'
import { own } from '../format-note.ts'
import { isList, type JsonMap } from '../../json-map.ts'
import { parseType } from '../../expression/data-type.ts'
import type { DbtTest } from './dbt-test.ts'

/** What a test amounts to here. */
export type MappedTest =
  | {
      readonly kind: 'checks'
      readonly checks: readonly { readonly type: string; readonly kwargs: Readonly<Record<string, JsonValue>> }[]
      /** What is different from dbt's answer, if anything is. */
      readonly changed?: string | undefined
    }
  | { readonly kind: 'dropped'; readonly reason: string }

export type TestMapper = (args: TestArgs, test: DbtTest) => MappedTest

/** The arguments of a test; those that nobody asked for are known afterwards. */
export interface TestArgs {
  take(key: string): JsonValue | undefined
  text(key: string): string | undefined
  list(key: string): readonly JsonValue[] | undefined
  /** Keys that were never taken and say something. */
  untaken(): readonly string[]
}

export function testArgs(args: JsonMap): TestArgs {
  const taken = new Set<string>()
  const take = (key: string): JsonValue | undefined => {
    taken.add(key)
    return own(args, key) ?? undefined
  }
  return {
    take,
    text: (key) => {
      const value = take(key)
      return typeof value === 'string' ? value : undefined
    },
    list: (key) => {
      const value = take(key)
      return isList(value) ? value : undefined
    },
    untaken: () => Object.keys(args).filter((key) => !taken.has(key) && args[key] !== null && args[key] !== undefined),
  }
}

export function checks(
  type: string,
  kwargs: Readonly<Record<string, JsonValue | undefined>>,
  changed?: string,
): MappedTest {
  const given = Object.entries(kwargs).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined)
  return { kind: 'checks', checks: [{ type, kwargs: Object.fromEntries(given) }], changed }
}

export function dropped(reason: string): MappedTest {
  return { kind: 'dropped', reason }
}

/** The name in `ref('orders')`, `ref('package', 'orders')`, `source('shop', 'orders')`, with or without `{{ }}`. */
export function referencedTable(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value
    .trim()
    .replace(/^\{\{\s*/, '')
    .replace(/\s*\}\}$/, '')
  const call =
    /^(ref|source)\(\s*(['"])([^'"]+)\2\s*(?:,\s*(?:v(?:ersion)?\s*=\s*[^,)]+|(['"])([^'"]+)\4))?\s*\)$/.exec(text)
  if (call === null) return undefined
  const [, kind, , first = '', , second] = call
  if (second === undefined) return kind === 'ref' ? first : undefined
  return kind === 'ref' ? second : `${first}.${second}`
}

/**
 * Values that dbt writes into SQL as texts (`quote`, its default) or as they are. In which way they are compared depends
 * on the column: a text column takes them as texts, a column of numbers reads the texts as numbers.
 */
export function quotedValues(
  values: readonly JsonValue[],
  quote: boolean,
  columnType: string | undefined,
): readonly JsonValue[] {
  const kind = columnType === undefined ? undefined : parseType(columnType)?.class
  if (kind === 'text' && quote) return values.map((value) => (value === null ? null : String(value)))
  if (kind === 'integer' || kind === 'decimal' || kind === 'float') return values.map(asNumber)
  if (kind === undefined && !quote) return values.map(unquoted)
  return values
}

function asNumber(value: JsonValue): JsonValue {
  if (typeof value !== 'string' || !/^\s*-?[0-9]+(\.[0-9]+)?\s*$/.test(value)) return value
  const number = Number(value)
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? value.trim() : number
}

/** `'a'` written with SQL's own quotes. */
function unquoted(value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value
  const literal = /^'((?:[^']|'')*)'$/.exec(value.trim())
  return literal === null ? asNumber(value) : (literal[1] ?? '').replaceAll("''", "'")
}

/** Duration of `interval` dateparts as our words have it, and whether a month or year was counted in days. */
export function maxAge(
  datepart: JsonValue | undefined,
  interval: JsonValue | undefined,
): { readonly text: string; readonly rounded: boolean } | undefined {
  const unit = typeof datepart === 'string' ? UNITS[datepart.trim().toLowerCase().replace(/s$/, '')] : undefined
  const count = typeof interval === 'string' && /^[0-9]+$/.test(interval.trim()) ? Number(interval) : interval
  if (unit === undefined || typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) return undefined
  return { text: `${count * unit.times}${unit.suffix}`, rounded: unit.rounded === true }
}

const UNITS: Readonly<Record<string, { readonly suffix: string; readonly times: number; readonly rounded?: boolean }>> =
  {
    second: { suffix: 's', times: 1 },
    minute: { suffix: 'm', times: 1 },
    hour: { suffix: 'h', times: 1 },
    day: { suffix: 'd', times: 1 },
    week: { suffix: 'd', times: 7 },
    month: { suffix: 'd', times: 31, rounded: true },
    quarter: { suffix: 'd', times: 92, rounded: true },
    year: { suffix: 'd', times: 366, rounded: true },
  }
