/**
 * A segment file says what the log entries `(from, to]` changed, as records to be looked up by key:
 *
 *   for each table: records | directory | filter     … in blocks of 16 KiB
 *   footer (JSON) | CRC-32 of each block | length of footer u32 | SHA-256 of footer and checksums | magic
 *
 * The directory has the offset at which each bucket starts (f64) and the end of the last one. A bucket holds about sixteen
 * records, those with the same first bits of their digest.
 */
import type { LedgerEntry } from '@tidegate/core'

export const MAGIC: Buffer = Buffer.from('tdgckpt1')
export const TAIL_BYTES: number = 4 + 32 + MAGIC.length
export const TABLES = ['files', 'hashes', 'parts', 'contents', 'gone', 'rejected', 'consumed', 'batches'] as const
export const RECORDS_PER_BUCKET = 16

export type TableName = (typeof TABLES)[number]

export interface Section {
  readonly at: number
  readonly bytes: number
  readonly records: number
  readonly directoryAt: number
  /** There are 2^bucketBits buckets. */
  readonly bucketBits: number
  readonly bloomAt: number
  readonly bloomBlocks: number
}

/** What is true after entry `to`, and small. */
export interface Summary {
  readonly fences: readonly (readonly [string, number])[]
  readonly schema: LedgerEntry['schema'] | null
  readonly liveParts: number
}

export interface SegmentFooter extends Summary {
  readonly format: 1
  readonly from: number
  readonly to: number
  /** SHA-256 of the log's file of entry `to`. */
  readonly entryHash: string
  readonly sections: Readonly<Record<TableName, Section>>
}

/** Which of 2^bits buckets a digest belongs to. */
export function bucketOf(high: number, bits: number): number {
  return bits === 0 ? 0 : high >>> (32 - bits)
}

export function bucketBitsFor(records: number): number {
  return Math.min(28, Math.max(0, Math.ceil(Math.log2(Math.max(1, records / RECORDS_PER_BUCKET)))))
}

export function recordsOf(footer: SegmentFooter): number {
  return TABLES.reduce((sum, table) => sum + footer.sections[table].records, 0)
}
