import { randomUUID } from 'node:crypto'
import { link, lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, TidegateError } from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'
import { isAbsent, makeFolder, removeIfThere, writeNew } from '../durable.ts'

export interface PutSteps {
  /** After the bytes are durable under a name that nobody reads. */
  readonly written?: (() => void) | undefined
  readonly linked?: (() => void) | undefined
}

/**
 * Creates a file with all of its bytes, or not at all. Durable when it returns true; false if the name is taken.
 *
 * @param temp folder on the same file system for the bytes before they have their name
 * @throws LINK_UNSUPPORTED where the file system has no hard links, LEDGER_NOT_DURABLE if the folder cannot be synced
 */
export async function putIfAbsent(
  folder: string,
  name: string,
  text: string,
  temp: string,
  steps: PutSteps = {},
): Promise<boolean> {
  await makeFolder(folder)
  for (;;) {
    await makeFolder(temp)
    const written = join(temp, randomUUID())
    try {
      await writeNew(written, text)
      steps.written?.()
      await link(written, join(folder, name))
    } catch (error) {
      // Over NFS the answer to a successful link can get lost, and its repetition then fails: the link count tells.
      const linked = codeOf(error) === 'EEXIST' && (await linksOf(written)) > 1
      if (!linked) await removeIfThere(written)
      if (!linked && codeOf(error) === 'EEXIST') return false
      // A recovery tidied up the folder of unfinished files.
      if (!linked && isAbsent(error)) continue
      if (!linked) throw linkError(error, folder)
    }
    steps.linked?.()
    await removeIfThere(written)
    await syncOrSay(folder, name)
    return true
  }
}

async function linksOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).nlink
  } catch (error) {
    if (isAbsent(error)) return 0
    throw error
  }
}

async function syncOrSay(folder: string, name: string): Promise<void> {
  try {
    await fsyncFolder(folder)
  } catch (cause) {
    throw new TidegateError('LEDGER_NOT_DURABLE', `${name} was written, but ${folder} could not be synced.`, {
      hint: 'Check the disk, then run again: recovery decides by what the log holds.',
      retryable: true,
      dataNow: 'The batch counts as committed unless the machine loses power now.',
      cause,
    })
  }
}

function linkError(error: unknown, folder: string): unknown {
  if (!['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM'].includes(codeOf(error) ?? '')) return error
  return new TidegateError('LINK_UNSUPPORTED', `The file system of ${folder} has no hard links.`, {
    hint: 'Put the table on a local file system with hard links (ext4, xfs, btrfs, apfs) or on NFS.',
    dataNow: 'Nothing was committed.',
    cause: error,
  })
}
