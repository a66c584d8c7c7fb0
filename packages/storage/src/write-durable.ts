/**
 * Writes that survive a crash at any point: the final name either does not exist, has its old content, or has all of
 * the new one. What a crash leaves behind are files named `.tmp-*` in the same folder, which nobody reads.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, lstat, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { codeOf, TidegateError } from '@tidegate/core'

import { fsyncFile, fsyncFolder } from './fsync.ts'
import { writing } from './write-error.ts'

/** Replaces or creates a file: temp file, fsync, rename, fsync of the folder. Throws `DISK_FULL`, `WRITE_DENIED`, or Node's error. */
export async function writeDurable(path: string, bytes: Uint8Array | string): Promise<void> {
  await writing(path, async () => {
    const temp = await writeTemp(path, bytes)
    await finish(temp, () => rename(temp, path))
    await fsyncFolder(dirname(path))
  })
}

/**
 * Creates a file only if its name is free, as one indivisible step: of many racing writers exactly one gets `created`.
 * Durable when it returns `created`. Throws `DISK_FULL`, `WRITE_DENIED`, `LINK_UNSUPPORTED`, or Node's error.
 */
export async function linkExclusive(path: string, bytes: Uint8Array | string): Promise<'created' | 'exists'> {
  return await writing(path, async () => {
    const temp = await writeTemp(path, bytes)
    try {
      const outcome = await tryLink(temp, path)
      if (outcome === 'created') await fsyncFolder(dirname(path))
      return outcome
    } finally {
      await unlink(temp)
    }
  })
}

async function tryLink(temp: string, path: string): Promise<'created' | 'exists'> {
  try {
    await link(temp, path)
    return 'created'
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') {
      // Over NFS the answer to a successful link can get lost and its repetition fails: the link count tells.
      return (await stat(temp)).nlink > 1 ? 'created' : 'exists'
    }
    if (code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS' || (code === 'EPERM' && (await exists(temp))))
      throw new TidegateError('LINK_UNSUPPORTED', `the file system of ${dirname(path)} has no hard links`, {
        hint: 'Put the target on a local file system with hard links (ext4, xfs, btrfs, apfs) or on NFS.',
        dataNow: 'Nothing was committed.',
        cause: error,
      })
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * Copies a regular file byte for byte (sharing blocks where the file system can) under a temp name, fsync, rename,
 * fsync of the folder. Replaces `to`. Throws `DISK_FULL`, `WRITE_DENIED`, `SOURCE_NOT_A_FILE`, or Node's error.
 */
export async function copyDurable(from: string, to: string): Promise<void> {
  if (!(await stat(from)).isFile())
    throw new TidegateError('SOURCE_NOT_A_FILE', `${from} is not a regular file`, {
      hint: 'Only regular files can be copied.',
    })
  await writing(to, async () => {
    const temp = tempName(to)
    await finish(temp, async () => {
      await copyFile(from, temp, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      await fsyncFile(temp)
      await rename(temp, to)
    })
    await fsyncFolder(dirname(to))
  })
}

async function writeTemp(path: string, bytes: Uint8Array | string): Promise<string> {
  const temp = tempName(path)
  await finish(temp, async () => {
    const handle = await open(temp, 'wx')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
  return temp
}

/** Runs a step on a temp file; when it fails, the temp file goes. */
async function finish(temp: string, step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (error) {
    await lstat(temp).then(
      () => unlink(temp),
      () => undefined,
    )
    throw error
  }
}

function tempName(path: string): string {
  return join(dirname(path), `.tmp-${process.pid}-${randomBytes(8).toString('hex')}`)
}
