/**
 * Thrift compact protocol, bounded: nothing is allocated that the remaining bytes cannot hold, nesting ends at 24, the
 * number of values at 20 million and their memory at about 512 MiB. Bad bytes throw a {@link ThriftError}; nothing else is
 * thrown.
 */
import {
  countValue,
  enter,
  expectItems,
  leave,
  nextField,
  openThrift,
  readByte,
  readI8,
  readListHeader,
  readVarint32,
  readZigzag32,
  readZigzag64,
  takeBytes,
  ThriftError,
  TYPE,
  type ThriftCursor,
} from './thrift/compact.ts'

export { ThriftError }

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

type PartialVisitor = (field: number, item: ThriftValue, inList: boolean) => void

/**
 * Reads one struct at `start`. With `partial`, what was complete before a {@link ThriftError} can still be seen in it:
 * it is called with each field of the outermost struct (and each item of its lists) as soon as that is complete.
 */
export function readThriftStruct(
  bytes: Uint8Array,
  start = 0,
  partial?: PartialVisitor,
): { readonly struct: ThriftStruct; readonly end: number } {
  const cursor: Cursor = { ...openThrift(bytes, start), partial }
  const struct = readStruct(cursor)
  return { struct, end: cursor.at }
}

type Cursor = ThriftCursor & { readonly partial: PartialVisitor | undefined }

function readStruct(cursor: Cursor): ThriftStruct {
  enter(cursor)
  const fields = new Map<number, ThriftValue>()
  let field = 0
  while (nextField(cursor, field)) {
    const { type } = cursor
    field = cursor.id
    if (fields.has(field)) throw new ThriftError('invalid', `field ${field} appears twice`, cursor.at)
    const value = readValue(cursor, type, field)
    fields.set(field, value)
    if (cursor.depth === 1) cursor.partial?.(field, value, false)
  }
  leave(cursor)
  return { kind: 'struct', fields }
}

function readValue(cursor: Cursor, type: number, field: number): ThriftValue {
  countValue(cursor, type)
  switch (type) {
    case TYPE.TRUE:
      return true
    case TYPE.FALSE:
      return false
    case TYPE.I8:
      return readI8(cursor)
    case TYPE.I16:
    case TYPE.I32:
      return readZigzag32(cursor)
    case TYPE.I64:
      return readZigzag64(cursor)
    case TYPE.DOUBLE: {
      const bytes = takeBytes(cursor, 8)
      return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true)
    }
    case TYPE.BINARY:
      return takeBytes(cursor, readVarint32(cursor))
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
  const { elementType, size } = readListHeader(cursor)
  const isOuter = cursor.depth === 1 && cursor.partial !== undefined
  if (!isOuter) expectItems(cursor, size, 'list')
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
  expectItems(cursor, size, 'map')
  enter(cursor)
  const types = readByte(cursor)
  for (let index = 0; index < size; index++) {
    readElement(cursor, types >> 4, 0)
    readElement(cursor, types & 15, 0)
  }
  leave(cursor)
  return { kind: 'map' }
}
