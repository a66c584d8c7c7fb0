import { createHash, hash as hashBytes } from 'node:crypto'
import { constants, type BigIntStats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { codeOf, isTidegateError, messageOf, TidegateError, type ByteSource, type Store } from '@tidegate/core'

import { discoverFiles, discoverPages } from './discover-files.ts'
import { quickLook, readSmall, statSmall, type QuickLook } from './look-quickly.ts'
import { describeStats } from './stamp.ts'

export interface LocalStoreOptions {
  /** Bytes read at once while hashing. @defaultValue 1 MiB */
  readonly hashChunkBytes?: number
}

/**
 * Files on a mounted file system. URIs are absolute paths or `file:` URLs. Never writes.
 *
 * Errors: `SOURCE_MISSING` (the root of a listing), `SOURCE_GONE`, `SOURCE_UNREADABLE`, `SOURCE_NOT_A_FILE`,
 * `SOURCE_UNSUPPORTED` (another scheme), `CANCELLED`.
 */
export function localStore(options: LocalStoreOptions = {}): Store {
  const chunkBytes = options.hashChunkBytes ?? 1024 * 1024
  const quick = quickLook()
  return {
    discover: (location) => discoverFiles(location),
    discoverPages: (location) => discoverPages(location),
    stat: async (uri) => await statFile(toPath(uri), quick),
    hash: async (uri, signal, watch) => await hashFile(toPath(uri), { chunkBytes, quick }, signal, watch),
    open: async (uri) => await openByteSource(toPath(uri)),
  }
}

type Watch = (bytes: Uint8Array) => Promise<boolean>

function toPath(uri: string): string {
  if (uri.startsWith('file:')) return fileURLToPath(uri)
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(uri)
  if (scheme === null) return uri
  throw new TidegateError('SOURCE_UNSUPPORTED', `the local store cannot open ${scheme[1]}:// addresses`, {
    hint: 'Use an absolute path.',
  })
}

async function statFile(path: string, quick: QuickLook): ReturnType<Store['stat']> {
  const seen = await quick.take(() => statSmall(path))
  if (seen === null) return undefined
  let stats: BigIntStats
  try {
    stats = seen ?? (await stat(path, { bigint: true }))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw readError(path, error)
  }
  if (!stats.isFile()) throw notAFile(path)
  return describeStats(stats)
}

async function hashFile(
  path: string,
  { chunkBytes, quick }: { readonly chunkBytes: number; readonly quick: QuickLook },
  signal: AbortSignal | undefined,
  watch: Watch | undefined,
): Promise<string> {
  const small = await quick.take(() => {
    const bytes = signal?.aborted === true ? undefined : readSmall(path)
    return bytes !== undefined && bytes.length <= chunkBytes ? bytes : undefined
  })
  if (small === undefined) return await hashLarge(path, chunkBytes, signal, watch)
  if (small.length > 0) await watch?.(small)
  return hashBytes('sha256', small, 'hex')
}

async function hashLarge(
  path: string,
  chunkBytes: number,
  signal: AbortSignal | undefined,
  watch: Watch | undefined,
): Promise<string> {
  const handle = await openRegular(path)
  let isWatched = watch !== undefined
  try {
    const hash = createHash('sha256')
    // Sized to the file: a megabyte for each of thousands of small files is what the garbage collector would be busy with.
    const { size } = await handle.stat()
    const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, size + 1)))
    for (;;) {
      if (signal?.aborted === true)
        throw new TidegateError('CANCELLED', `hashing ${path} was cancelled`, { cause: signal.reason })
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null)
      if (bytesRead === 0) return hash.digest('hex')
      const bytes = chunk.subarray(0, bytesRead)
      hash.update(bytes)
      if (isWatched) isWatched = (await watch?.(bytes)) ?? false
    }
  } catch (error) {
    // What the watcher throws about the same file has its code already.
    throw isTidegateError(error) ? error : readError(path, error)
  } finally {
    await handle.close()
  }
}

async function openByteSource(path: string): Promise<ByteSource> {
  const handle = await openRegular(path)
  const sizeBytes = Number((await handle.stat({ bigint: true })).size)
  let closed = false
  return {
    sizeBytes,
    read: async (offset, length) => await readRange(handle, path, sizeBytes, offset, length),
    close: async () => {
      if (closed) return
      closed = true
      await handle.close()
    },
  }
}

async function readRange(
  handle: FileHandle,
  path: string,
  sizeBytes: number,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
    throw new TidegateError('SOURCE_UNREADABLE', `no such range in ${path}: ${length} bytes from ${offset}`)
  const bytes = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - offset)))
  let filled = 0
  try {
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
  } catch (error) {
    throw readError(path, error)
  }
  return bytes.subarray(0, filled)
}

/** Opens for reading without waiting: a FIFO would block an ordinary open until somebody writes to it. */
async function openRegular(path: string): Promise<FileHandle> {
  let handle: FileHandle
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    // A socket cannot be opened at all.
    throw codeOf(error) === 'ENXIO' ? notAFile(path) : readError(path, error)
  }
  try {
    if ((await handle.stat()).isFile()) return handle
  } catch (error) {
    await handle.close()
    throw readError(path, error)
  }
  await handle.close()
  throw notAFile(path)
}

function notAFile(path: string): TidegateError {
  return new TidegateError('SOURCE_NOT_A_FILE', `${path} is not a regular file`, {
    hint: 'Folders, pipes, devices and sockets are not read; narrow the pattern.',
  })
}

function readError(path: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'CANCELLED') return error
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new TidegateError('SOURCE_GONE', `${path} is gone`, {
      hint: 'The file was deleted or renamed after it was listed; the next run lists again.',
      retryable: true,
      cause: error,
    })
  return new TidegateError('SOURCE_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, {
    hint:
      code === 'EACCES' || code === 'EPERM' ? 'Give this user the right to read it.' : 'Check the disk or the mount.',
    retryable: code !== 'EACCES' && code !== 'EPERM',
    cause: error,
  })
}
