/**
 * The number of rows that a Parquet footer declares: field 3 of FileMetaData, in Thrift's compact protocol. Everything
 * before it (version, schema) is stepped over.
 *
 * @returns undefined if the bytes are not such a footer
 */
export function footerRows(footer: Uint8Array): bigint | undefined {
  try {
    const cursor = new Cursor(footer)
    for (let field = 0; ;) {
      const { id, type } = readFieldHeader(cursor, field)
      if (type === STOP) return undefined
      if (id === NUM_ROWS_FIELD && type === I64) return zigzag(cursor.varint())
      skip(cursor, type, 0)
      field = id
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const NUM_ROWS_FIELD = 3
const MAX_DEPTH = 64

const STOP = 0
const TRUE = 1
const FALSE = 2
const BYTE = 3
const I16 = 4
const I32 = 5
const I64 = 6
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const MAP = 11
const STRUCT = 12

class Cursor {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  byte(): number {
    const byte = this.#bytes[this.#offset]
    if (byte === undefined) throw new RangeError('footer ends early')
    this.#offset += 1
    return byte
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new RangeError('varint too long')
  }

  skip(length: bigint): void {
    if (length > BigInt(this.#bytes.length - this.#offset)) throw new RangeError('footer ends early')
    this.#offset += Number(length)
  }
}

function readFieldHeader(cursor: Cursor, previous: number): { readonly id: number; readonly type: number } {
  const byte = cursor.byte()
  const type = byte & 0x0f
  if (type === STOP) return { id: 0, type }
  const delta = byte >> 4
  return { id: delta === 0 ? Number(zigzag(cursor.varint())) : previous + delta, type }
}

function skip(cursor: Cursor, type: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError('nested too deeply')
  switch (type) {
    case TRUE:
    case FALSE:
      return
    case BYTE:
      return cursor.skip(1n)
    case I16:
    case I32:
    case I64:
      cursor.varint()
      return
    case DOUBLE:
      return cursor.skip(8n)
    case BINARY:
      return cursor.skip(cursor.varint())
    case LIST:
    case SET:
      return skipList(cursor, depth)
    case MAP:
      return skipMap(cursor, depth)
    case STRUCT:
      return skipStruct(cursor, depth)
    default:
      throw new RangeError(`unknown type ${type}`)
  }
}

function skipList(cursor: Cursor, depth: number): void {
  const head = cursor.byte()
  const size = head >> 4 === 15 ? cursor.varint() : BigInt(head >> 4)
  skipElements(cursor, [head & 0x0f], size, depth)
}

function skipMap(cursor: Cursor, depth: number): void {
  const size = cursor.varint()
  if (size === 0n) return
  const types = cursor.byte()
  skipElements(cursor, [types >> 4, types & 0x0f], size, depth)
}

function skipElements(cursor: Cursor, types: readonly number[], size: bigint, depth: number): void {
  for (let index = 0n; index < size; index += 1n) {
    for (const type of types) {
      // Inside a container a boolean takes a byte; as a field it lives in the header.
      if (type === TRUE || type === FALSE) cursor.skip(1n)
      else skip(cursor, type, depth + 1)
    }
  }
}

function skipStruct(cursor: Cursor, depth: number): void {
  for (let field = 0; ;) {
    const { id, type } = readFieldHeader(cursor, field)
    if (type === STOP) return
    skip(cursor, type, depth + 1)
    field = id
  }
}

function zigzag(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n)
}
