/**
 * One record of a segment: a key, its digest, and its value as bytes. An empty value says that the key is gone, and hides
 * what an older segment says of it.
 *
 *   digest 8 bytes | length of key u32 | length of value u32 | key | value
 *
 * Records lie in the order of their digests, equal ones by key.
 */
import { hash } from 'node:crypto'

export interface Digest {
  /** The first four bytes of SHA-256, which say in which bucket a key lies, and the next four. */
  readonly high: number
  readonly low: number
}

export interface SegmentRecord extends Digest {
  readonly key: Buffer
  readonly value: Buffer
}

export const HEAD_BYTES = 16
export const NO_VALUE: Buffer = Buffer.alloc(0)

/** Starts a key that is no well-formed text and therefore has no UTF-8; no UTF-8 text starts with it. */
const ILL_FORMED = 0xff

export function keyBytes(key: string): Buffer {
  if (key.isWellFormed()) return Buffer.from(key)
  return Buffer.concat([Buffer.of(ILL_FORMED), Buffer.from(key, 'utf16le')])
}

export function keyText(key: Buffer): string {
  return key[0] === ILL_FORMED ? key.toString('utf16le', 1) : key.toString()
}

/** SHA-256, so that nobody who names files can make keys that meet in one bucket. */
export function digestOf(key: Buffer): Digest {
  const bytes = hash('sha256', key, 'buffer')
  return { high: bytes.readUInt32BE(0), low: bytes.readUInt32BE(4) }
}

export function compareRecords(one: SegmentRecord, other: SegmentRecord): number {
  return one.high - other.high || one.low - other.low || Buffer.compare(one.key, other.key)
}

export function sizeOfRecord({ key, value }: SegmentRecord): number {
  return HEAD_BYTES + key.length + value.length
}

/** Writes it at `at`, where there must be room. */
export function putRecord(into: Buffer, at: number, { high, low, key, value }: SegmentRecord): void {
  into.writeUInt32BE(high, at)
  into.writeUInt32BE(low, at + 4)
  into.writeUInt32BE(key.length, at + 8)
  into.writeUInt32BE(value.length, at + 12)
  key.copy(into, at + HEAD_BYTES)
  value.copy(into, at + HEAD_BYTES + key.length)
}
