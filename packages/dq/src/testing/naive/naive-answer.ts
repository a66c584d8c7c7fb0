import type { JsonValue } from '@tidegate/core'
import { naiveAggregate } from './naive-aggregates.ts'
import { conditionOf } from './naive-conditions.ts'
import { NAIVE_RECORD_RULES, NAIVE_VALUE_RULES } from './naive-rows.ts'
import { valueIn, type NaiveCell, type NaiveRow } from './naive-table.ts'

/** An expectation of a random suite. */
export type NaiveSpec = readonly [type: string, kwargs: Readonly<Record<string, JsonValue>>]

/** What an expectation answers on the rows of one file. */
export type NaiveAnswer = NaiveRowAnswer | NaiveColumnAnswer

export interface NaiveRowAnswer {
  readonly kind: 'rows'
  readonly success: boolean
  readonly elements: number
  readonly missing: number
  /** Places of the unexpected rows in the file. */
  readonly unexpected: readonly number[]
  /** The unexpected values, in order. Of several columns, the values of each. */
  readonly values: readonly (NaiveCell | readonly NaiveCell[])[]
  /** 0–100, null if no row was considered. */
  readonly percent: number | null
}

export interface NaiveColumnAnswer {
  readonly kind: 'column'
  readonly success: boolean
  readonly observed?: NaiveCell | readonly NaiveCell[]
}

/** One row after the other, by the words of the expectation. */
export function naiveAnswer([type, kwargs]: NaiveSpec, rows: readonly NaiveRow[]): NaiveAnswer {
  const condition = conditionOf(kwargs)
  const places = rows.flatMap((row, place) => (condition === undefined || condition.holds(row) ? [place] : []))
  const part = rows.filter((_, place) => places.includes(place))
  const broken = brokenRows(type, kwargs, part)
  if (broken === undefined) return { kind: 'column', ...naiveAggregate(type, kwargs, part) }
  const unexpected = broken.bad
  const considered = part.length - broken.ignored
  return {
    kind: 'rows',
    // Nothing to judge is nothing wrong.
    success: considered === 0 || (considered - unexpected.length) / considered >= Number(kwargs['mostly'] ?? 1),
    elements: part.length,
    missing: broken.ignored,
    unexpected: unexpected.flatMap((index) => places[index] ?? []),
    values: unexpected.map((index) => shown(kwargs, part[index] ?? {})),
    percent: considered === 0 ? null : (100 * unexpected.length) / considered,
  }
}

interface BrokenRows {
  readonly bad: readonly number[]
  /** How many rows do not count. */
  readonly ignored: number
}

function brokenRows(type: string, kwargs: NaiveSpec[1], rows: readonly NaiveRow[]): BrokenRows | undefined {
  const column = String(kwargs['column'])
  const missing = (row: NaiveRow): boolean => valueIn(row, column) === null
  const placesWhere = (holds: (row: NaiveRow, place: number) => boolean): readonly number[] =>
    rows.flatMap((row, place) => (holds(row, place) ? [place] : []))
  if (type === 'expect_column_values_to_be_null') return { bad: placesWhere((row) => !missing(row)), ignored: 0 }
  if (type === 'expect_column_values_to_not_be_null') return { bad: placesWhere(missing), ignored: 0 }
  const rule = NAIVE_VALUE_RULES[type]?.(kwargs, rows)
  if (rule !== undefined) {
    const bad = placesWhere((row, place) => {
      const value = valueIn(row, column)
      return value !== null && rule(value, place)
    })
    return { bad, ignored: rows.filter(missing).length }
  }
  const columns = columnsOf(kwargs)
  const counts = (row: NaiveRow): boolean => !isIgnored(kwargs['ignore_row_if'], row, columns)
  const record = NAIVE_RECORD_RULES[type]?.(kwargs, columns, rows.filter(counts))
  if (record === undefined) return undefined
  return {
    bad: placesWhere((row) => counts(row) && record(row)),
    ignored: rows.filter((row) => !counts(row)).length,
  }
}

function columnsOf(kwargs: NaiveSpec[1]): readonly string[] {
  const { column_A: a, column_B: b, column_list: list } = kwargs
  return Array.isArray(list) ? list.map(String) : [String(a), String(b)]
}

function isIgnored(ignoreRowIf: JsonValue | undefined, row: NaiveRow, columns: readonly string[]): boolean {
  const missing = columns.filter((name) => valueIn(row, name) === null).length
  switch (ignoreRowIf) {
    case 'either_value_is_missing':
    case 'any_value_is_missing':
      return missing > 0
    case 'neither':
    case 'never':
      return false
    default:
      return missing === columns.length
  }
}

function shown(kwargs: NaiveSpec[1], row: NaiveRow): NaiveCell | readonly NaiveCell[] {
  if (typeof kwargs['column'] === 'string') return valueIn(row, kwargs['column'])
  return columnsOf(kwargs).map((name) => valueIn(row, name))
}
