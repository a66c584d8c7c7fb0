/** The proleptic Gregorian calendar of years 1 to 9999, as Python's `datetime` has it. */

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** @param month 1 to 12 */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0)
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

export function isDate(year: number, month: number, day: number): boolean {
  return isYear(year) && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
}

export function isYear(year: number): boolean {
  return year >= 1 && year <= 9999
}

/** Day of the week of 1 January; 0 is Monday. */
export function firstWeekday(year: number): number {
  const before = year - 1
  return (before + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400)) % 7
}
