/**
 * Whether Python's `dateutil.parser.parse` accepts a text, with its default settings: month before day where both are
 * possible, nothing unknown in between.
 *
 * What the text leaves open, dateutil takes from today. So that an answer does not change over night, a missing month has 31
 * days here and a missing year is a leap year.
 */
import { isDate } from './calendar.ts'
import { addPart, resolveDate } from './dateutil-date.ts'
import { readNumber } from './dateutil-number.ts'
import { hourOfHalf, tokenAt, type Reading } from './dateutil-reading.ts'
import { cutIntoTokens } from './dateutil-tokens.ts'
import { halfOf, isFiller, isUtcName, isWeekday, isZoneName, monthOf, NotADate } from './dateutil-words.ts'
import { withAsciiDigits } from './unicode-digits.ts'

export function isDateutilParseable(text: string): boolean {
  if (UNREADABLE.test(text)) return false
  const reading: Reading = {
    tokens: [...cutIntoTokens(withAsciiDigits(text))],
    date: { values: [], places: {}, centuryKnown: false },
    weekday: false,
    hour: undefined,
    minute: undefined,
    second: undefined,
    zoneName: undefined,
    zoneOffset: undefined,
  }
  try {
    for (let index = 0; index < reading.tokens.length;) index = readToken(reading, index) + 1
    return isMoment(reading)
  } catch (error) {
    if (error instanceof NotADate) return false
    throw error
  }
}

/** Superscripts and circled digits: digits, but no numbers to Python's int. */
const UNREADABLE = /[\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490]/

/** @returns the index of the last token that was read */
function readToken(reading: Reading, index: number): number {
  const token = tokenAt(reading, index)
  if (/^[0-9]+(?:\.[0-9]+)?$/.test(token)) return readNumber(reading, index)
  // These are numbers to Python, though none that a date could have.
  if (/^(?:nan|inf|infinity)$/i.test(token)) throw new NotADate()
  if (isWeekday(token)) {
    reading.weekday = true
    return index
  }
  const month = monthOf(token)
  if (month !== undefined) return readMonth(reading, index, month)
  const half = halfOf(token)
  if (half !== undefined) {
    if (reading.hour === undefined || reading.hour > 12) throw new NotADate()
    reading.hour = hourOfHalf(reading.hour, half)
    return index
  }
  if (isFreeZoneName(reading, token)) return readZoneName(reading, index, token)
  if (reading.hour !== undefined && (token === '+' || token === '-')) return readOffset(reading, index, token)
  if (isFiller(token)) return index
  throw new NotADate()
}

/** `Jan-01`, `Jan-01-99`, `Jan of 01`; what follows a lone month is read by itself. */
function readMonth(reading: Reading, index: number, month: number): number {
  const { date, tokens } = reading
  addPart(date, month, 'month')
  const separator = tokens[index + 1]
  if (separator === '-' || separator === '/') {
    addPart(date, tokenAt(reading, index + 2))
    if (tokens[index + 3] !== separator) return index + 2
    addPart(date, tokenAt(reading, index + 4))
    return index + 4
  }
  const year = tokens[index + 4]
  const isOf = separator === ' ' && tokens[index + 3] === ' ' && tokens[index + 2]?.toLowerCase() === 'of'
  if (!isOf || year === undefined) return index
  if (/^[0-9]+$/.test(year)) addPart(date, Number(year) < 100 ? Number(year) + 2000 : Number(year), 'year')
  return index + 4
}

function isFreeZoneName({ hour, zoneName, zoneOffset }: Reading, token: string): boolean {
  return hour !== undefined && zoneName === undefined && zoneOffset === undefined && isZoneName(token)
}

function readZoneName(reading: Reading, index: number, token: string): number {
  reading.zoneName = token
  if (token === 'z') reading.zoneOffset = 0
  const sign = reading.tokens[index + 1]
  if (sign === '+' || sign === '-') {
    reading.zoneOffset = undefined
    if (isUtcName(token)) reading.zoneName = undefined
  }
  return index
}

/** `+0300`, `+03:00`, `+3`, and the name of the zone that may follow in parentheses. */
function readOffset(reading: Reading, index: number, sign: string): number {
  const { tokens } = reading
  const digits = tokenAt(reading, index + 1)
  let last = index + 1
  let [hours, minutes] = [digits, '0']
  if (digits.length === 4) [hours, minutes] = [digits.slice(0, 2), digits.slice(2)]
  else if (tokens[index + 2] === ':') {
    minutes = tokenAt(reading, index + 3)
    last += 2
  } else if (digits.length > 2) throw new NotADate()
  if (!/^[0-9]+$/.test(hours) || !/^[0-9]+$/.test(minutes)) throw new NotADate()
  reading.zoneOffset = (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
  const name = tokens[last + 3]
  const isNamed = isFiller(tokens[last + 1]) && tokens[last + 2] === '(' && tokens[last + 4] === ')'
  if (!isNamed || name === undefined || name.length < 3) return last
  if (reading.zoneName !== undefined || !isZoneName(name)) return last
  reading.zoneName = name
  return last + 4
}

/** Longest offset that Python's timedelta holds, in seconds; exclusive. */
const LONGEST_OFFSET = 86_400 * 1_000_000_000

function isMoment(reading: Reading): boolean {
  const { hour, minute, second, weekday, zoneName, zoneOffset } = reading
  const { year, month, day } = resolveDate(reading.date)
  const parts = [year, month, day, hour, minute, second, zoneName, zoneOffset]
  if (!weekday && parts.every((part) => part === undefined)) return false
  const shortYear = year !== undefined && year < 100 && !reading.date.centuryKnown
  return (
    isDate(year === undefined ? 2000 : shortYear ? year + 2000 : year, month ?? 1, day ?? 1) &&
    (hour ?? 0) <= 23 &&
    (minute ?? 0) <= 59 &&
    (second ?? 0) <= 59 &&
    Math.abs(zoneOffset ?? 0) < LONGEST_OFFSET
  )
}
