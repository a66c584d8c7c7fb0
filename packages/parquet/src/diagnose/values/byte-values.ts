import { readDeltaLengths, scanDelta } from '../../pages/delta.ts'
import { ENCODING } from '../../pages/value-spec.ts'

/** One value: bytes [from, to). They are overwritten by the next one. */
export type BytesVisitor = (bytes: Uint8Array, from: number, to: number) => void

interface Content {
  readonly bytes: Uint8Array
  readonly from: number
  readonly encoding: number
  readonly nonNull: number
}

/** Values that share their beginnings can be a thousand times as long as their page; more than this is not put together. */
const MAX_GROWTH = 256
const FREE_BYTES = 1024 * 1024

/** Hands out the values of a sound page of byte arrays in order; false if it gave up, or does not know the encoding. */
export function byteValues(content: Content, visit: BytesVisitor): boolean {
  if (content.nonNull === 0) return true
  switch (content.encoding) {
    case ENCODING.PLAIN:
      return plainValues(content, visit)
    case ENCODING.DELTA_LENGTH_BYTE_ARRAY:
      return deltaLengthValues(content, visit)
    case ENCODING.DELTA_BYTE_ARRAY:
      return deltaValues(content, visit)
    default:
      return false
  }
}

function plainValues({ bytes, from, nonNull }: Content, visit: BytesVisitor): boolean {
  let at = from
  for (let index = 0; index < nonNull; index++) {
    const length =
      ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)) +
      (bytes[at + 3] as number) * 16_777_216
    visit(bytes, at + 4, at + 4 + length)
    at += 4 + length
  }
  return true
}

function deltaLengthValues({ bytes, from, nonNull }: Content, visit: BytesVisitor): boolean {
  const shape = scanDelta(bytes, from, 32)
  const lengths = readDeltaLengths(bytes, from)
  if (shape.kind === 'bad' || typeof lengths === 'string') return false
  let at = shape.end
  for (let index = 0; index < nonNull; index++) {
    const length = lengths.next()
    visit(bytes, at, at + length)
    at += length
  }
  return true
}

function deltaValues({ bytes, from, nonNull }: Content, visit: BytesVisitor): boolean {
  const prefixShape = scanDelta(bytes, from, 32)
  const suffixShape = prefixShape.kind === 'bad' ? prefixShape : scanDelta(bytes, prefixShape.end, 32)
  if (prefixShape.kind === 'bad' || suffixShape.kind === 'bad') return false
  const prefixes = readDeltaLengths(bytes, from)
  const suffixes = readDeltaLengths(bytes, prefixShape.end)
  if (typeof prefixes === 'string' || typeof suffixes === 'string') return false
  let budget = bytes.length * MAX_GROWTH + FREE_BYTES
  let current = Buffer.allocUnsafe(256)
  let at = suffixShape.end
  for (let index = 0; index < nonNull; index++) {
    const prefix = prefixes.next()
    const suffix = suffixes.next()
    const length = prefix + suffix
    budget -= length
    if (budget < 0) return false
    if (length > current.length) {
      const larger = Buffer.allocUnsafe(length * 2)
      current.copy(larger, 0, 0, prefix)
      current = larger
    }
    current.set(bytes.subarray(at, at + suffix), prefix)
    visit(current, 0, length)
    at += suffix
  }
  return true
}
