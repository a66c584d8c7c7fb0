import { open, statfs, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import zlib from 'node:zlib'

import { codeOf, messageOf, TidegateError, type ByteSource, type Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import { writeFully } from '../write-pieces.ts'
import { writeError } from '../write-error.ts'
import { findZipEntry } from './find-zip-entry.ts'

export interface UnpackLimits {
  /** @defaultValue 64 GiB */
  readonly maxBytes: number
  /** Unpacked ÷ packed size, of what unpacks to more than 16 MiB. @defaultValue 2,000 (deflate cannot exceed 1,032) */
  readonly maxRatio: number
}

export const DEFAULT_UNPACK_LIMITS: UnpackLimits = { maxBytes: 64 * 2 ** 30, maxRatio: 2000 }

export type Unpacked =
  /** `cut`: the packed data ends too early; what there is was unpacked. */
  | { readonly kind: 'unpacked'; readonly path: string; readonly cut: Finding | undefined }
  | { readonly kind: 'refused'; readonly finding: Finding }

export interface UnpackOptions {
  readonly limits?: Partial<UnpackLimits> | undefined
  readonly signal?: AbortSignal | undefined
}

const BLOCK_BYTES = 1024 * 1024
const SMALL_BYTES = 16 * 1024 * 1024
/** Of the free space, so that a disk is never filled. */
const MAX_SHARE_OF_FREE = 0.9

/**
 * Unpacks into a new file, in blocks. A bomb, a checksum that is wrong or an archive of several files is a finding. Throws
 * `DISK_FULL`, `WRITE_DENIED`, what the source throws, and when aborted.
 */
export async function unpackFile(
  source: ByteSource,
  packed: 'gzip' | 'zstd' | 'zip',
  path: string,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  const stream = await openPacked(source, packed, options.signal)
  if ('finding' in stream) return { kind: 'refused', finding: stream.finding }
  const free = await freeBytes(dirname(path))
  const limits = { ...DEFAULT_UNPACK_LIMITS, ...options.limits }
  const out = await open(path, 'wx').catch((error: unknown) => {
    throw writeError(path, error)
  })
  try {
    return await drain(stream, out, { path, free, limits, packedBytes: source.sizeBytes, signal: options.signal })
  } finally {
    stream.bytes.destroy()
    await out.close()
  }
}

interface PackedStream {
  readonly bytes: Readable
  /** What the archive says of the content. */
  readonly expected: { readonly crc: number; readonly sizeBytes: number } | undefined
}

async function openPacked(
  source: ByteSource,
  packed: 'gzip' | 'zstd' | 'zip',
  signal: AbortSignal | undefined,
): Promise<PackedStream | { readonly finding: Finding }> {
  if (packed === 'gzip')
    return { bytes: through(blocks(source, 0, source.sizeBytes, signal), zlib.createGunzip()), expected: undefined }
  if (packed === 'zstd')
    return {
      bytes: through(blocks(source, 0, source.sizeBytes, signal), zlib.createZstdDecompress()),
      expected: undefined,
    }
  const entry = await findZipEntry(source)
  if (entry.kind === 'refused')
    return { finding: finding('PQ110', entry.because, { severity: 'fatal', evidence: { container: 'zip' } }) }
  const inside = blocks(source, entry.offset, entry.packedBytes, signal)
  return {
    bytes: entry.method === 'stored' ? inside : through(inside, zlib.createInflateRaw()),
    expected: { crc: entry.crc, sizeBytes: entry.sizeBytes },
  }
}

function blocks(source: ByteSource, from: number, length: number, signal: AbortSignal | undefined): Readable {
  return Readable.from(
    (async function* () {
      for (let at = from; at < from + length;) {
        signal?.throwIfAborted()
        const block = await source.read(at, Math.min(BLOCK_BYTES, from + length - at))
        if (block.length === 0) return
        at += block.length
        yield block
      }
    })(),
    { objectMode: false, highWaterMark: BLOCK_BYTES },
  )
}

function through(from: Readable, unpack: zlib.Gunzip | zlib.ZstdDecompress | zlib.InflateRaw): Readable {
  from.on('error', (error) => unpack.destroy(error))
  // Whoever reads it gets the error, also if it came before the reading began.
  unpack.on('error', () => {})
  unpack.on('close', () => from.destroy())
  return from.pipe(unpack)
}

interface Place {
  readonly path: string
  readonly free: number
  readonly limits: UnpackLimits
  readonly packedBytes: number
  readonly signal: AbortSignal | undefined
}

async function drain(stream: PackedStream, out: FileHandle, place: Place): Promise<Unpacked> {
  const { limits, path, free, packedBytes, signal } = place
  let written = 0
  let crc = 0
  try {
    for await (const chunk of stream.bytes as AsyncIterable<Buffer>) {
      signal?.throwIfAborted()
      const size = written + chunk.length
      if (size > limits.maxBytes || (size > SMALL_BYTES && size > packedBytes * limits.maxRatio))
        return { kind: 'refused', finding: bomb(size, packedBytes, limits) }
      if (size > free * MAX_SHARE_OF_FREE) throw noSpace(path)
      await writeFully(out, chunk, written)
      if (stream.expected !== undefined) crc = zlib.crc32(chunk, crc)
      written = size
    }
  } catch (error) {
    if (signal?.aborted === true) throw error
    const cause = packedFault(error)
    if (cause === undefined) throw writeError(path, error)
    if (cause === 'damaged' || written === 0)
      return {
        kind: 'refused',
        finding: finding('PQ704', `The packed data is damaged (${messageOf(error)}).`, { severity: 'fatal' }),
      }
    return { kind: 'unpacked', path, cut: cut(written) }
  }
  const { expected } = stream
  if (expected !== undefined && (expected.crc !== crc || expected.sizeBytes !== written))
    return written < expected.sizeBytes
      ? { kind: 'unpacked', path, cut: cut(written) }
      : {
          kind: 'refused',
          finding: finding('PQ704', 'The checksum of the packed file is wrong: its bytes have changed.', {
            severity: 'fatal',
            evidence: { crc: expected.crc, found: crc },
          }),
        }
  return { kind: 'unpacked', path, cut: undefined }
}

/** After a cut all bytes so far are right; after damage none of them can be trusted. */
function packedFault(error: unknown): 'cut' | 'damaged' | undefined {
  const code = codeOf(error) ?? ''
  if (code === 'Z_BUF_ERROR' || /unexpected end|src size is incorrect|truncat/i.test(messageOf(error))) return 'cut'
  return code.startsWith('Z_') || code.startsWith('ZSTD_') || code === 'ERR_ZLIB' ? 'damaged' : undefined
}

function cut(written: number): Finding {
  return finding('PQ704', `The packed data ends too early; ${written} bytes of it could be unpacked.`, {
    severity: 'fatal',
    repairable: 'lossy',
    evidence: { unpackedBytes: written },
  })
}

function bomb(size: number, packedBytes: number, limits: UnpackLimits): Finding {
  const isTooLarge = size > limits.maxBytes
  return finding(
    isTooLarge ? 'PQ903' : 'PQ315',
    isTooLarge
      ? `The file unpacks to more than ${limits.maxBytes} bytes.`
      : `The file unpacks to more than ${limits.maxRatio} times its size.`,
    { severity: 'fatal', evidence: { packedBytes, unpackedBytes: size, ...limits } },
  )
}

function noSpace(path: string): TidegateError {
  return new TidegateError('DISK_FULL', `no space left to unpack into ${path}`, {
    hint: 'Free space on this disk and run again.',
    retryable: true,
    dataNow: 'Nothing was written.',
  })
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
