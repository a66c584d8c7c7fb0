import { createHash } from 'node:crypto'

import type { ByteSource } from '@tidegate/core'

/** A source whose bytes are hashed as they are read, so that a copy and its proof need one pass. */
export interface FollowedSource {
  readonly source: ByteSource
  /** SHA-256 of the whole source, lower-case hex; reads what nobody has read. */
  finish(): Promise<string>
}

const BLOCK_BYTES = 1024 * 1024

/** Reads that go forward cost nothing more; what they leap over is read for the hash alone. */
export function followSource(source: ByteSource, signal: AbortSignal | undefined): FollowedSource {
  const hash = createHash('sha256')
  let hashed = 0
  const hashUpTo = async (end: number): Promise<void> => {
    while (hashed < end) {
      signal?.throwIfAborted()
      const block = await source.read(hashed, Math.min(BLOCK_BYTES, end - hashed))
      if (block.length === 0) return
      hash.update(block)
      hashed += block.length
    }
  }
  return {
    source: {
      sizeBytes: source.sizeBytes,
      async read(offset, length) {
        await hashUpTo(offset)
        const bytes = await source.read(offset, length)
        // Of a piece that is copied twice only the first copy counts.
        if (offset <= hashed && offset + bytes.length > hashed) {
          hash.update(bytes.subarray(hashed - offset))
          hashed = offset + bytes.length
        }
        return bytes
      },
      close: async () => await source.close(),
    },
    async finish() {
      await hashUpTo(source.sizeBytes)
      return hash.digest('hex')
    },
  }
}
