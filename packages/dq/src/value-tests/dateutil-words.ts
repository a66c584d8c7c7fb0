import { MONTHS as MONTH_NAMES, WEEKDAYS as WEEKDAY_NAMES } from './strptime-directives.ts'
/** The words that dateutil knows, in any case. */

/** The text is no date. */
export class NotADate extends Error {
  override readonly name = 'NotADate'
}

/** Words and signs that stand between others and mean nothing. */
export function isFiller(token: string | undefined): boolean {
  return token !== undefined && FILLERS.has(token.toLowerCase())
}

export function isWeekday(token: string): boolean {
  return WEEKDAYS.has(token.toLowerCase())
}

/** 1 to 12. */
export function monthOf(token: string | undefined): number | undefined {
  return token === undefined ? undefined : MONTHS.get(token.toLowerCase())
}

/** What a unit of time counts: 0 hours, 1 minutes, 2 seconds. */
export function unitOf(token: string | undefined): number | undefined {
  return token === undefined ? undefined : UNITS.get(token.toLowerCase())
}

export function halfOf(token: string | undefined): 'am' | 'pm' | undefined {
  return token === undefined ? undefined : HALVES.get(token.toLowerCase())
}

/** Could name a zone: up to five capitals, of whatever meaning. */
export function isZoneName(token: string): boolean {
  return /^[A-Z]{1,5}$/.test(token) || token === 'z'
}

export function isUtcName(token: string): boolean {
  return /^(?:utc|gmt|z)$/i.test(token)
}

const FILLERS: ReadonlySet<string> = new Set([
  ' ',
  '.',
  ',',
  ';',
  '-',
  '/',
  "'",
  'at',
  'on',
  'and',
  'ad',
  'm',
  't',
  'of',
  'st',
  'nd',
  'rd',
  'th',
])

const WEEKDAYS: ReadonlySet<string> = new Set(WEEKDAY_NAMES.flatMap((day) => [day, day.slice(0, 3)]))

const MONTHS: ReadonlyMap<string, number> = new Map(
  MONTH_NAMES.flatMap((month, index): [string, number][] => [
    [month, index + 1],
    [month.slice(0, 3), index + 1],
    ...(month === 'september' ? [['sept', 9] as [string, number]] : []),
  ]),
)

const UNITS: ReadonlyMap<string, number> = new Map(
  ['hour', 'minute', 'second'].flatMap((unit, index): [string, number][] => [
    [unit, index],
    [`${unit}s`, index],
    [unit.slice(0, 1), index],
  ]),
)

const HALVES: ReadonlyMap<string, 'am' | 'pm'> = new Map([
  ['am', 'am'],
  ['a', 'am'],
  ['pm', 'pm'],
  ['p', 'pm'],
])
