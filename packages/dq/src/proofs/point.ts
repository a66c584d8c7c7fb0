import type { Cell } from '@tidegate/core'
import { integerRange, type DataType } from '../expression/data-type.ts'
import { decimalText, exactNumber, onDecimalGrid } from '../expression/exact-number.ts'
import { parseInstant, parseTimeOfDay } from '../expression/instant.ts'

/**
 * A value that can be compared without rounding: whole numbers and decimals as units of their scale, dates and times in
 * nanoseconds, booleans as 0 and 1, floats and texts as they are.
 */
export type Point = bigint | number | string

/**
 * Points compare only within a domain, which is chosen so that the engine compares such values exactly: all integer types
 * are one domain, every DECIMAL(p,s) is its own, FLOAT (`single`) and DOUBLE (`double`) compare with each other as DOUBLE.
 */
export type Domain = string

/** The domain of a type's values; undefined where nothing is proved about their order. */
export function domainOf(type: DataType): Domain | undefined {
  switch (type.class) {
    case 'integer':
      return 'integer'
    case 'decimal':
      return type.text
    case 'float':
      return type.name === 'FLOAT' ? 'single' : 'double'
    case 'boolean':
      return 'boolean'
    case 'date':
      return 'date'
    case 'timestamp':
      return TIMESTAMP_DOMAINS[type.name]
    case 'time':
      return type.name === 'TIME' ? 'time' : undefined
    case 'text':
      return type.name === 'VARCHAR' ? 'text' : undefined
    default:
      return undefined
  }
}

/** Seconds and milliseconds meet microseconds without loss. */
const TIMESTAMP_DOMAINS: Readonly<Record<string, Domain>> = {
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp_ns',
  TIMESTAMPTZ: 'timestamptz',
}

/** Reads the engine's text of a value; undefined where it is not surely the text of one value of this type. */
export function pointOf(text: string, type: DataType): Point | undefined {
  switch (type.class) {
    case 'integer':
      return integerPoint(text, type)
    case 'decimal':
      return decimalPoint(text, type)
    case 'float':
      return floatPoint(text, type)
    case 'boolean':
      return text === 'true' ? 1 : text === 'false' ? 0 : undefined
    case 'date':
      return /^[0-9]{4,6}-[0-9]{2}-[0-9]{2}$/.test(text) ? parseInstant(text) : undefined
    case 'timestamp':
      return instantPoint(text, type)
    case 'time':
      return type.name === 'TIME' ? onGrid(parseTimeOfDay(text), 1000n) : undefined
    case 'text':
      return type.name === 'VARCHAR' && text.isWellFormed() && !text.includes('\0') ? text : undefined
    default:
      return undefined
  }
}

/** Negative, zero or positive, in the engine's order: NaN above everything, texts by their UTF-8 bytes. */
export function comparePoints(left: Point, right: Point): number {
  if (typeof left === 'string' || typeof right === 'string')
    return left === right ? 0 : Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)))
  const leftNaN = Number.isNaN(left)
  const rightNaN = Number.isNaN(right)
  if (leftNaN || rightNaN) return Number(leftNaN) - Number(rightNaN)
  return left < right ? -1 : left > right ? 1 : 0
}

/** A point as the engine would hand it out, see core's `Cell`; undefined where its spelling is not sure. */
export function cellOf(text: string, type: DataType): Cell | undefined {
  const point = pointOf(text, type)
  if (point === undefined) return undefined
  switch (type.class) {
    case 'integer':
      return Number.isSafeInteger(Number(point)) ? Number(point) : point
    case 'decimal':
      return decimalText(BigInt(point), type.scale)
    case 'float':
      // -0 and 0 are equal, and which of the two an engine hands out is chance.
      return point === 0 ? undefined : point
    case 'boolean':
      return point === 1
    default:
      return text
  }
}

function integerPoint(text: string, type: DataType): bigint | undefined {
  const range = integerRange(type.name)
  if (range === undefined || !/^-?[0-9]{1,39}$/.test(text)) return undefined
  const point = BigInt(text)
  return point >= range[0] && point <= range[1] ? point : undefined
}

function decimalPoint(text: string, type: DataType): bigint | undefined {
  const exact = /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? exactNumber(text) : undefined
  if (exact === undefined) return undefined
  const { floor, ceil } = onDecimalGrid(exact, type.scale)
  const limit = 10n ** BigInt(type.precision)
  return floor === ceil && floor < limit && floor > -limit ? floor : undefined
}

function floatPoint(text: string, type: DataType): number | undefined {
  if (!/^-?([0-9.]+(e[+-]?[0-9]+)?|inf)$/.test(text)) return undefined
  const number = Number(text.replace('inf', 'Infinity'))
  if (Number.isNaN(number)) return undefined
  return type.name === 'FLOAT' ? Math.fround(number) : number
}

function instantPoint(text: string, type: DataType): bigint | undefined {
  const zoned = type.name === 'TIMESTAMPTZ'
  const shape = /^[0-9]{4,6}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(\+00)?$/.exec(text)
  if (shape === null || zoned !== (shape[1] !== undefined)) return undefined
  return onGrid(parseInstant(text), type.name === 'TIMESTAMP_NS' ? 1n : 1000n)
}

/** Digits that the type cannot hold would be cut by the engine. */
function onGrid(nanoseconds: bigint | undefined, unit: bigint): bigint | undefined {
  return nanoseconds === undefined || nanoseconds % unit !== 0n ? undefined : nanoseconds
}
