import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { messageOf } from '@tidegate/core'
import { BLOCK_BYTES, blockOf, mayHold } from './bloom.ts'
import { BLOCK_SIZE, brokenCheckpoint, readBytes, readRuns, type BlockCache, type BlockFile } from './block-file.ts'
import { HEAD_BYTES, type Digest, type SegmentRecord } from './record.ts'
import { bucketOf, MAGIC, TABLES, TAIL_BYTES, type SegmentFooter, type TableName } from './segment-format.ts'

/** An open segment. What it reads was checked; what is damaged throws LEDGER_CHECKPOINT. */
export interface Segment {
  readonly path: string
  readonly footer: SegmentFooter
  /** The value of a key as bytes, empty if it is gone; undefined if this segment does not know it. */
  find(table: TableName, digest: Digest, key: Buffer): Buffer | undefined
  /** All records of a table in their order. */
  records(table: TableName): Iterable<SegmentRecord>
  close(): void
}

let lastId = 0

/** @throws LEDGER_CHECKPOINT if the file is not a whole segment, or of a newer format */
export function openSegment(path: string, cache: BlockCache): Segment {
  const file = openFile(path)
  try {
    const { footer, sums, bytes } = readFooter(path, file)
    return segmentOf({ path, file, id: ++lastId, bytes, sums, cache }, footer)
  } catch (error) {
    closeSync(file)
    throw error
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    throw brokenCheckpoint(path, messageOf(cause), cause)
  }
}

function segmentOf(source: BlockFile, footer: SegmentFooter): Segment {
  let open = true

  function find(table: TableName, digest: Digest, key: Buffer): Buffer | undefined {
    const { records, directoryAt, bucketBits, bloomAt, bloomBlocks } = footer.sections[table]
    if (records === 0) return undefined
    const block = bloomAt + blockOf(digest, bloomBlocks) * BLOCK_BYTES
    if (!mayHold(readBytes(source, block, block + BLOCK_BYTES), 0, digest)) return undefined
    const slot = directoryAt + bucketOf(digest.high, bucketBits) * 8
    const range = readBytes(source, slot, slot + 16)
    const bucket = readBytes(source, range.readDoubleBE(0), range.readDoubleBE(8))
    for (let at = 0; at < bucket.length;) {
      const record = recordAt(bucket, at)
      if (record === undefined) throw brokenCheckpoint(source.path, 'a record does not end in its bucket')
      const same = record.high === digest.high && record.low === digest.low && record.key.equals(key)
      if (same) return record.value
      at += HEAD_BYTES + record.key.length + record.value.length
    }
    return undefined
  }

  function* records(table: TableName): Generator<SegmentRecord, void, undefined> {
    const { at: start, bytes } = footer.sections[table]
    let left: Buffer = Buffer.alloc(0)
    for (const run of readRuns(source, start, start + bytes)) {
      const piece = left.length === 0 ? run : Buffer.concat([left, run])
      let at = 0
      for (let record = recordAt(piece, at); record !== undefined; record = recordAt(piece, at)) {
        yield record
        at += HEAD_BYTES + record.key.length + record.value.length
      }
      left = piece.subarray(at)
    }
    if (left.length > 0) throw brokenCheckpoint(source.path, 'a record does not end in its table')
  }

  function close(): void {
    if (open) closeSync(source.file)
    open = false
  }

  return { path: source.path, footer, find, records, close }
}

/** Undefined where it does not end in these bytes. */
function recordAt(bytes: Buffer, at: number): SegmentRecord | undefined {
  if (at + HEAD_BYTES > bytes.length) return undefined
  const keyAt = at + HEAD_BYTES
  const valueAt = keyAt + bytes.readUInt32BE(at + 8)
  const end = valueAt + bytes.readUInt32BE(at + 12)
  if (end > bytes.length) return undefined
  return {
    high: bytes.readUInt32BE(at),
    low: bytes.readUInt32BE(at + 4),
    key: bytes.subarray(keyAt, valueAt),
    value: bytes.subarray(valueAt, end),
  }
}

interface FoundFooter {
  readonly footer: SegmentFooter
  readonly sums: Buffer
  readonly bytes: number
}

function readFooter(path: string, file: number): FoundFooter {
  const { size } = fstatSync(file)
  const tail = readAt(path, file, size - TAIL_BYTES, TAIL_BYTES)
  if (!tail.subarray(36).equals(MAGIC)) throw brokenCheckpoint(path, 'it is cut, or no checkpoint')
  const length = tail.readUInt32BE(0)
  // The rest of the file is data in blocks, the footer, and four bytes for each block.
  const bytes = dataBytes(size - TAIL_BYTES - length)
  const rest = readAt(path, file, bytes, size - TAIL_BYTES - bytes)
  const sum = createHash('sha256').update(rest).update(tail.subarray(0, 4)).digest()
  if (!sum.equals(tail.subarray(4, 36))) throw brokenCheckpoint(path, 'its footer is damaged')
  const footer = JSON.parse(rest.toString('utf8', 0, length)) as SegmentFooter
  if (footer.format !== 1) throw brokenCheckpoint(path, 'it is of another format')
  if (TABLES.some((table) => !(footer.sections[table].records >= 0))) throw brokenCheckpoint(path, 'a table is missing')
  return { footer, sums: rest.subarray(length), bytes }
}

/** Of n bytes of blocks and their checksums, how many are blocks; NaN if no number of blocks gives n. */
function dataBytes(both: number): number {
  const blocks = Math.ceil(both / (BLOCK_SIZE + 4))
  return both - blocks * 4
}

function readAt(path: string, file: number, at: number, length: number): Buffer {
  if (!(at >= 0) || length < 0) throw brokenCheckpoint(path, 'it is cut')
  const bytes = Buffer.alloc(length)
  if (readSync(file, bytes, 0, length, at) < length) throw brokenCheckpoint(path, 'it is cut')
  return bytes
}
