/**
 * A filter that says of most keys that are not there that they are not, without a look at the records. All bits of a key lie
 * in one block of 64 bytes, so one read answers. 12 bits for each key let about one absent key in 150 through.
 */
import type { Digest } from './record.ts'

export const BLOCK_BYTES = 64
const BITS_PER_KEY = 12
const PROBES = 7

export function bloomBlocks(keys: number): number {
  return Math.max(1, Math.ceil((keys * BITS_PER_KEY) / (BLOCK_BYTES * 8)))
}

/** Number of the block in which the bits of a key are. */
export function blockOf({ low }: Digest, blocks: number): number {
  return low % blocks
}

export function addToBlock(bytes: Buffer, at: number, digest: Digest): void {
  for (const bit of bitsOf(digest)) bytes[at + (bit >>> 3)] = (bytes[at + (bit >>> 3)] ?? 0) | (1 << (bit & 7))
}

export function mayHold(bytes: Buffer, at: number, digest: Digest): boolean {
  for (const bit of bitsOf(digest)) if (((bytes[at + (bit >>> 3)] ?? 0) & (1 << (bit & 7))) === 0) return false
  return true
}

function bitsOf({ high, low }: Digest): readonly number[] {
  // The block takes its number from `low` alone; the bits mix both, so that neighbours in a block differ.
  let bit = Math.imul(high ^ (low >>> 13), 0x9e3779b1) >>> 0
  const step = (Math.imul(high ^ 0x5bd1e995, 0x85ebca6b) >>> 0) | 1
  const bits: number[] = []
  for (let probe = 0; probe < PROBES; probe += 1) {
    bits.push((bit >>> 9) & 511)
    bit = (bit + step) >>> 0
  }
  return bits
}
