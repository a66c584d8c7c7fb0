import { createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib'

import type { ByteSource } from '@tidegate/core'

import type { Detected } from '../../sniff-format.ts'

export type Packed = 'gzip' | 'zstd' | 'zip'

/** `several`: a zip archive with more than one file. `damaged`: it cannot be unpacked from its beginning. */
export type PackedContent = 'parquet' | 'other' | 'several' | 'damaged'

const ZSTD_BYTES = 256 * 1024

export function isPacked(detected: Detected): detected is Packed {
  return detected === 'gzip' || detected === 'zstd' || detected === 'zip'
}

/** What is inside, by its first bytes. `head`: of the source, up to 64 KiB. */
export async function peekPacked(source: ByteSource, head: Uint8Array, packed: Packed): Promise<PackedContent> {
  // zstd gives nothing before a block is whole, and a block has up to 128 KiB.
  const enough = packed === 'zstd' ? await source.read(0, Math.min(source.sizeBytes, ZSTD_BYTES)) : head
  const first = packed === 'zip' ? await firstOfZip(source, head) : await firstBytes(enough, packed)
  if (first === undefined) return 'damaged'
  if (first === 'several') return 'several'
  return Buffer.from(first.subarray(0, 4)).toString('latin1') === 'PAR1' ? 'parquet' : 'other'
}

/** At most a few KiB of what the bytes unpack to, however far they expand; undefined where nothing comes. */
async function firstBytes(bytes: Uint8Array, how: 'gzip' | 'zstd' | 'deflate'): Promise<Uint8Array | undefined> {
  const stream =
    how === 'gzip' ? createGunzip() : how === 'zstd' ? createZstdDecompress() : createInflateRaw({ chunkSize: 1024 })
  return await new Promise((resolve) => {
    let isDone = false
    const finish = (part: Uint8Array | undefined): void => {
      if (isDone) return
      isDone = true
      stream.destroy()
      resolve(part)
    }
    const kept: Buffer[] = []
    stream.on('data', (part: Buffer) => {
      kept.push(part)
      if (kept.reduce((sum, { length }) => sum + length, 0) >= 4) finish(Buffer.concat(kept))
    })
    const all = (): void => finish(kept.length > 0 ? Buffer.concat(kept) : undefined)
    stream.on('end', all)
    stream.on('error', all)
    stream.end(bytes)
  })
}

const STORED = 0
const DEFLATED = 8

async function firstOfZip(source: ByteSource, head: Uint8Array): Promise<Uint8Array | 'several' | undefined> {
  if ((await zipEntries(source)) !== 1) return 'several'
  const local = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  if (local.length < 30) return undefined
  const body = local.subarray(30 + local.readUInt16LE(26) + local.readUInt16LE(28))
  const method = local.readUInt16LE(8)
  if (method === STORED) return body
  return method === DEFLATED ? await firstBytes(body, 'deflate') : undefined
}

/** From the record at the end of the archive; 0 if there is none. */
async function zipEntries(source: ByteSource): Promise<number> {
  const length = Math.min(source.sizeBytes, 65_557)
  const tail = Buffer.from(await source.read(source.sizeBytes - length, length))
  const at = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  return at < 0 || at + 22 > tail.length ? 0 : tail.readUInt16LE(at + 10)
}
