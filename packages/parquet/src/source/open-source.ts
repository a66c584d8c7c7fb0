import type { ByteSource } from '@tidegate/core'
import { localStore } from '@tidegate/storage'

/** What is read: a file on a mounted file system (absolute path, or relative to the working folder), or bytes by range. */
export type Source = { readonly path: string } | ByteSource

/**
 * Opens a source read-only. The caller closes what it gets; closing leaves a `ByteSource` open that was given, as it belongs
 * to whoever opened it. Throws `SOURCE_GONE`, `SOURCE_UNREADABLE`, `SOURCE_NOT_A_FILE`.
 */
export async function openSource(source: Source): Promise<ByteSource> {
  if ('path' in source) return await localStore().open(source.path)
  return {
    sizeBytes: source.sizeBytes,
    read: async (offset, length) => await source.read(offset, length),
    close: async () => {},
  }
}
