import type { JsonValue } from '@tidegate/core'
import { integerRange, type DataType } from './data-type.ts'
import { decimalText, exactNumber, gridPosition, onDecimalGrid, type GridPosition } from './exact-number.ts'
import type { Expression } from './expression.ts'
import { DAY_NS, dateText, instantText, parseInstant, parseTimeOfDay, timeText } from './instant.ts'

/**
 * The values of an exact type are points on a grid: whole numbers, hundredths, days, microseconds. A bound of a contract
 * is placed on the grid before it meets the engine, so that the comparison runs in the column's own type, never overflows
 * and never rounds.
 */
export interface ValueGrid {
  /** Where the value lies, or undefined if it is not a value of this kind. */
  position(value: JsonValue): GridPosition | undefined
  literal(point: bigint): Expression
  readonly lowest: bigint | undefined
  readonly highest: bigint | undefined
}

/** The grid of an exact type; undefined for floats, texts and everything that is not ordered. */
export function valueGrid(type: DataType): ValueGrid | undefined {
  switch (type.class) {
    case 'integer':
      return integerGrid(type)
    case 'decimal':
      return decimalGrid(type)
    case 'date':
      return dayGrid
    case 'timestamp':
      return timestampGrid(type)
    case 'time':
      return timeGrid(type)
    default:
      return undefined
  }
}

/** The largest FLOAT; a cast of anything beyond it fails. */
export const FLOAT_MAX: number = 3.4028234663852886e38

/**
 * A number as a contract writes it. Texts are numbers only where our JSON codec had to write one: integers beyond
 * ±2^53−1, and everything in DECIMAL columns. So `"2"` is never 2 in an INTEGER column.
 */
export function isNumberFor(type: DataType, value: JsonValue): value is number | string {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'string') return false
  const exact = /[eE]/.test(value) ? undefined : exactNumber(value)
  if (exact === undefined) return false
  return type.class === 'decimal' || (!Number.isSafeInteger(Number(value)) && exact.scale === 0)
}

function integerGrid(type: DataType): ValueGrid {
  const [lowest, highest] = integerRange(type.name) ?? [undefined, undefined]
  return {
    lowest,
    highest,
    position: (value) => decimalPosition(type, value, 0),
    literal: (point) =>
      point >= INT64_MIN && point <= INT64_MAX
        ? { op: 'literal', value: cellOf(point) }
        : { op: 'literal', value: point.toString(), type: type.name },
  }
}

function decimalGrid(type: DataType): ValueGrid {
  const highest = 10n ** BigInt(type.precision) - 1n
  return {
    lowest: -highest,
    highest,
    position: (value) => decimalPosition(type, value, type.scale),
    literal: (point) => ({ op: 'literal', value: decimalText(point, type.scale), type: type.text }),
  }
}

function decimalPosition(type: DataType, value: JsonValue, scale: number): GridPosition | undefined {
  if (!isNumberFor(type, value)) return undefined
  const exact = exactNumber(value)
  return exact === undefined ? undefined : onDecimalGrid(exact, scale)
}

const dayGrid: ValueGrid = {
  lowest: undefined,
  highest: undefined,
  position: (value) => instantPosition(value, DAY_NS, parseInstant),
  literal: (point) => ({ op: 'literal', value: dateText(point), type: 'DATE' }),
}

function timestampGrid(type: DataType): ValueGrid {
  // Seconds and milliseconds are compared as microseconds: widening a column never loses anything.
  const unit = type.name === 'TIMESTAMP_NS' ? 1n : 1000n
  const name = type.name === 'TIMESTAMP_S' || type.name === 'TIMESTAMP_MS' ? 'TIMESTAMP' : type.name
  const zone = type.name === 'TIMESTAMPTZ' ? '+00' : ''
  return {
    lowest: undefined,
    highest: undefined,
    position: (value) => instantPosition(value, unit, parseInstant),
    literal: (point) => ({ op: 'literal', value: instantText(point * unit) + zone, type: name }),
  }
}

function timeGrid(type: DataType): ValueGrid {
  const unit = type.name === 'TIME_NS' ? 1n : 1000n
  return {
    lowest: undefined,
    highest: undefined,
    position: (value) => instantPosition(value, unit, parseTimeOfDay),
    literal: (point) => ({ op: 'literal', value: timeText(point * unit), type: type.name }),
  }
}

function instantPosition(
  value: JsonValue,
  unit: bigint,
  parse: (text: string) => bigint | undefined,
): GridPosition | undefined {
  const nanoseconds = typeof value === 'string' ? parse(value) : undefined
  return nanoseconds === undefined ? undefined : gridPosition(nanoseconds, unit)
}

function cellOf(point: bigint): number | bigint {
  const number = Number(point)
  return Number.isSafeInteger(number) ? number : point
}

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
