/**
 * The Thrift compact protocol below the level of values: bytes, variable-length numbers, limits. Shared by the reader
 * (`../read-thrift.ts`) and the type-preserving parser (`./parse-thrift.ts`).
 */

/** Types of the compact protocol. */
export const TYPE = {
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

export interface ThriftCursor {
  readonly bytes: Uint8Array
  at: number
  depth: number
  values: number
  /** Of the field that was read last. */
  type: number
  id: number
  /** Estimate of the memory that the values take, in bytes. */
  memory: number
}

const MAX_DEPTH = 24
const MAX_VALUES = 20_000_000
/** One byte can stand for an empty struct of 200 bytes: small footers could fill the heap. */
const MAX_MEMORY = 512 * 1024 * 1024

/** What a value takes in memory, roughly, by type: an object with its fields, a view of bytes, a big integer. */
const COST = [0, 8, 8, 8, 8, 8, 32, 24, 128, 96, 96, 96, 224] as const

export function openThrift(bytes: Uint8Array, at: number): ThriftCursor {
  return { bytes, at, depth: 0, values: 0, type: 0, id: 0, memory: 0 }
}

/** To be called before each value. Throws `limit` where a bound is passed. */
export function countValue(cursor: ThriftCursor, type: number): void {
  if (++cursor.values > MAX_VALUES) throw new ThriftError('limit', `more than ${MAX_VALUES} values`, cursor.at)
  cursor.memory += COST[type] ?? 0
  if (cursor.memory > MAX_MEMORY)
    throw new ThriftError('limit', `its values take more than ${MAX_MEMORY} bytes`, cursor.at)
}

export function enter(cursor: ThriftCursor): void {
  if (++cursor.depth > MAX_DEPTH) throw new ThriftError('limit', `nested deeper than ${MAX_DEPTH}`, cursor.at)
}

export function leave(cursor: ThriftCursor): void {
  cursor.depth--
}

/** Reads type and id of the next field into the cursor; false at the end of the struct. */
export function nextField(cursor: ThriftCursor, lastId: number): boolean {
  const header = readByte(cursor)
  if (header === 0) return false
  const type = header & 15
  if (type === 0) throw new ThriftError('invalid', 'a field has no type', cursor.at)
  cursor.type = type
  cursor.id = header >> 4 === 0 ? readZigzag32(cursor) : lastId + (header >> 4)
  return true
}

export function readListHeader(cursor: ThriftCursor): { readonly elementType: number; readonly size: number } {
  const header = readByte(cursor)
  return { elementType: header & 15, size: header >> 4 === 15 ? readVarint32(cursor) : header >> 4 }
}

/** Every element takes at least one byte. */
export function expectItems(cursor: ThriftCursor, size: number, what: 'list' | 'map'): void {
  if (size > cursor.bytes.length - cursor.at)
    throw new ThriftError('truncated', `a ${what} of ${size} does not fit the remaining bytes`, cursor.at)
}

/** A view of the next bytes. */
export function takeBytes(cursor: ThriftCursor, length: number): Uint8Array {
  const left = cursor.bytes.length - cursor.at
  if (length > left) throw new ThriftError('truncated', `${length} bytes wanted, ${left} left`, cursor.at)
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}

export function readByte(cursor: ThriftCursor): number {
  const byte = cursor.bytes[cursor.at]
  if (byte === undefined) throw new ThriftError('truncated', 'a byte wanted, 0 left', cursor.at)
  cursor.at++
  return byte
}

export function readI8(cursor: ThriftCursor): number {
  return (readByte(cursor) << 24) >> 24
}

export function readVarint32(cursor: ThriftCursor): number {
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

export function readZigzag32(cursor: ThriftCursor): number {
  const value = readVarint32(cursor)
  return (value >>> 1) ^ -(value & 1)
}

export function readZigzag64(cursor: ThriftCursor): bigint {
  // Most numbers are small: no big arithmetic before it is needed.
  let low = 0
  let factor = 1
  for (let index = 0; index < 7; index++) {
    const byte = readByte(cursor)
    low += (byte & 127) * factor
    if ((byte & 128) === 0) return BigInt(low % 2 === 0 ? low / 2 : -(low + 1) / 2)
    factor *= 128
  }
  let value = BigInt(low)
  for (let shift = 49n; shift < 70n; shift += 7n) {
    const byte = readByte(cursor)
    value |= BigInt(byte & 127) << shift
    if ((byte & 128) === 0) {
      const wrapped = BigInt.asUintN(64, value)
      return BigInt.asIntN(64, (wrapped >> 1n) ^ -(wrapped & 1n))
    }
  }
  throw new ThriftError('invalid', 'a 64-bit number is too long', cursor.at)
}
