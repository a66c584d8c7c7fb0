/**
 * The few effects the protocol needs beside those of storage. A name is durable only after its folder was synced, bytes
 * only after their file was.
 */
import { createHash } from 'node:crypto'
import { lstatSync, type Dirent } from 'node:fs'
import { lstat, mkdir, open, readdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, isTidegateError, messageOf, TidegateError } from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'

/** Creates the folder and its parents, and makes the new names durable. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await fsyncFolder(dirname(folder))
}

/** Writes a file that must not exist yet, bytes durable, name not. */
export async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(text, 'utf8')
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

/** {@link namesIn}, with what kind of thing each is. */
export async function childrenOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

/** Size in bytes of a regular file, or undefined if nothing is there. Anything else of that name counts as size -1. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const stat = await lstat(path)
    return stat.isFile() ? stat.size : -1
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** {@link sizeOf} for lists of names: ten times cheaper where the disk is at hand, and nothing else runs meanwhile. */
export function sizeOfNow(path: string): number | undefined {
  try {
    const stat = lstatSync(path)
    return stat.isFile() ? stat.size : -1
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** SHA-256 of all bytes, lower-case hex. */
export async function hashFile(path: string): Promise<string> {
  const handle = await open(path)
  try {
    const hash = createHash('sha256')
    // Sized to the file: most parts of a batch of small files are a few kilobytes.
    const { size } = await handle.stat()
    const chunk = Buffer.allocUnsafe(Math.min(1 << 20, size + 1))
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

/** Makes the names of these files below `root` durable. */
export async function syncNames(root: string, files: readonly { readonly visible: string }[]): Promise<void> {
  for (const folder of new Set(files.map(({ visible }) => dirname(join(root, visible))))) await fsyncIfThere(folder)
}

export async function fsyncIfThere(folder: string): Promise<void> {
  try {
    await fsyncFolder(folder)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

export async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

/** True if the failure says that there is no such file or folder. */
export function isAbsent(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** Runs `work`; failures of the file system come out as TidegateErrors that say what they mean for the data. */
export async function withFolderErrors<T>(dataNow: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw folderError(error, dataNow)
  }
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'DISK_FULL', 'ENGINE_DISK_FULL'])
const DENIED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'WRITE_DENIED'])
const PASSING: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'EINTR'])

function folderError(error: unknown, dataNow: string): unknown {
  const code = codeOf(error) ?? ''
  if (FULL.has(code)) {
    return new TidegateError('DISK_FULL', `No space is left for the target: ${messageOf(error)}`, {
      hint: 'Free space on the disk of the target (or of the quarantine), then run the same command again.',
      retryable: true,
      dataNow,
      cause: error,
    })
  }
  if (DENIED.has(code)) {
    return new TidegateError('WRITE_DENIED', `The target cannot be written: ${messageOf(error)}`, {
      hint: 'Give this user the right to write to the target and the quarantine, or choose other folders.',
      dataNow,
      cause: error,
    })
  }
  if (isTidegateError(error) || !/^E[A-Z0-9]+$/.test(code)) return error
  return new TidegateError('TARGET_IO', `The target cannot be used: ${messageOf(error)}`, {
    hint: 'Check that the folders exist and that their disk is healthy.',
    retryable: PASSING.has(code),
    dataNow,
    cause: error,
  })
}
