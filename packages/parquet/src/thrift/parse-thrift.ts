/**
 * Thrift compact protocol → values that can be written back. Bounded like `../read-thrift.ts`: nothing is allocated that
 * the remaining bytes cannot hold, nesting ends at 24, the number of values at 20 million.
 */
import { ThriftError } from '../read-thrift.ts'
import {
  TYPE,
  type TypedField,
  type TypedList,
  type TypedMap,
  type TypedStruct,
  type TypedValue,
} from './thrift-value.ts'

const MAX_DEPTH = 24
const MAX_VALUES = 20_000_000

/** Parses one struct that begins at `start`; `end` is exclusive. Throws {@link ThriftError} and nothing else. */
export function parseThrift(bytes: Uint8Array, start = 0): { readonly struct: TypedStruct; readonly end: number } {
  const cursor = openCursor(bytes, start)
  return { struct: parseStruct(cursor, new Map()), end: cursor.at }
}

export interface ThriftPrefix {
  /** The outermost fields that are there; of a list that is cut, its complete items. */
  readonly struct: TypedStruct
  /** True when nothing is missing. */
  readonly complete: boolean
  /** Exclusive end of the struct, or where parsing ended. */
  readonly end: number
}

/** Parses a struct that may be cut or damaged: what was complete before the first fault is returned. Never throws. */
export function parseThriftPrefix(bytes: Uint8Array, start = 0): ThriftPrefix {
  const fields = new Map<number, TypedField>()
  const cursor = { ...openCursor(bytes, start), outermost: fields }
  try {
    parseStruct(cursor, fields)
    return { struct: { kind: 'struct', fields }, complete: true, end: cursor.at }
  } catch (error) {
    if (!(error instanceof ThriftError)) throw error
    return { struct: { kind: 'struct', fields }, complete: false, end: cursor.at }
  }
}

interface Cursor {
  readonly bytes: Uint8Array
  /** Where cut lists of the outermost struct are kept. */
  readonly outermost: Map<number, TypedField> | undefined
  at: number
  depth: number
  values: number
}

function openCursor(bytes: Uint8Array, start: number): Cursor {
  return { bytes, outermost: undefined, at: start, depth: 0, values: 0 }
}

function parseStruct(cursor: Cursor, fields: Map<number, TypedField>): TypedStruct {
  enter(cursor)
  let id = 0
  for (;;) {
    const header = readByte(cursor)
    if (header === 0) break
    const type = header & 15
    if (type === 0) throw new ThriftError('invalid', 'a field has no type', cursor.at)
    id = header >> 4 === 0 ? readZigzag32(cursor) : id + (header >> 4)
    if (fields.has(id)) throw new ThriftError('invalid', `field ${id} appears twice`, cursor.at)
    const isOuterList = cursor.outermost === fields && (type === TYPE.LIST || type === TYPE.SET)
    fields.set(id, { type, value: isOuterList ? parseCutList(cursor, fields, id, type) : parseValue(cursor, type) })
  }
  cursor.depth--
  return { kind: 'struct', fields }
}

function parseValue(cursor: Cursor, type: number): TypedValue {
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
    case TYPE.DOUBLE:
      return take(cursor, 8)
    case TYPE.BINARY:
      return take(cursor, readVarint32(cursor))
    case TYPE.LIST:
    case TYPE.SET: {
      const { elementType, size } = readListHeader(cursor)
      if (size > cursor.bytes.length - cursor.at)
        throw new ThriftError('truncated', `a list of ${size} does not fit the remaining bytes`, cursor.at)
      return parseItems(cursor, elementType, size, [])
    }
    case TYPE.MAP:
      return parseMap(cursor)
    case TYPE.STRUCT:
      return parseStruct(cursor, new Map())
    default:
      throw new ThriftError('invalid', `type ${type} does not exist`, cursor.at)
  }
}

/** The list is in its place before its items are complete, so that a fault in one keeps those before it. */
function parseCutList(cursor: Cursor, fields: Map<number, TypedField>, id: number, type: number): TypedList {
  const { elementType, size } = readListHeader(cursor)
  const items: TypedValue[] = []
  const list: TypedList = { kind: 'list', elementType, items }
  fields.set(id, { type, value: list })
  parseItems(cursor, elementType, size, items)
  return list
}

function readListHeader(cursor: Cursor): { readonly elementType: number; readonly size: number } {
  const header = readByte(cursor)
  return { elementType: header & 15, size: header >> 4 === 15 ? readVarint32(cursor) : header >> 4 }
}

function parseItems(cursor: Cursor, elementType: number, size: number, items: TypedValue[]): TypedList {
  for (let index = 0; index < size; index++) items.push(parseElement(cursor, elementType))
  return { kind: 'list', elementType, items }
}

function parseElement(cursor: Cursor, type: number): TypedValue {
  return type === TYPE.TRUE || type === TYPE.FALSE ? readByte(cursor) === 1 : parseValue(cursor, type)
}

function parseMap(cursor: Cursor): TypedMap {
  const size = readVarint32(cursor)
  if (size === 0) return { kind: 'map', keyType: 0, valueType: 0, entries: [] }
  if (size > cursor.bytes.length - cursor.at)
    throw new ThriftError('truncated', `a map of ${size} does not fit the remaining bytes`, cursor.at)
  enter(cursor)
  const types = readByte(cursor)
  const entries: (readonly [TypedValue, TypedValue])[] = []
  for (let index = 0; index < size; index++)
    entries.push([parseElement(cursor, types >> 4), parseElement(cursor, types & 15)])
  cursor.depth--
  return { kind: 'map', keyType: types >> 4, valueType: types & 15, entries }
}

function enter(cursor: Cursor): void {
  if (++cursor.depth > MAX_DEPTH) throw new ThriftError('limit', `nested deeper than ${MAX_DEPTH}`, cursor.at)
}

function take(cursor: Cursor, length: number): Uint8Array {
  const left = cursor.bytes.length - cursor.at
  if (length > left) throw new ThriftError('truncated', `${length} bytes wanted, ${left} left`, cursor.at)
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at]
  if (byte === undefined) throw new ThriftError('truncated', 'a byte wanted, 0 left', cursor.at)
  cursor.at++
  return byte
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
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = readByte(cursor)
    value |= BigInt(byte & 127) << shift
    if ((byte & 128) === 0) {
      const wrapped = BigInt.asUintN(64, value)
      return BigInt.asIntN(64, (wrapped >> 1n) ^ -(wrapped & 1n))
    }
  }
  throw new ThriftError('invalid', 'a 64-bit number is too long', cursor.at)
}
