/**
 * Per-file statistics from what the engine says of the file it wrote. Pure. A statistic that is doubtful is left out: a
 * reader that skips files by it would lose rows.
 */
import type { Cell } from '@tidegate/core'
import { decimalOf, isStructType, type DeltaField, type DeltaType } from './delta-type.ts'

/** Leaf path (`"a"."b"`) → what the engine says of it, all as text. */
export type EngineStatistics = ReadonlyMap<string, ReadonlyMap<string, string>>

interface Tree {
  readonly [name: string]: Tree | string
}

const INDEXED_COLUMNS = 32
const TEXT_LIMIT = 32
const LAST_CHARACTER = '\u{10FFFF}'

/** The map that `RETURN_STATS` gives in `column_statistics`. */
export function engineStatistics(cell: Cell): EngineStatistics {
  return new Map(
    pairs(cell).map(([path, facts]) => [path, new Map(pairs(facts).map(([key, text]) => [key, String(text)]))]),
  )
}

/**
 * The `stats` text of an `add`.
 *
 * @param fields data columns in the order of the schema, without partition columns
 * @param indexed leaves that get statistics: `delta.dataSkippingNumIndexedCols`, -1 for all. @defaultValue 32
 */
export function statisticsText(
  rows: number,
  fields: readonly DeltaField[],
  engine: EngineStatistics,
  indexed: number = INDEXED_COLUMNS,
): string {
  const budget = { left: indexed < 0 ? Number.POSITIVE_INFINITY : indexed }
  const trees = treesOf(fields, [], engine, budget)
  return `{"numRecords":${rows},"minValues":${text(trees.min)},"maxValues":${text(trees.max)},"nullCount":${text(trees.nulls)}}`
}

/** NULLs of a top-level column that is not nested, if the engine told. */
export function nullsOf(field: DeltaField, engine: EngineStatistics): number | undefined {
  const told = engine.get(quote([field.name]))?.get('null_count')
  return told === undefined ? undefined : Number(told)
}

interface Trees {
  readonly min: Tree
  readonly max: Tree
  readonly nulls: Tree
}

function treesOf(
  fields: readonly DeltaField[],
  above: readonly string[],
  engine: EngineStatistics,
  budget: { left: number },
): Trees {
  // No prototype: a column may be named __proto__.
  const [min, max, nulls] = [fresh(), fresh(), fresh()]
  for (const field of fields) {
    const path = [...above, field.name]
    if (isStructType(field.type)) {
      const inner = treesOf(field.type.fields, path, engine, budget)
      if (Object.keys(inner.min).length > 0) min[field.name] = inner.min
      if (Object.keys(inner.max).length > 0) max[field.name] = inner.max
      if (Object.keys(inner.nulls).length > 0) nulls[field.name] = inner.nulls
      continue
    }
    budget.left -= 1
    if (budget.left < 0 || typeof field.type !== 'string') continue
    const facts = engine.get(quote(path))
    const count = facts?.get('null_count')
    if (facts === undefined || count === undefined || !/^\d+$/.test(count)) continue
    nulls[field.name] = count
    const [least, most] = [bound(facts, 'min', field.type), bound(facts, 'max', field.type)]
    if (least === undefined || most === undefined) continue
    min[field.name] = least
    max[field.name] = most
  }
  return { min, max, nulls }
}

function fresh(): Record<string, Tree | string> {
  return Object.create(null) as Record<string, Tree | string>
}

/** One bound as a JSON text; undefined where there is none to trust. */
function bound(facts: ReadonlyMap<string, string>, side: 'min' | 'max', type: DeltaType): string | undefined {
  const value = facts.get(side)
  if (value === undefined || typeof type !== 'string') return undefined
  switch (type) {
    case 'string':
      return side === 'min' ? JSON.stringify(cut(value)) : quotedOrNone(upperBound(value))
    case 'boolean':
      // A reader of note takes a bound that is not there for one that no value meets.
      return /^[01]$/.test(value) ? String(value === '1') : undefined
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(value) ? JSON.stringify(value) : undefined
    case 'timestamp':
      return quotedOrNone(milliseconds(value, /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?\+00$/, 'Z'))
    case 'timestamp_ntz':
      return quotedOrNone(milliseconds(value, /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?$/, ''))
    case 'float':
    case 'double':
      // NaN is above all numbers for some readers and nothing for others.
      return facts.get('has_nan') === 'false' ? number(value) : undefined
    case 'byte':
    case 'short':
    case 'integer':
    case 'long':
      return number(value)
    default:
      return decimalOf(type) === undefined ? undefined : number(value)
  }
}

/** Digits are copied, never parsed: 64-bit integers and decimals are wider than a double. */
function number(value: string): string | undefined {
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? value : undefined
}

/** "Timestamp columns are truncated down to milliseconds" (of the maximum as well; readers add one). */
function milliseconds(value: string, shape: RegExp, zone: string): string | undefined {
  if (!shape.test(value)) return undefined
  const fraction = (/\.(\d+)/.exec(value)?.[1] ?? '').slice(0, 3).padEnd(3, '0')
  return `${value.slice(0, 10)}T${value.slice(11, 19)}.${fraction}${zone}`
}

function cut(value: string): string {
  return Array.from(value.slice(0, 2 * TEXT_LIMIT))
    .slice(0, TEXT_LIMIT)
    .join('')
}

/** A text of limited length that no value with this prefix exceeds. */
function upperBound(value: string): string | undefined {
  const prefix = cut(value)
  if (prefix === value) return value
  return value.startsWith(LAST_CHARACTER, prefix.length) ? undefined : prefix + LAST_CHARACTER
}

function quotedOrNone(value: string | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}

function text(tree: Tree): string {
  const members = Object.entries(tree).map(
    ([name, value]) => `${JSON.stringify(name)}:${typeof value === 'string' ? value : text(value)}`,
  )
  return `{${members.join(',')}}`
}

function quote(path: readonly string[]): string {
  return path.map((name) => `"${name.replaceAll('"', '""')}"`).join('.')
}

/** The engine hands maps out as lists of pairs. */
function pairs(cell: Cell): readonly (readonly [string, Cell])[] {
  if (!Array.isArray(cell)) return []
  const list = cell as readonly { readonly key: Cell; readonly value: Cell }[]
  return list.map(({ key, value }) => [String(key), value] as const)
}
