/**
 * Thrift compact protocol, bounded: nothing is allocated that the remaining bytes cannot hold, nesting ends at 24 and
 * the number of values at 20 million. Bad bytes throw a {@link ThriftError}; nothing else is thrown.
 */

export type ThriftValue = boolean | number | bigint | Uint8Array | ThriftList | ThriftStruct | ThriftMap

export interface ThriftList {
  readonly kind: 'list'
  readonly elementType: number
  readonly items: readonly ThriftValue[]
}

export interface ThriftMap {
  readonly kind: 'map'
}

/** Fields by id. */
export interface ThriftStruct {
  readonly kind: 'struct'
  readonly fields: ReadonlyMap<number, ThriftValue>
}

/** `truncated`: the bytes ended. `limit`: a bound was hit. `invalid`: all else. */
export class ThriftError extends Error {
  override readonly name = 'ThriftError'
  readonly reason: 'truncated' | 'limit' | 'invalid'
  readonly offset: number

  constructor(reason: ThriftError['reason'], message: string, offset: number) {
    super(message)
    this.reason = reason
    this.offset = offset
  }
}

const MAX_DEPTH = 24
const MAX_VALUES = 20_000_000

const TYPE = {
  TRUE: 1,
  FALSE: 2,
  I8: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  MAP: 11,
  STRUCT: 12,
} as const

/**
 * Reads one struct at `start`. With `partial`, what was complete before a {@link ThriftError} can still be seen in it:
 * it is called with each field of the outermost struct (and each item of its lists) as soon as that is complete.
 */
export function readThriftStruct(
  bytes: Uint8Array,
  start = 0,
  partial?: (field: number, item: ThriftValue, inList: boolean) => void,
): { readonly struct: ThriftStruct; readonly end: number } {
  const cursor: Cursor = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    at: start,
    depth: 0,
    values: 0,
    partial,
  }
  const struct = readStruct(cursor)
  return { struct, end: cursor.at }
}

interface Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number
  depth: number
  values: number
  readonly partial: ((field: number, item: ThriftValue, inList: boolean) => void) | undefined
}

function readStruct(cursor: Cursor): ThriftStruct {
  if (++cursor.depth > MAX_DEPTH) throw new ThriftError('limit', `nested deeper than ${MAX_DEPTH}`, cursor.at)
  const fields = new Map<number, ThriftValue>()
  let field = 0
  for (;;) {
    const header = readByte(cursor)
    const type = header & 15
    if (header === 0) break
    if (type === 0) throw new ThriftError('invalid', 'a field has no type', cursor.at)
    field = header >> 4 === 0 ? readZigzag32(cursor) : field + (header >> 4)
    if (fields.has(field)) throw new ThriftError('invalid', `field ${field} appears twice`, cursor.at)
    const value = readValue(cursor, type, field)
    fields.set(field, value)
    if (cursor.depth === 1) cursor.partial?.(field, value, false)
  }
  cursor.depth--
  return { kind: 'struct', fields }
}

function readValue(cursor: Cursor, type: number, field: number): ThriftValue {
  if (++cursor.values > MAX_VALUES) throw new ThriftError('limit', `more than ${MAX_VALUES} values`, cursor.at)
  switch (type) {
    case TYPE.TRUE:
      return true
    case TYPE.FALSE:
      return false
    case TYPE.I8:
      return (readByte(cursor) << 24) >> 24
    case TYPE.I16:
    case TYPE.I32:
      return readZigzag32(cursor)
    case TYPE.I64:
      return readZigzag64(cursor)
    case TYPE.DOUBLE: {
      const at = take(cursor, 8)
      return cursor.view.getFloat64(at, true)
    }
    case TYPE.BINARY: {
      const length = readVarint32(cursor)
      const at = take(cursor, length)
      return cursor.bytes.subarray(at, at + length)
    }
    case TYPE.LIST:
    case TYPE.SET:
      return readList(cursor, field)
    case TYPE.MAP:
      return readMap(cursor)
    case TYPE.STRUCT:
      return readStruct(cursor)
    default:
      throw new ThriftError('invalid', `type ${type} does not exist`, cursor.at)
  }
}

function readList(cursor: Cursor, field: number): ThriftList {
  const header = readByte(cursor)
  const elementType = header & 15
  const size = header >> 4 === 15 ? readVarint32(cursor) : header >> 4
  const isOuter = cursor.depth === 1 && cursor.partial !== undefined
  // Every element takes at least one byte.
  if (size > cursor.bytes.length - cursor.at && !isOuter)
    throw new ThriftError('truncated', `a list of ${size} does not fit the remaining bytes`, cursor.at)
  const items: ThriftValue[] = []
  for (let index = 0; index < size; index++) {
    const item = readElement(cursor, elementType, field)
    items.push(item)
    if (isOuter) cursor.partial?.(field, item, true)
  }
  return { kind: 'list', elementType, items }
}

function readElement(cursor: Cursor, type: number, field: number): ThriftValue {
  return type === TYPE.TRUE || type === TYPE.FALSE ? readByte(cursor) === 1 : readValue(cursor, type, field)
}

/** Parquet has no maps in what we look at; they are only passed over. */
function readMap(cursor: Cursor): ThriftMap {
  const size = readVarint32(cursor)
  if (size === 0) return { kind: 'map' }
  if (size > cursor.bytes.length - cursor.at)
    throw new ThriftError('truncated', `a map of ${size} does not fit the remaining bytes`, cursor.at)
  if (++cursor.depth > MAX_DEPTH) throw new ThriftError('limit', `nested deeper than ${MAX_DEPTH}`, cursor.at)
  const types = readByte(cursor)
  for (let index = 0; index < size; index++) {
    readElement(cursor, types >> 4, 0)
    readElement(cursor, types & 15, 0)
  }
  cursor.depth--
  return { kind: 'map' }
}

function take(cursor: Cursor, length: number): number {
  if (length > cursor.bytes.length - cursor.at)
    throw new ThriftError('truncated', `${length} bytes wanted, ${cursor.bytes.length - cursor.at} left`, cursor.at)
  const at = cursor.at
  cursor.at += length
  return at
}

function readByte(cursor: Cursor): number {
  return cursor.bytes[take(cursor, 1)] as number
}

function readVarint32(cursor: Cursor): number {
  let value = 0
  let factor = 1
  for (let index = 0; index < 5; index++) {
    const byte = readByte(cursor)
    value += (byte & 127) * factor
    if ((byte & 128) === 0) {
      if (value > 0xff_ff_ff_ff) break
      return value
    }
    factor *= 128
  }
  throw new ThriftError('invalid', 'a 32-bit number is too long', cursor.at)
}

function readZigzag32(cursor: Cursor): number {
  const value = readVarint32(cursor)
  return (value >>> 1) ^ -(value & 1)
}

function readZigzag64(cursor: Cursor): bigint {
  let value = 0n
  let shift = 0n
  for (let index = 0; index < 10; index++) {
    const byte = readByte(cursor)
    value |= BigInt(byte & 127) << shift
    if ((byte & 128) === 0) {
      const wrapped = BigInt.asUintN(64, value)
      return BigInt.asIntN(64, (wrapped >> 1n) ^ -(wrapped & 1n))
    }
    shift += 7n
  }
  throw new ThriftError('invalid', 'a 64-bit number is too long', cursor.at)
}
