import { addPart, couldBeDay } from './dateutil-date.ts'
import { halfOf, isFiller, monthOf, NotADate, unitOf } from './dateutil-words.ts'
import { hourOfHalf, tokenAt, type Reading } from './dateutil-reading.ts'

/** Reads a number with what belongs to it. @returns the index of the last token that was read. @throws NotADate */
export function readNumber(reading: Reading, index: number): number {
  const { date, tokens } = reading
  const token = tokenAt(reading, index)
  const next = tokens[index + 1]
  const { length } = token
  const isClockNext = next === ':' || unitOf(next) !== undefined
  if (date.values.length === 3 && (length === 2 || length === 4) && reading.hour === undefined && !isClockNext) {
    reading.hour = whole(token.slice(0, 2))
    if (length === 4) reading.minute = whole(token.slice(2))
    return index
  }
  if (length === 6 || token.indexOf('.') === 6) return readSix(reading, index, token)
  if (length === 8 || length === 12 || length === 14) {
    addPart(date, token.slice(0, 4), 'year')
    addPart(date, token.slice(4, 6))
    addPart(date, token.slice(6, 8))
    if (length > 8) [reading.hour, reading.minute] = [whole(token.slice(8, 10)), whole(token.slice(10, 12))]
    if (length > 12) reading.second = whole(token.slice(12))
    return index
  }
  const unit = placeOfUnit(tokens, index)
  if (unit !== undefined) return readUnit(reading, index, unit)
  if (next === ':' && tokens[index + 2] !== undefined) return readClock(reading, index)
  if (next === '-' || next === '/' || next === '.') return readSeparated(reading, index, next)
  const value = Number(token)
  if (next === undefined || isFiller(next)) {
    const half = halfOf(tokens[index + 2])
    if (half === undefined) addPart(date, value)
    else reading.hour = hourOfHalf(Math.trunc(value), half)
    return half === undefined ? index + 1 : index + 2
  }
  const half = halfOf(next)
  if (half !== undefined && value < 24) {
    reading.hour = hourOfHalf(Math.trunc(value), half)
    return index + 1
  }
  if (!couldBeDay(date, value)) throw new NotADate()
  addPart(date, value)
  return index
}

/** `YYMMDD` where no date was read, else `HHMMSS[.ss]`. */
function readSix(reading: Reading, index: number, token: string): number {
  const { date } = reading
  if (date.values.length === 0 && !token.includes('.'))
    for (const part of [token.slice(0, 2), token.slice(2, 4), token.slice(4)]) addPart(date, part)
  else {
    reading.hour = whole(token.slice(0, 2))
    reading.minute = whole(token.slice(2, 4))
    reading.second = secondsOf(token.slice(4))
  }
  return index
}

/** Where the unit of a number stands: after it, or else before it, perhaps with a space between. */
function placeOfUnit(tokens: readonly string[], index: number): number | undefined {
  if (unitOf(tokens[index + 1]) !== undefined) return index + 1
  if (tokens[index + 1] === ' ' && unitOf(tokens[index + 2]) !== undefined) return index + 2
  if (unitOf(tokens[index - 1]) !== undefined) return index - 1
  const isLast = index > 1 && index === tokens.length - 1
  return isLast && tokens[index - 1] === ' ' && unitOf(tokens[index - 2]) !== undefined ? index - 2 : undefined
}

/** `10h`, `36 m`; after `10h`, a bare number counts the next smaller unit. */
function readUnit(reading: Reading, index: number, place: number): number {
  const unit = (unitOf(reading.tokens[place]) ?? 0) + (place > index ? 0 : 1)
  const token = tokenAt(reading, index)
  const value = Number(token)
  if (unit === 0) {
    reading.hour = Math.trunc(value)
    if (value % 1 !== 0) reading.minute = Math.trunc(60 * (value % 1))
  } else if (unit === 1) readMinutes(reading, value)
  else if (unit === 2) reading.second = secondsOf(token)
  return Math.max(place, index)
}

/** `10:36`, `10:36.5`, `10:36:28.5`. */
function readClock(reading: Reading, index: number): number {
  reading.hour = Math.trunc(Number(tokenAt(reading, index)))
  const minutes = tokenAt(reading, index + 2)
  if (!/^[0-9]+(?:\.[0-9]+)?$/.test(minutes)) throw new NotADate()
  readMinutes(reading, Number(minutes))
  const seconds = reading.tokens[index + 4]
  if (reading.tokens[index + 3] !== ':' || seconds === undefined) return index + 2
  reading.second = secondsOf(seconds)
  return index + 4
}

function readMinutes(reading: Reading, value: number): void {
  reading.minute = Math.trunc(value)
  reading.second = value % 1 === 0 ? undefined : Math.trunc(60 * (value % 1))
}

/** `01-01`, `01-Jan-2001`, `01.01.01`: the separator may come twice, and must be the same then. */
function readSeparated(reading: Reading, index: number, separator: string): number {
  const { date, tokens } = reading
  addPart(date, tokenAt(reading, index))
  const second = tokens[index + 2]
  if (second === undefined || isFiller(second)) return index + 1
  addDayOrMonth(reading, second)
  if (tokens[index + 3] !== separator) return index + 2
  addDayOrMonth(reading, tokenAt(reading, index + 4))
  return index + 4
}

function addDayOrMonth({ date }: Reading, token: string): void {
  const month = monthOf(token)
  if (month === undefined) addPart(date, token)
  else addPart(date, month, 'month')
}

function whole(text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new NotADate()
  return Number(text)
}

/** Seconds with or without a fraction. */
function secondsOf(text: string): number {
  if (!/^[0-9]+(?:\.[0-9]+)?$/.test(text)) throw new NotADate()
  return Math.trunc(Number(text))
}
