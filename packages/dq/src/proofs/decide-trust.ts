import type { ChunkStatistics, ColumnStatistics } from '@tidegate/core'
import type { DataType } from '../expression/data-type.ts'
import { comparePoints, domainOf, pointOf, type Domain, type Point } from './point.ts'
import type { WriterTrust } from './writers.ts'

/** What may be believed of one column in one row group. */
export interface ChunkFacts {
  /** What the column's values are compared as; undefined where nothing is known of their order. */
  readonly domain: Domain | undefined
  readonly rows: number
  /** Undefined: not known. */
  readonly nulls: number | undefined
  /** Both ends are values of the chunk; NaN is not counted among them. Undefined: not known, or no values. */
  readonly range: TrustedRange | undefined
  /** A float chunk that may hold NaN beside its range: null counts do not count it, nor does min or max tell of it. */
  readonly mayHoldNaN: boolean
  /** Why the null count, or the range, is not believed. */
  readonly doubts: readonly Doubt[]
}

export interface TrustedRange {
  readonly domain: Domain
  readonly low: Point
  readonly high: Point
  readonly lowText: string
  readonly highText: string
}

export type Doubt =
  /** The footer does not say. */
  | 'absent'
  /** Cut to a prefix, or not said to be whole where values of any length can be cut. */
  | 'inexact'
  /** Only the old fields, whose order is not the one of this type. */
  | 'deprecated'
  /** Statistics that cannot be true. */
  | 'contradictory'
  /** The writer is known to write wrong ones, or not known to write right ones. */
  | 'writer'
  /** The type, or the way the file stores it, has no order that the engine shares. */
  | 'type'
  /** The text is not surely one value of the type. */
  | 'unreadable'

/**
 * Decides whether to believe a footer. Pure. `rows` are those of the row group, `type` is the column's in the relation and
 * in the file alike.
 */
export function decideTrust(
  column: ColumnStatistics,
  chunk: ChunkStatistics,
  rows: number,
  type: DataType,
  writer: WriterTrust,
): ChunkFacts {
  const mayHoldNaN = type.class === 'float' && !(writer.tellsNaN && chunk.min !== null && chunk.max !== null)
  const unknown = { domain: domainOf(type), rows, nulls: undefined, range: undefined, mayHoldNaN }
  if (isContradictory(chunk, rows)) return { ...unknown, doubts: ['contradictory'] }
  const nulls = trustedNulls(chunk, writer)
  const range = trustedRange(column, chunk, type, writer)
  if (range === 'contradictory') return { ...unknown, doubts: ['contradictory'] }
  const doubts = [nulls, range].filter((item) => typeof item === 'string')
  return {
    ...unknown,
    nulls: typeof nulls === 'number' ? nulls : undefined,
    range: typeof range === 'object' ? range : undefined,
    doubts,
  }
}

function isContradictory({ values, nulls, min, max, distinct }: ChunkStatistics, rows: number): boolean {
  if (!isCount(rows) || values !== rows) return true
  if (nulls === null) return false
  if (!isCount(nulls) || nulls > rows) return true
  const present = rows - nulls
  // All rows are null, and yet there is a value; or more different values than values.
  return (present === 0 && (min !== null || max !== null)) || (distinct !== null && distinct > present)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function trustedNulls({ nulls }: ChunkStatistics, writer: WriterTrust): number | Doubt {
  if (nulls === null) return 'absent'
  return writer.nulls === 'all' || (writer.nulls === 'zero' && nulls === 0) ? nulls : 'writer'
}

function trustedRange(
  column: ColumnStatistics,
  { min, max, exact, deprecated }: ChunkStatistics,
  type: DataType,
  writer: WriterTrust,
): TrustedRange | Doubt {
  const storage = storageOf(column, type)
  const domain = domainOf(type)
  if (storage === undefined || domain === undefined) return 'type'
  if (min === null || max === null) return 'absent'
  if (exact === false || (NEED_EXACT.has(storage) && exact !== true)) return 'inexact'
  if (deprecated && storage !== 'plain') return 'deprecated'
  if (!(storage === 'plain' ? writer.plainRanges : writer.subtleRanges)) return 'writer'
  const low = readPoint(min, type)
  const high = readPoint(max, type)
  if (low === undefined || high === undefined) return 'unreadable'
  if (comparePoints(low, high) > 0) return 'contradictory'
  return { domain, low, high, lowText: min, highText: max }
}

function readPoint(text: string, type: DataType): Point | undefined {
  const point = pointOf(text, type)
  // Arrow writes [-Infinity, lowest] where all are -Infinity: bounds, but not values (apache/arrow#47426).
  if (typeof point === 'number' && !Number.isFinite(point)) return undefined
  // The engine writes bytes that are no text as \xNN, which nobody can tell from a text that spells so.
  if (typeof point === 'string' && point.includes('\\x')) return undefined
  return point
}

type Storage = 'plain' | 'subtle' | 'unsigned' | 'of-any-length'

/** Writers that say so are young enough to compare these rightly. */
const NEED_EXACT: ReadonlySet<Storage> = new Set<Storage>(['unsigned', 'of-any-length'])

/**
 * How sure the order of a stored type is. `plain`: signed numbers, compared alike by every writer, in the old fields too.
 * `subtle`: floats and decimals of fixed size. `unsigned`: in old fields compared as signed. `of-any-length`: may have been cut. Undefined: INT96, whose
 * order was never defined, and everything that is stored otherwise than we know.
 */
function storageOf({ physicalType, logicalType }: ColumnStatistics, type: DataType): Storage | undefined {
  const isInt = physicalType === 'INT32' || physicalType === 'INT64'
  switch (type.class) {
    case 'integer':
      if (!isInt) return undefined
      return type.name.startsWith('U') ? 'unsigned' : 'plain'
    case 'date':
      return physicalType === 'INT32' ? 'plain' : undefined
    case 'time':
      return isInt && !inNanoseconds(logicalType) ? 'plain' : undefined
    case 'timestamp':
      // Nanoseconds lose digits where the engine's type has only microseconds.
      if (physicalType !== 'INT64' || (inNanoseconds(logicalType) && type.name !== 'TIMESTAMP_NS')) return undefined
      return 'plain'
    case 'boolean':
      return physicalType === 'BOOLEAN' ? 'plain' : undefined
    case 'float':
      return physicalType === type.name ? 'subtle' : undefined
    case 'decimal':
      return isInt ? 'subtle' : physicalType === 'FIXED_LEN_BYTE_ARRAY' ? 'of-any-length' : undefined
    case 'text':
      return physicalType === 'BYTE_ARRAY' && logicalType !== null ? 'of-any-length' : undefined
    default:
      return undefined
  }
}

/** `…unit=TimeUnit(MILLIS=<null>, MICROS=<null>, NANOS=NanoSeconds())…` */
function inNanoseconds(logicalType: string | null): boolean {
  return logicalType !== null && /NANOS=(?!<null>)/.test(logicalType)
}
