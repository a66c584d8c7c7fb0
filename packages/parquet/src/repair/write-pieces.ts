import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

import { TidegateError, type ByteSource } from '@tidegate/core'

import { pieceLength, type Piece } from '../source/pieces.ts'
import { writeError } from './write-error.ts'

export interface WritePiecesOptions {
  /** Bytes written so far. */
  readonly onBytes?: ((bytes: number, totalBytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const BLOCK_BYTES = 1024 * 1024

/**
 * Writes the file that the pieces make up to a new path, and syncs it. Throws `REPAIR_SOURCE_CHANGED` for a source that
 * became shorter, `DISK_FULL`, `WRITE_DENIED`, what the source throws, and when aborted.
 */
export async function writePieces(
  source: ByteSource,
  pieces: readonly Piece[],
  path: string,
  { onBytes, signal }: WritePiecesOptions = {},
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const totalBytes = pieces.reduce((sum, piece) => sum + pieceLength(piece), 0)
  const hash = createHash('sha256')
  let written = 0
  const out = await writing(path, () => open(path, 'wx'))
  try {
    for (const piece of pieces)
      for await (const block of blocksOf(source, piece)) {
        signal?.throwIfAborted()
        await writing(path, () => writeFully(out, block, written))
        hash.update(block)
        written += block.length
        onBytes?.(written, totalBytes)
      }
    await writing(path, () => out.sync())
  } finally {
    await out.close()
  }
  return { sizeBytes: written, sha256: hash.digest('hex') }
}

async function* blocksOf(source: ByteSource, piece: Piece): AsyncGenerator<Uint8Array> {
  if (piece.kind === 'new') return yield piece.bytes
  for (let at = 0; at < piece.length;) {
    const block = await source.read(piece.offset + at, Math.min(BLOCK_BYTES, piece.length - at))
    if (block.length === 0) throw sourceChanged('it became shorter')
    yield block
    at += block.length
  }
}

export function sourceChanged(how: string): TidegateError {
  return new TidegateError('REPAIR_SOURCE_CHANGED', `the file changed while it was read: ${how}`, {
    hint: 'Repair it again once nobody writes to it.',
    retryable: true,
    dataNow: 'Nothing was written.',
  })
}

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    // The temp file's own name says nothing to anybody.
    throw writeError(dirname(path), error)
  }
}

/** A write may take fewer bytes than it was given. */
export async function writeFully(out: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await out.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}
