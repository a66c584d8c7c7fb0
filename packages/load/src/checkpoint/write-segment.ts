import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { addToBlock, BLOCK_BYTES, blockOf, bloomBlocks } from './bloom.ts'
import { BLOCK_SIZE } from './block-file.ts'
import { putRecord, sizeOfRecord, type SegmentRecord } from './record.ts'
import {
  bucketBitsFor,
  bucketOf,
  MAGIC,
  TABLES,
  type Section,
  type SegmentFooter,
  type TableName,
} from './segment-format.ts'

/** Blocks that are written at once: 1 MiB. */
const AT_ONCE = 64

/** Records in order, and at most how many they are. */
export interface RecordRun {
  readonly records: Iterable<SegmentRecord>
  readonly atMost: number
}

/**
 * Writes a segment into an empty file and makes its bytes durable. Waits after each mebibyte, so that timers of the process
 * go on; of its own it keeps some three bytes for each record of the largest table.
 */
export async function writeSegment(
  handle: FileHandle,
  facts: Omit<SegmentFooter, 'format' | 'sections'>,
  tables: Readonly<Record<TableName, RecordRun>>,
): Promise<void> {
  const out = blockWriter(handle)
  const sections: Partial<Record<TableName, Section>> = {}
  for (const table of TABLES) sections[table] = await writeSection(out, tables[table])
  const footer = { format: 1, ...facts, sections }
  const text = Buffer.from(JSON.stringify(footer))
  const sums = await out.end()
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  const sum = createHash('sha256').update(text).update(sums).update(length).digest()
  await handle.appendFile(Buffer.concat([text, sums, length, sum, MAGIC]))
  await handle.sync()
}

async function writeSection(out: BlockWriter, { records, atMost }: RecordRun): Promise<Section> {
  const at = out.position()
  const bucketBits = bucketBitsFor(atMost)
  const starts = new Float64Array(2 ** bucketBits + 1)
  const blocks = bloomBlocks(atMost)
  const bloom = Buffer.alloc(blocks * BLOCK_BYTES)
  let count = 0
  let bucket = -1
  for (const record of records) {
    const own = bucketOf(record.high, bucketBits)
    while (bucket < own) starts[++bucket] = out.position()
    addToBlock(bloom, blockOf(record, blocks) * BLOCK_BYTES, record)
    const bytes = sizeOfRecord(record)
    if (!out.fits(bytes)) await out.flush(bytes)
    putRecord(out.buffer(), out.take(bytes), record)
    count += 1
  }
  const end = out.position()
  while (bucket < starts.length - 1) starts[++bucket] = end
  await out.write(bigEndian(starts))
  await out.write(bloom)
  const bloomAt = end + starts.length * 8
  return { at, bytes: end - at, records: count, directoryAt: end, bucketBits, bloomAt, bloomBlocks: blocks }
}

function bigEndian(numbers: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 8)
  for (const [at, number] of numbers.entries()) bytes.writeDoubleBE(number, at * 8)
  return bytes
}

interface BlockWriter {
  position(): number
  /** True if so many more bytes have room in the buffer. */
  fits(bytes: number): boolean
  /** Makes room for so many bytes. */
  flush(bytes: number): Promise<void>
  buffer(): Buffer
  /** Takes so many bytes of the buffer and tells where they start. */
  take(bytes: number): number
  write(bytes: Buffer): Promise<void>
  /** Writes what is left and gives the checksums of all blocks. */
  end(): Promise<Buffer>
}

function blockWriter(handle: FileHandle): BlockWriter {
  let buffer = Buffer.allocUnsafe(AT_ONCE * BLOCK_SIZE)
  let used = 0
  let written = 0
  const sums: number[] = []

  /** Whole blocks go out; the rest moves to the front. */
  async function flush(bytes: number): Promise<void> {
    const whole = used - (used % BLOCK_SIZE)
    await put(whole)
    const rest = buffer.subarray(whole, used)
    const needed = rest.length + bytes
    const next = needed > buffer.length ? Buffer.allocUnsafe(Math.ceil(needed / BLOCK_SIZE) * BLOCK_SIZE) : buffer
    rest.copy(next, 0)
    buffer = next
    used = rest.length
  }

  async function put(bytes: number): Promise<void> {
    for (let at = 0; at < bytes; at += BLOCK_SIZE)
      sums.push(crc32(buffer.subarray(at, Math.min(bytes, at + BLOCK_SIZE))))
    for (let at = 0; at < bytes;) at += (await handle.write(buffer, at, bytes - at)).bytesWritten
    written += bytes
  }

  async function write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (used === buffer.length) await flush(1)
      const copied = bytes.copy(buffer, used, at)
      used += copied
      at += copied
    }
  }

  async function end(): Promise<Buffer> {
    await put(used)
    const table = Buffer.allocUnsafe(sums.length * 4)
    for (const [at, sum] of sums.entries()) table.writeUInt32BE(sum, at * 4)
    return table
  }

  return {
    position: () => written + used,
    fits: (bytes) => used + bytes <= buffer.length,
    flush,
    buffer: () => buffer,
    take: (bytes) => (used += bytes) - bytes,
    write,
    end,
  }
}
