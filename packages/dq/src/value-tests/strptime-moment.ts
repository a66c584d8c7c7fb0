import { firstWeekday, isDate, isLeapYear, isYear } from './calendar.ts'
import { MONTHS, short, WEEKDAYS } from './strptime-directives.ts'

/** Whether what the directives found is a moment that Python's datetime can hold. Fields are named by their directive. */
export function isMoment(fields: ReadonlyMap<string, string>): boolean {
  // A minute may have a 61st second to strptime, but not to datetime.
  if (Number(fields.get('S') ?? 0) > 59) return false
  if (!isOffset(fields.get('z'))) return false
  const weekday = weekdayOf(fields)
  if (fields.has('G') || fields.has('V')) return isIsoDate(fields, weekday)
  const given = yearOf(fields)
  const month = monthOf(fields)
  const day = Number(fields.get('d') ?? 1)
  const year = given ?? 1900
  if (!isYear(year)) return false
  const ordinal = ordinalOf(fields, year, weekday)
  if (ordinal === undefined) return isDate(year, month, day)
  // Day 366 of a common year is the first of the next one; days before the first belong to the year before.
  if (ordinal <= 0) return year > 1
  return year < 9999 || ordinal <= (isLeapYear(year) ? 366 : 365)
}

function yearOf(fields: ReadonlyMap<string, string>): number | undefined {
  const last = [...fields.keys()].findLast((name) => name === 'y' || name === 'Y')
  if (last === undefined) return undefined
  const value = Number(fields.get(last))
  if (last === 'Y') return value
  return value <= 68 ? 2000 + value : 1900 + value
}

function monthOf(fields: ReadonlyMap<string, string>): number {
  let month = 1
  for (const [name, value] of fields) {
    if (name === 'm') month = Number(value)
    else if (name === 'B') month = MONTHS.findIndex((item) => item === value.toLowerCase()) + 1
    else if (name === 'b') month = MONTHS.findIndex((item) => short(item) === value.toLowerCase()) + 1
  }
  return month
}

/** 0 is Monday; the last directive counts. */
function weekdayOf(fields: ReadonlyMap<string, string>): number | undefined {
  let weekday: number | undefined
  for (const [name, value] of fields) {
    if (name === 'A') weekday = WEEKDAYS.findIndex((item) => item === value.toLowerCase())
    else if (name === 'a') weekday = WEEKDAYS.findIndex((item) => short(item) === value.toLowerCase())
    else if (name === 'w') weekday = (Number(value) + 6) % 7
    else if (name === 'u') weekday = Number(value) - 1
  }
  return weekday
}

/** Day of the year, from 1 on, where `%j`, or a week and a weekday, say it. */
function ordinalOf(fields: ReadonlyMap<string, string>, year: number, weekday: number | undefined): number | undefined {
  const given = fields.get('j')
  if (given !== undefined) return Number(given)
  const kind = [...fields.keys()].findLast((name) => name === 'U' || name === 'W')
  if (kind === undefined || weekday === undefined) return undefined
  const week = Number(fields.get(kind))
  const shift = kind === 'U' ? 1 : 0
  const first = (firstWeekday(year) + shift) % 7
  const day = (weekday + shift) % 7
  return week === 0 ? 1 + day - first : 1 + ((7 - first) % 7) + 7 * (week - 1) + day
}

/**
 * The ISO year needs its week and a weekday, the ISO week its year, and neither goes with another calendar. Week 0, and week
 * 53 of a year with 52, are counted on: Python does not refuse them before 3.12.
 */
function isIsoDate(fields: ReadonlyMap<string, string>, weekday: number | undefined): boolean {
  const [yearText, week] = [fields.get('G'), fields.get('V')]
  if (yearText === undefined || week === undefined || weekday === undefined || fields.has('j')) return false
  const year = Number(yearText)
  if (!isYear(year)) return false
  // 4 January is in week 1, whichever day it is.
  const fourth = ((firstWeekday(year) + 3) % 7) + 1
  const ordinal = Number(week) * 7 + weekday + 1 - (fourth + 3)
  if (ordinal < 1) return year > 1
  return year < 9999 || ordinal <= 365
}

/** Colons everywhere or nowhere, and less than a day. */
function isOffset(offset: string | undefined): boolean {
  if (offset === undefined || offset === 'Z') return true
  if (!/^[+-]\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?|\d\d(?:\d\d(?:\.\d+)?)?)$/.test(offset)) return false
  return Number(offset.slice(1, 3)) <= 23
}
