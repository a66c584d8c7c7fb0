import type { ByteSource } from '@tidegate/core'

export interface BytesProgress {
  readonly bytes: number
  readonly totalBytes: number
}

/** A source that tells how far into the file reading has come. */
export function withProgress(source: ByteSource, onProgress: ((done: BytesProgress) => void) | undefined): ByteSource {
  if (onProgress === undefined) return source
  const totalBytes = source.sizeBytes
  const step = Math.max(1, Math.floor(totalBytes / 100))
  let told = 0
  return {
    sizeBytes: totalBytes,
    close: async () => await source.close(),
    async read(offset, length) {
      const bytes = await source.read(offset, length)
      const reached = offset + bytes.length
      if (reached >= told + step) {
        told = reached
        onProgress({ bytes: told, totalBytes })
      }
      return bytes
    },
  }
}
