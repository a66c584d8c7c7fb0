import { stringifyJson } from '@tidegate/core'
import type { ArrowField, ArrowVector } from './data.ts'
import { blobText } from './rows-data.ts'

/** How one Arrow column becomes one of the engine's: its type, and the text of each value. */
export interface ArrowColumn {
  readonly type: string
  readerOf(vector: ArrowVector): TextReader
}

/** The text of a row's value, or null. */
export type TextReader = (row: number) => string | null

/** Type numbers of the Arrow format. */
const ID = {
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  fixedBinary: 15,
  largeBinary: 19,
  largeUtf8: 20,
  nothing: 1,
  dictionary: -1,
} as const

/** Lists, structs, maps, unions, intervals and durations become JSON, compared whole. */
export function arrowColumn(type: ArrowField['type']): ArrowColumn {
  const facts = type as ArrowField['type'] & ArrowFacts
  switch (type.typeId) {
    case ID.int:
      return {
        type: `${facts.isSigned === false ? 'U' : ''}${INTEGERS[facts.bitWidth ?? 64] ?? 'BIGINT'}`,
        readerOf: asText,
      }
    case ID.float:
      return { type: facts.precision === 2 ? 'DOUBLE' : 'FLOAT', readerOf: asText }
    case ID.bool:
      return { type: 'BOOLEAN', readerOf: asText }
    case ID.utf8:
    case ID.largeUtf8:
      return { type: 'VARCHAR', readerOf: asText }
    case ID.binary:
    case ID.largeBinary:
    case ID.fixedBinary:
      return { type: 'BLOB', readerOf: (vector) => mapped(vector, (value) => blobText(value as Uint8Array)) }
    case ID.decimal:
      return decimalColumn(facts.precision ?? 38, facts.scale ?? 0)
    case ID.date:
      return { type: 'DATE', readerOf: (vector) => mapped(vector, (value) => dayText(Number(value))) }
    case ID.time:
      return { type: 'TIME', readerOf: (vector) => exact(vector, (value) => timeText(value, unitOf(facts))) }
    case ID.timestamp:
      return timestampColumn(unitOf(facts), typeof facts.timezone === 'string' && facts.timezone !== '')
    case ID.dictionary:
      return facts.dictionary === undefined ? nested() : dictionaryColumn(facts.dictionary)
    case ID.nothing:
      return { type: 'INTEGER', readerOf: () => () => null }
    default:
      return nested()
  }
}

interface ArrowFacts {
  readonly bitWidth?: number
  readonly isSigned?: boolean
  readonly precision?: number
  readonly scale?: number
  /** 0 seconds, 1 milli-, 2 micro-, 3 nanoseconds. */
  readonly unit?: number
  readonly timezone?: string | null
  readonly dictionary?: ArrowField['type']
}

const INTEGERS: Readonly<Record<number, string>> = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' }

function unitOf({ unit }: ArrowFacts): number {
  return unit ?? 2
}

function mapped(vector: ArrowVector, textOf: (value: unknown) => string): TextReader {
  return (row) => {
    const value = vector.get(row)
    return value === null || value === undefined ? null : textOf(value)
  }
}

function asText(vector: ArrowVector): TextReader {
  return mapped(vector, (value) => (Object.is(value, -0) ? '-0.0' : String(value)))
}

/** A dictionary's values have the texts of their own type; only those read from raw numbers need its own vector. */
function dictionaryColumn(type: ArrowField['type']): ArrowColumn {
  const values = arrowColumn(type)
  return type.typeId === ID.timestamp || type.typeId === ID.time ? nested() : values
}

function nested(): ArrowColumn {
  return { type: 'JSON', readerOf: (vector) => mapped(vector, (value) => stringifyJson(plain(value))) }
}

/** Rows, vectors and maps of Arrow as plain lists and objects. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain((value.toJSON as () => unknown)())
  if (Array.isArray(value)) return value.map(plain)
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].map(plain)
  return new Map(Object.entries(value).map(([name, item]) => [name, plain(item)]))
}

/** The unscaled digits with a point put into them. What no DECIMAL of the engine holds stays a text. */
function decimalColumn(precision: number, scale: number): ArrowColumn {
  const fits = precision <= 38 && scale >= 0 && scale <= precision
  return {
    type: fits ? `DECIMAL(${precision}, ${scale})` : 'VARCHAR',
    readerOf: (vector) => mapped(vector, (value) => decimalText(String(value), scale)),
  }
}

function decimalText(unscaled: string, scale: number): string {
  if (scale <= 0) return unscaled === '0' ? '0' : unscaled + '0'.repeat(-scale)
  const sign = unscaled.startsWith('-') ? '-' : ''
  const digits = unscaled.slice(sign.length).padStart(scale + 1, '0')
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const TIMESTAMPS = ['TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP_NS'] as const

function timestampColumn(unit: number, zoned: boolean): ArrowColumn {
  return {
    type: zoned ? 'TIMESTAMPTZ' : (TIMESTAMPS[unit] ?? 'TIMESTAMP'),
    readerOf: (vector) => exact(vector, (value) => timestampText(value, unit, zoned)),
  }
}

function timestampText(value: bigint, unit: number, zoned: boolean): string {
  const perSecond = 10n ** BigInt(unit * 3)
  const second = floorDivide(value, perSecond)
  const fraction = fractionText(value - second * perSecond, unit, zoned ? 6 : 9)
  const ms = Number(second) * 1000
  const time = new Date(ms).toISOString().slice(11, 19)
  return `${dayText(ms)} ${time}${fraction}${zoned ? '+00' : ''}`
}

function timeText(value: bigint, unit: number): string {
  const perSecond = 10n ** BigInt(unit * 3)
  const second = floorDivide(value, perSecond)
  const fraction = fractionText(value - second * perSecond, unit, 6)
  return `${new Date(Number(second) * 1000).toISOString().slice(11, 19)}${fraction}`
}

function fractionText(rest: bigint, unit: number, digits: number): string {
  return unit === 0
    ? ''
    : `.${String(rest)
        .padStart(unit * 3, '0')
        .slice(0, digits)}`
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value >= 0n ? value / by : -((-value + by - 1n) / by)
}

function dayText(ms: number): string {
  const day = new Date(ms)
  const year = day.getUTCFullYear()
  const rest = `-${String(day.getUTCMonth() + 1).padStart(2, '0')}-${String(day.getUTCDate()).padStart(2, '0')}`
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} (BC)`
}

interface Chunk {
  readonly length: number
  readonly values: { readonly [index: number]: bigint | number | undefined }
}

/** Whole numbers as they are stored: Arrow hands times out as floats of milliseconds, which lose digits. */
function exact(vector: ArrowVector, textOf: (value: bigint) => string): TextReader {
  const chunks = (vector as ArrowVector & { readonly data: readonly Chunk[] }).data
  const starts: number[] = []
  let next = 0
  for (const { length } of chunks) {
    starts.push(next)
    next += length
  }
  let place = 0
  return (row) => {
    if (vector.get(row) === null) return null
    if (row < (starts[place] ?? 0)) place = 0
    while (place + 1 < starts.length && (starts[place + 1] ?? 0) <= row) place++
    const value = chunks[place]?.values[row - (starts[place] ?? 0)]
    return value === undefined ? null : textOf(BigInt(value))
  }
}
