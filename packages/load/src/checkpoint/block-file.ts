/**
 * A file in blocks, each with a checksum, through a cache that never grows beyond its size. What was damaged on disk is found
 * when it is read, and never believed.
 */
import { readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { TidegateError } from '@tidegate/core'

export const BLOCK_SIZE: number = 16 * 1024
/** Blocks in a cache: 32 MiB. */
const CACHED_BLOCKS = 2048
const RUN_BLOCKS = 64

export interface BlockFile {
  readonly path: string
  readonly file: number
  /** Unlike the descriptor, never used for another file of this process. */
  readonly id: number
  /** Bytes before the table of checksums; all but the last block are whole. */
  readonly bytes: number
  /** One CRC-32 per block, big endian. */
  readonly sums: Buffer
  readonly cache: BlockCache
}

/** Blocks read last, of all files that share it. */
export interface BlockCache {
  readonly blocks: Map<number, Buffer>
}

export function blockCache(): BlockCache {
  return { blocks: new Map() }
}

/** Bytes `[from, to)`. Must not be changed. */
export function readBytes(source: BlockFile, from: number, to: number): Buffer {
  const first = Math.floor(from / BLOCK_SIZE)
  const start = first * BLOCK_SIZE
  if (to <= start + BLOCK_SIZE) return cachedBlock(source, first).subarray(from - start, to - start)
  const pieces: Buffer[] = []
  for (let at = first; at * BLOCK_SIZE < to; at += 1) {
    const low = Math.max(0, from - at * BLOCK_SIZE)
    pieces.push(cachedBlock(source, at).subarray(low, Math.min(BLOCK_SIZE, to - at * BLOCK_SIZE)))
  }
  return Buffer.concat(pieces)
}

/** Bytes `[from, to)` in runs of many blocks, past the cache. */
export function* readRuns(source: BlockFile, from: number, to: number): Generator<Buffer, void, undefined> {
  for (let at = from; at < to;) {
    const first = Math.floor(at / BLOCK_SIZE)
    const start = first * BLOCK_SIZE
    const end = Math.min(source.bytes, start + RUN_BLOCKS * BLOCK_SIZE)
    const run = readBlocks(source, first, start, end)
    const until = Math.min(to, end)
    yield run.subarray(at - start, until - start)
    at = until
  }
}

function cachedBlock(source: BlockFile, at: number): Buffer {
  const { blocks } = source.cache
  const name = source.id * 2 ** 32 + at
  const known = blocks.get(name)
  if (known !== undefined) return known
  const start = at * BLOCK_SIZE
  const block = readBlocks(source, at, start, Math.min(source.bytes, start + BLOCK_SIZE))
  if (blocks.size >= CACHED_BLOCKS) forgetSome(blocks)
  blocks.set(name, block)
  return block
}

/** The oldest eighth; what is needed again comes back as the newest. */
function forgetSome(blocks: Map<number, Buffer>): void {
  let left = CACHED_BLOCKS / 8
  for (const name of blocks.keys()) {
    blocks.delete(name)
    if (--left === 0) return
  }
}

function readBlocks(source: BlockFile, first: number, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, end - start))
  let filled = 0
  try {
    while (filled < bytes.length) {
      const read = readSync(source.file, bytes, filled, bytes.length - filled, start + filled)
      if (read === 0) break
      filled += read
    }
  } catch (cause) {
    throw brokenCheckpoint(source.path, 'it cannot be read', cause)
  }
  if (filled < bytes.length) throw brokenCheckpoint(source.path, 'it ends early')
  for (let at = 0; at * BLOCK_SIZE < bytes.length; at += 1) {
    const block = bytes.subarray(at * BLOCK_SIZE, (at + 1) * BLOCK_SIZE)
    const place = (first + at) * 4
    if (place + 4 > source.sums.length || crc32(block) !== source.sums.readUInt32BE(place)) {
      throw brokenCheckpoint(source.path, `its block ${first + at} is damaged`)
    }
  }
  return bytes
}

/** Never reaches users where the log can be read: whoever catches it goes on without the file that it names. */
export function brokenCheckpoint(path: string, because: string, cause?: unknown): CheckpointError {
  const error = new TidegateError('LEDGER_CHECKPOINT', `The checkpoint ${path} cannot be used: ${because}.`, {
    hint: 'Run again: it is made anew from the log. If this comes back, look at the disk.',
    retryable: true,
    dataNow: 'Log and data are untouched; a checkpoint only spares reading the log.',
    ...(cause === undefined ? {} : { cause }),
  })
  return Object.assign(error, { segment: path })
}

export type CheckpointError = TidegateError & { readonly segment: string }
