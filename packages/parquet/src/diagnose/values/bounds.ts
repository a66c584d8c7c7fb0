/** Smallest and largest of many values, in the order that the format defines for their type. */
import { compareBytes, compareSigned } from './compare-bytes.ts'
import type { LeafType } from './value-type.ts'

/** A number or flag (bigint), a floating-point number, or bytes. */
export type Scalar = bigint | number | Uint8Array

/** How values are laid out and compared. */
export type Lane = 'bit' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64' | 'f16' | 'bytes' | 'signed-bytes'

/** Undefined: there is no order. */
export function laneOf({ physicalType, type }: LeafType): Lane | undefined {
  const isLong = physicalType === 2
  switch (type.kind) {
    case 'boolean':
      return 'bit'
    case 'integer':
      return type.signed ? (isLong ? 'i64' : 'i32') : isLong ? 'u64' : 'u32'
    case 'date':
      return 'i32'
    case 'time':
    case 'timestamp':
      return isLong ? 'i64' : 'i32'
    case 'decimal':
      return physicalType === 1 ? 'i32' : isLong ? 'i64' : 'signed-bytes'
    case 'float':
      return type.half ? 'f16' : physicalType === 4 ? 'f32' : 'f64'
    case 'bytes':
      return 'bytes'
    case 'int96':
    case 'unordered':
      return undefined
  }
}

export function compareScalars(lane: Lane, a: Scalar, b: Scalar): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return lane === 'signed-bytes'
      ? compareSigned(a, 0, a.length, b, b.length)
      : compareBytes(a, 0, a.length, b, b.length)
  return a < b ? -1 : a > b ? 1 : 0
}

/** Reads one value as statistics have it (PLAIN, a text without its length); undefined if it has another length, or is NaN. */
export function readScalar(lane: Lane, bytes: Uint8Array): Scalar | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (lane === 'bytes') return bytes
  if (lane === 'signed-bytes') return bytes.length === 0 ? undefined : bytes
  if (bytes.length !== LANE_BYTES[lane]) return undefined
  switch (lane) {
    case 'bit':
      return BigInt(view.getUint8(0))
    case 'i32':
      return BigInt(view.getInt32(0, true))
    case 'u32':
      return BigInt(view.getUint32(0, true))
    case 'i64':
      return view.getBigInt64(0, true)
    case 'u64':
      return view.getBigUint64(0, true)
    case 'f32':
      return unlessNaN(view.getFloat32(0, true))
    case 'f64':
      return unlessNaN(view.getFloat64(0, true))
    case 'f16':
      return unlessNaN(halfOf(view.getUint16(0, true)))
  }
}

export const LANE_BYTES: Readonly<Record<Lane, number>> = {
  bit: 1,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
  f16: 2,
  bytes: 0,
  'signed-bytes': 0,
}

function unlessNaN(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}

/** FLOAT16: a sign, 5 bits of exponent, 10 of fraction. */
export function halfOf(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** For people: bytes as text, cut. */
export function scalarText(lane: Lane, value: Scalar): string {
  if (!(value instanceof Uint8Array)) return String(value)
  const hex = Buffer.from(value.subarray(0, 32)).toString('hex')
  const rest = value.length > 32 ? '…' : ''
  const text = Buffer.from(value.subarray(0, 32)).toString('utf8')
  return lane === 'bytes' && /^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(text) && !text.includes('\ufffd')
    ? JSON.stringify(text + rest)
    : `0x${hex}${rest}`
}
