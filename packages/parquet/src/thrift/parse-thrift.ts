/**
 * Thrift compact protocol → values that can be written back. Bounded like `../read-thrift.ts`.
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
  type ThriftCursor,
} from './compact.ts'
import {
  TYPE,
  type TypedField,
  type TypedList,
  type TypedMap,
  type TypedStruct,
  type TypedValue,
} from './thrift-value.ts'

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

/** `outermost`: where cut lists of the outermost struct are kept. */
type Cursor = ThriftCursor & { readonly outermost: Map<number, TypedField> | undefined }

function openCursor(bytes: Uint8Array, start: number): Cursor {
  return { ...openThrift(bytes, start), outermost: undefined }
}

function parseStruct(cursor: Cursor, fields: Map<number, TypedField>): TypedStruct {
  enter(cursor)
  let id = 0
  while (nextField(cursor, id)) {
    const { type } = cursor
    id = cursor.id
    if (fields.has(id)) throw new ThriftError('invalid', `field ${id} appears twice`, cursor.at)
    const isOuterList = cursor.outermost === fields && (type === TYPE.LIST || type === TYPE.SET)
    fields.set(id, { type, value: isOuterList ? parseCutList(cursor, fields, id, type) : parseValue(cursor, type) })
  }
  leave(cursor)
  return { kind: 'struct', fields }
}

function parseValue(cursor: Cursor, type: number): TypedValue {
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
    case TYPE.DOUBLE:
      return takeBytes(cursor, 8)
    case TYPE.BINARY:
      return takeBytes(cursor, readVarint32(cursor))
    case TYPE.LIST:
    case TYPE.SET: {
      const { elementType, size } = readListHeader(cursor)
      expectItems(cursor, size, 'list')
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
  expectItems(cursor, size, 'map')
  enter(cursor)
  const types = readByte(cursor)
  const entries: (readonly [TypedValue, TypedValue])[] = []
  for (let index = 0; index < size; index++)
    entries.push([parseElement(cursor, types >> 4), parseElement(cursor, types & 15)])
  leave(cursor)
  return { kind: 'map', keyType: types >> 4, valueType: types & 15, entries }
}
