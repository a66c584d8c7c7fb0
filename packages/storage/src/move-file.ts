import { readdir, rename, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'

import { codeOf } from '@tidegate/core'

import { copyDurable } from './write-durable.ts'
import { writing } from './write-error.ts'

/**
 * Renames a file, replacing `to`. Between two file systems: durable copy, then delete. The folders are not synced: a
 * caller that moves many files calls `fsyncFolder` once. Throws `DISK_FULL`, `WRITE_DENIED`, or Node's error (`ENOENT`
 * when `from` is gone).
 */
export async function moveFile(from: string, to: string): Promise<void> {
  await writing(to, async () => {
    try {
      await rename(from, to)
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw error
      await copyDurable(from, to)
      await unlink(from)
    }
  })
}

/**
 * Removes the empty folders below `root`, deepest first, and `root` itself unless `keepRoot`. Links are not followed.
 * A folder that someone fills meanwhile stays. Returns how many went.
 */
export async function removeEmptyFolders(root: string, options: { readonly keepRoot?: boolean } = {}): Promise<number> {
  let removed = 0
  for (const entry of await entriesOf(root))
    if (entry.isDirectory()) removed += await removeEmptyFolders(join(root, entry.name))
  if (options.keepRoot !== true && (await tryRemove(root))) removed++
  return removed
}

async function entriesOf(folder: string): ReturnType<typeof readEntries> {
  try {
    return await readEntries(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

async function readEntries(folder: string) {
  return await readdir(folder, { withFileTypes: true })
}

const STAYS: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY', 'EACCES', 'EPERM'])

async function tryRemove(folder: string): Promise<boolean> {
  try {
    await rmdir(folder)
    return true
  } catch (error) {
    if (STAYS.has(codeOf(error) ?? '')) return false
    throw error
  }
}
