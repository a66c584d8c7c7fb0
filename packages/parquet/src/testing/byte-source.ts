import type { ByteSource } from '@tidegate/core'

/** Bytes in memory as a source. It throws on reads that make no sense, which a file would answer somehow. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => {
      if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
        throw new RangeError(`read of ${length} bytes at ${offset}`)
      return bytes.slice(offset, offset + length)
    },
    close: async () => {},
  }
}
