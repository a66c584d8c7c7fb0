/**
 * Thrift values with all that is needed to write them back byte for byte: field ids, their order, and types. For reading
 * alone, see `../read-thrift.ts`.
 */
import type { ThriftValue } from '../read-thrift.ts'
import { TYPE } from './compact.ts'

export { TYPE }

/** Numbers up to 32 bits, 64-bit integers, texts and binaries (a DOUBLE is its eight bytes, so that NaNs keep theirs). */
export type TypedValue = boolean | number | bigint | Uint8Array | TypedList | TypedMap | TypedStruct

export interface TypedField {
  readonly type: number
  readonly value: TypedValue
}

/** Fields by id, in the order of the bytes. */
export interface TypedStruct {
  readonly kind: 'struct'
  readonly fields: ReadonlyMap<number, TypedField>
}

export interface TypedList {
  readonly kind: 'list'
  readonly elementType: number
  readonly items: readonly TypedValue[]
}

export interface TypedMap {
  readonly kind: 'map'
  readonly keyType: number
  readonly valueType: number
  readonly entries: readonly (readonly [TypedValue, TypedValue])[]
}

/** Fields by id; what is undefined is left out. */
export function struct(fields: Readonly<Record<number, TypedField | undefined>>): TypedStruct {
  const kept = new Map<number, TypedField>()
  for (const [id, field] of Object.entries(fields)) if (field !== undefined) kept.set(Number(id), field)
  return { kind: 'struct', fields: kept }
}

export function structField(fields: TypedStruct | Readonly<Record<number, TypedField | undefined>>): TypedField {
  return { type: TYPE.STRUCT, value: isStruct(fields) ? fields : struct(fields) }
}

export function flag(value: boolean): TypedField {
  return { type: value ? TYPE.TRUE : TYPE.FALSE, value }
}

export function i8(value: number): TypedField {
  return { type: TYPE.I8, value }
}

export function i16(value: number): TypedField {
  return { type: TYPE.I16, value }
}

export function i32(value: number): TypedField {
  return { type: TYPE.I32, value }
}

/** `value` must be a safe integer. */
export function i64(value: number): TypedField {
  return { type: TYPE.I64, value: BigInt(value) }
}

export function text(value: string): TypedField {
  return { type: TYPE.BINARY, value: Buffer.from(value) }
}

export function listField(elementType: number, items: readonly TypedValue[]): TypedField {
  return { type: TYPE.LIST, value: { kind: 'list', elementType, items } }
}

export function textList(values: readonly string[]): TypedField {
  return listField(
    TYPE.BINARY,
    values.map((value) => Buffer.from(value)),
  )
}

export function isStruct(value: unknown): value is TypedStruct {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'struct'
}

export function isList(value: unknown): value is TypedList {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'list'
}

/** The struct in a field, or undefined if the field is missing or something else. */
export function structIn(from: TypedStruct, id: number): TypedStruct | undefined {
  const value = from.fields.get(id)?.value
  return isStruct(value) ? value : undefined
}

/** The items of a list field; empty if the field is missing or something else. */
export function itemsIn(from: TypedStruct, id: number): readonly TypedValue[] {
  const value = from.fields.get(id)?.value
  return isList(value) ? value.items : []
}

/** A whole number of any width, as a number; undefined if it is missing, something else, or beyond ±2^53−1. */
export function integerIn(from: TypedStruct, id: number): number | undefined {
  const value = from.fields.get(id)?.value
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}

export function textIn(from: TypedStruct, id: number): string | undefined {
  const field = from.fields.get(id)
  return field?.type === TYPE.BINARY && field.value instanceof Uint8Array
    ? Buffer.from(field.value).toString()
    : undefined
}

/** The same value as `readThriftStruct` gives it, for code that only reads. */
export function toPlainValue(value: TypedValue): ThriftValue {
  if (typeof value !== 'object' || value instanceof Uint8Array) return value
  if (value.kind === 'map') return { kind: 'map' }
  if (value.kind === 'list')
    return { kind: 'list', elementType: value.elementType, items: value.items.map(toPlainValue) }
  const fields = new Map<number, ThriftValue>()
  for (const [id, field] of value.fields)
    fields.set(id, field.type === TYPE.DOUBLE ? doubleOf(field.value) : toPlainValue(field.value))
  return { kind: 'struct', fields }
}

function doubleOf(value: TypedValue): number {
  return value instanceof Uint8Array ? Buffer.from(value).readDoubleLE(0) : Number.NaN
}
