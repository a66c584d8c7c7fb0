import { ThriftError } from '../read-thrift.ts'
import {
  TYPE,
  type TypedField,
  type TypedList,
  type TypedMap,
  type TypedStruct,
  type TypedValue,
} from './thrift-value.ts'

/**
 * Values → Thrift compact protocol. What was parsed from bytes in the canonical encoding is written as the same bytes.
 * Throws {@link ThriftError} for a value that does not have the type it claims.
 */
export function writeThrift(struct: TypedStruct): Uint8Array {
  const out: Output = { bytes: Buffer.allocUnsafe(256), length: 0 }
  writeStruct(out, struct)
  return out.bytes.subarray(0, out.length)
}

interface Output {
  bytes: Buffer
  length: number
}

function writeStruct(out: Output, { fields }: TypedStruct): void {
  let last = 0
  for (const [id, field] of fields) {
    const delta = id - last
    if (delta > 0 && delta < 16) push(out, (delta << 4) | field.type)
    else {
      push(out, field.type)
      writeZigzag(out, BigInt(id))
    }
    last = id
    writeField(out, field)
  }
  push(out, 0)
}

/** The type of a flag is its value. */
function writeField(out: Output, { type, value }: TypedField): void {
  if (type !== TYPE.TRUE && type !== TYPE.FALSE) writeValue(out, type, value)
}

function writeValue(out: Output, type: number, value: TypedValue): void {
  switch (type) {
    case TYPE.I8:
      if (typeof value === 'number') return push(out, value & 255)
      break
    case TYPE.I16:
    case TYPE.I32:
      if (typeof value === 'number') return writeZigzag(out, BigInt(value))
      break
    case TYPE.I64:
      if (typeof value === 'bigint') return writeZigzag(out, value)
      break
    case TYPE.DOUBLE:
      if (value instanceof Uint8Array && value.length === 8) return append(out, value)
      break
    case TYPE.BINARY:
      if (!(value instanceof Uint8Array)) break
      writeVarint(out, BigInt(value.length))
      return append(out, value)
    case TYPE.LIST:
    case TYPE.SET:
      if (isKind(value, 'list')) return writeList(out, value)
      break
    case TYPE.MAP:
      if (isKind(value, 'map')) return writeMap(out, value)
      break
    case TYPE.STRUCT:
      if (isKind(value, 'struct')) return writeStruct(out, value)
      break
    default:
      break
  }
  throw new ThriftError('invalid', `a value does not have type ${type}`, out.length)
}

function writeList(out: Output, { elementType, items }: TypedList): void {
  if (items.length < 15) push(out, (items.length << 4) | elementType)
  else {
    push(out, 0xf0 | elementType)
    writeVarint(out, BigInt(items.length))
  }
  for (const item of items) writeElement(out, elementType, item)
}

function writeMap(out: Output, { keyType, valueType, entries }: TypedMap): void {
  writeVarint(out, BigInt(entries.length))
  if (entries.length === 0) return
  push(out, (keyType << 4) | valueType)
  for (const [key, value] of entries) {
    writeElement(out, keyType, key)
    writeElement(out, valueType, value)
  }
}

function writeElement(out: Output, type: number, value: TypedValue): void {
  if (type === TYPE.TRUE || type === TYPE.FALSE) push(out, value === true ? 1 : 2)
  else writeValue(out, type, value)
}

function isKind<K extends 'list' | 'map' | 'struct'>(
  value: TypedValue,
  kind: K,
): value is Extract<TypedValue, { readonly kind: K }> {
  return typeof value === 'object' && 'kind' in value && value.kind === kind
}

function writeZigzag(out: Output, value: bigint): void {
  writeVarint(out, BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)))
}

function writeVarint(out: Output, value: bigint): void {
  let left = value
  for (; left > 127n; left >>= 7n) push(out, Number(left & 127n) | 128)
  push(out, Number(left))
}

function push(out: Output, byte: number): void {
  reserve(out, 1)
  out.bytes[out.length++] = byte
}

function append(out: Output, bytes: Uint8Array): void {
  reserve(out, bytes.length)
  out.bytes.set(bytes, out.length)
  out.length += bytes.length
}

function reserve(out: Output, length: number): void {
  if (out.length + length <= out.bytes.length) return
  const larger = Buffer.allocUnsafe(Math.max(out.bytes.length * 2, out.length + length))
  out.bytes.copy(larger, 0, 0, out.length)
  out.bytes = larger
}
