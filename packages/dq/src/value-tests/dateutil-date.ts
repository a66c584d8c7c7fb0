import { daysInMonth } from './calendar.ts'
import { NotADate } from './dateutil-words.ts'

type Label = 'year' | 'month' | 'day'

/** Up to three numbers that are year, month and day in an order that is still open. */
export interface DateParts {
  readonly values: number[]
  /** Places of those that are known. */
  readonly places: Partial<Record<Label, number>>
  /** A year was written out, so that 0099 is no short one. */
  centuryKnown: boolean
}

/** Adds a number or its text. More than two digits, or more than 100, is a year. @throws NotADate */
export function addPart(parts: DateParts, value: number | string, label?: Label): void {
  const isYear = typeof value === 'string' ? /^[0-9]{3,}$/.test(value) : value > 100
  if (typeof value === 'string' && !/^[0-9]+$/.test(value)) throw new NotADate()
  const known = isYear ? 'year' : label
  if (isYear && label !== undefined && label !== 'year') throw new NotADate()
  if (isYear) parts.centuryKnown = true
  parts.values.push(Math.trunc(Number(value)))
  if (known === undefined) return
  if (parts.places[known] !== undefined) throw new NotADate()
  parts.places[known] = parts.values.length - 1
}

export function couldBeDay({ values, places }: DateParts, value: number): boolean {
  if (places.day !== undefined) return false
  const month = places.month === undefined ? undefined : values[places.month]
  if (month === undefined) return value >= 1 && value <= 31
  const year = places.year === undefined ? 2000 : (values[places.year] ?? 2000)
  return value >= 1 && value <= daysInMonth(year, month)
}

export type ResolvedDate = Partial<Record<Label, number>>

/** Decides which is which: American order, unless a number says otherwise. @throws NotADate for more than three */
export function resolveDate({ values, places }: DateParts): ResolvedDate {
  const labels = Object.keys(places) as Label[]
  const missing = (['year', 'month', 'day'] as const).find((label) => places[label] === undefined)
  if (labels.length > 0 && values.length === labels.length) return byPlaces(values, places)
  if (values.length === 3 && labels.length === 2) {
    const place = [0, 1, 2].find((index) => !Object.values(places).includes(index)) ?? 0
    return byPlaces(values, { ...places, [missing ?? 'day']: place })
  }
  if (values.length > 3) throw new NotADate()
  const [first = 0, second = 0, third = 0] = values
  const { month } = places
  if (values.length === 0) return {}
  if (values.length === 1 || (values.length === 2 && month !== undefined)) {
    const known: ResolvedDate = month === undefined ? {} : { month: values[month] ?? 0 }
    if (values.length === 1 && month !== undefined) return known
    const other = month === 0 ? (values.at(-1) ?? 0) : first
    return other > 31 ? { ...known, year: other } : { ...known, day: other }
  }
  if (values.length === 2) return first > 31 ? { year: first, month: second } : monthFirst(first, second)
  return resolveThree([first, second, third], places)
}

function monthFirst(first: number, second: number): ResolvedDate {
  return second > 31 ? { month: first, year: second } : { month: first, day: second }
}

function resolveThree(
  [first, second, third]: readonly [number, number, number],
  places: DateParts['places'],
): ResolvedDate {
  switch (places.month) {
    case 0:
      return second > 31 ? { month: first, year: second, day: third } : { month: first, day: second, year: third }
    case 1:
      return first > 31 ? { year: first, month: second, day: third } : { day: first, month: second, year: third }
    case 2:
      return second > 31 ? { day: first, year: second, month: third } : { year: first, day: second, month: third }
    default:
  }
  if (first > 31 || places.year === 0) return { year: first, month: second, day: third }
  return first > 12 ? { day: first, month: second, year: third } : { month: first, day: second, year: third }
}

function byPlaces(values: readonly number[], places: DateParts['places']): ResolvedDate {
  return Object.fromEntries(Object.entries(places).map(([label, place]) => [label, values[place] ?? 0]))
}
