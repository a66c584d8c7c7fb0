import type { Expectation, JsonValue } from '@tidegate/core'
import { own, textAt, type FormatNote } from '../format-note.ts'
import { isMap, type JsonMap } from '../../json-map.ts'
import { FRESHNESS_TYPE } from '../our-types.ts'

/** How a table and its columns are called in elements such as `orders.created_at`. */
export interface SlaTable {
  readonly table: string
  /** There is no other object in the contract, so that a column alone is meant to be of this one. */
  readonly alone: boolean
  readonly columnOf: (property: string) => string | undefined
  readonly defaultElement: string | undefined
}

/** `latency` (or `freshness`) of a column as a check; undefined for every other property and for other tables. */
export function slaRule(
  item: JsonValue,
  place: SlaTable,
  path: string,
  notes: FormatNote[],
): readonly Expectation[] | undefined {
  if (!isMap(item) || !/^(latency|ly|freshness)$/i.test(textAt(item, 'property') ?? '')) return undefined
  const columns = elements(textAt(item, 'element') ?? place.defaultElement, place)
  if (columns.length === 0) return undefined
  const age = ageOf(item)
  if (age === undefined) {
    notes.push({
      kind: 'dropped',
      path,
      message: 'its value and unit cannot be read as a duration; it is kept in meta',
    })
    return []
  }
  if (age.rounded) notes.push({ kind: 'changed', path, message: 'a year counts 366 days, a month 31' })
  return columns.map((column) => ({ type: FRESHNESS_TYPE, kwargs: { column, max_age: age.text } }))
}

function elements(text: string | undefined, { table, alone, columnOf }: SlaTable): readonly string[] {
  return (text ?? '').split(',').flatMap((element) => {
    const parts = element.trim().split('.')
    const property = parts.at(-1) ?? ''
    const mine = parts.length === 1 ? alone : parts.at(-2) === table
    const column = mine ? columnOf(property) : undefined
    return column === undefined ? [] : [column]
  })
}

function ageOf(item: JsonMap): { readonly text: string; readonly rounded: boolean } | undefined {
  const value = own(item, 'value')
  const number = typeof value === 'string' && /^[0-9]+(\.[0-9]+)?$/.test(value.trim()) ? Number(value) : value
  const unit = UNITS[(textAt(item, 'unit') ?? 'd').toLowerCase()]
  if (typeof number !== 'number' || unit === undefined || !(number >= 0)) return undefined
  const minutes = number * unit.minutes
  if (!Number.isSafeInteger(minutes)) return undefined
  const text = minutes % 1440 === 0 ? `${minutes / 1440}d` : minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
  return { text, rounded: unit.rounded === true }
}

const MINUTE = { minutes: 1 }
const HOUR = { minutes: 60 }
const DAY = { minutes: 1440 }
const WEEK = { minutes: 7 * 1440 }
const MONTH = { minutes: 31 * 1440, rounded: true }
const YEAR = { minutes: 366 * 1440, rounded: true }

const UNITS: Readonly<Record<string, { readonly minutes: number; readonly rounded?: boolean } | undefined>> = {
  min: MINUTE,
  minute: MINUTE,
  minutes: MINUTE,
  h: HOUR,
  hr: HOUR,
  hour: HOUR,
  hours: HOUR,
  d: DAY,
  day: DAY,
  days: DAY,
  w: WEEK,
  week: WEEK,
  weeks: WEEK,
  month: MONTH,
  months: MONTH,
  y: YEAR,
  yr: YEAR,
  year: YEAR,
  years: YEAR,
}
