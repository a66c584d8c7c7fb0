/** Smallest and largest value of a column elsewhere, and how far from them values of the same column may lie. */
import { PHYSICAL } from '../pages/value-spec.ts'
import { isStruct, itemsIn, structIn, type TypedStruct } from '../thrift/thrift-value.ts'
import type { LeafMeaning } from './leaf-meaning.ts'

/** In stored units (days, microseconds, unscaled decimals), as numbers: what lies beyond 2^53 is rounded. */
export interface ValueRange {
  readonly min: number
  readonly max: number
}

/** By leaf, over all row groups of a footer; undefined where it has no statistics that can be read as numbers. */
export function rangesInFooter(footer: TypedStruct, physicalTypes: readonly number[]): (ValueRange | undefined)[] {
  const groups = itemsIn(footer, 4).filter((item): item is TypedStruct => isStruct(item))
  return physicalTypes.map((physicalType, leaf) => {
    let range: ValueRange | undefined
    for (const group of groups) {
      const chunk = itemsIn(group, 1)[leaf]
      const meta = isStruct(chunk) ? structIn(chunk, 3) : undefined
      const statistics = meta === undefined ? undefined : structIn(meta, 12)
      if (statistics !== undefined) range = joinRanges(range, rangeIn(statistics, physicalType))
    }
    return range
  })
}

function rangeIn(statistics: TypedStruct, physicalType: number): ValueRange | undefined {
  const numberIn = (id: number, old: number): number | undefined =>
    toNumber(statistics.fields.get(id)?.value ?? statistics.fields.get(old)?.value, physicalType)
  const [min, max] = [numberIn(6, 2), numberIn(5, 1)]
  return min === undefined || max === undefined || !(min <= max) ? undefined : { min, max }
}

function toNumber(value: unknown, physicalType: number): number | undefined {
  if (!(value instanceof Uint8Array)) return undefined
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const width = physicalType === PHYSICAL.INT32 || physicalType === PHYSICAL.FLOAT ? 4 : 8
  return bytes.length === width ? readNumber(bytes, 0, physicalType) : undefined
}

/** The number at `at`; undefined for types that are no numbers. */
export function readNumber(bytes: Buffer, at: number, physicalType: number): number | undefined {
  switch (physicalType) {
    case PHYSICAL.INT32:
      return bytes.readInt32LE(at)
    case PHYSICAL.INT64:
      return Number(bytes.readBigInt64LE(at))
    case PHYSICAL.FLOAT:
      return bytes.readFloatLE(at)
    case PHYSICAL.DOUBLE:
      return bytes.readDoubleLE(at)
    default:
      return undefined
  }
}

export function joinRanges(left: ValueRange | undefined, right: ValueRange | undefined): ValueRange | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return { min: Math.min(left.min, right.min), max: Math.max(left.max, right.max) }
}

const DAY = 86_400
/** Years 1 to 9999 in days since 1970. */
const FIRST_DAY = -719_162
const LAST_DAY = 2_932_896
/** Files of one table may lie years apart, and a column of birth dates has a long range of its own. */
const SLACK_DAYS = 30 * 365.25
const SLACK_SPANS = 10

/**
 * Whether a stored number can be a value of its column at all, and of the same table as the range. Generous: it must tell
 * apart types of one width (an id read as a date, a float read as an integer), not good rows from odd ones.
 */
export function isPlausible(
  value: number,
  meaning: LeafMeaning,
  range: ValueRange | undefined,
  physicalType: number,
): boolean {
  switch (meaning.kind) {
    case 'date':
      return isNear(value, range, 1, [FIRST_DAY, LAST_DAY])
    case 'timestamp': {
      const perDay = DAY * meaning.perSecond
      return isNear(value, range, perDay, [FIRST_DAY * perDay, (LAST_DAY + 1) * perDay])
    }
    case 'time':
      return value >= 0 && value <= DAY * meaning.perSecond
    case 'decimal':
      return Math.abs(value) < 10 ** meaning.precision && isOfSize(value, range, 2 ** 20, 2 ** 20)
    case 'integer':
      if (meaning.bits < 32) return isOfBits(value, meaning.bits, meaning.signed)
      return meaning.bits === 32 ? isOfSize(value, range, 2 ** 17, 2 ** 11) : isOfSize(value, range, 2 ** 20, 2 ** 20)
    case 'float':
      return isOrdinaryFloat(value, range, physicalType)
    case 'other':
      return true
  }
}

function isNear(
  value: number,
  range: ValueRange | undefined,
  perDay: number,
  [first, last]: readonly [number, number],
): boolean {
  if (value < first || value > last) return false
  if (range === undefined) return true
  const slack = SLACK_DAYS * perDay + (range.max - range.min) * SLACK_SPANS
  return value >= range.min - slack && value <= range.max + slack
}

/** Ids grow, so a range by itself says little; the bits of a float read as an integer are larger by far. */
function isOfSize(value: number, range: ValueRange | undefined, floor: number, factor: number): boolean {
  if (range === undefined) return true
  return Math.abs(value) <= Math.max(Math.abs(range.min), Math.abs(range.max), floor) * factor
}

function isOfBits(value: number, bits: number, signed: boolean): boolean {
  return signed ? value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1) : value >= 0 && value < 2 ** bits
}

/** Small integers read as floats are denormal; nobody measures such values. */
function isOrdinaryFloat(value: number, range: ValueRange | undefined, physicalType: number): boolean {
  if (value === 0 || !Number.isFinite(value)) return true
  const size = Math.abs(value)
  const smallest = physicalType === PHYSICAL.FLOAT ? 1e-36 : 1e-290
  const least = range === undefined ? smallest : Math.min(smallest, largestOf(range) || smallest)
  if (size < least) return false
  return range === undefined || size <= Math.max(largestOf(range), 1) * 1e30
}

function largestOf({ min, max }: ValueRange): number {
  return Math.max(Math.abs(min), Math.abs(max))
}
