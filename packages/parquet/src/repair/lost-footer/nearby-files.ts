import type { Stats } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'

import { codeOf } from '@tidegate/core'

/** Files of the same folder that are looked at. */
const MAX_SIBLINGS = 20
/** Folders above the file's own, for tables whose files lie in partition folders. */
const MAX_PARENTS = 3

/**
 * Files beside a file that may be of the same table: same extension, no marker, not the file itself (by any name). Those whose
 * names sort next to it come first, as they are most alike.
 */
export async function nearbySiblings(path: string): Promise<readonly string[]> {
  const folder = dirname(path)
  const own = basename(path)
  const names: string[] = []
  try {
    for await (const entry of await opendir(folder)) {
      const isCandidate = entry.isFile() && !/^[._]/.test(entry.name) && entry.name !== own
      if (isCandidate && extname(entry.name) === extname(own)) names.push(entry.name)
    }
  } catch (error) {
    if (codeOf(error) !== undefined) return []
    throw error
  }
  const sorted = names.toSorted()
  const place = sorted.findIndex((name) => name > own)
  const at = place < 0 ? sorted.length : place
  const byDistance = sorted
    .map((name, index) => ({ name, distance: index < at ? at - index : index - at + 1 }))
    .toSorted((left, right) => left.distance - right.distance)
  const ownStats = await statOf(path)
  const siblings: string[] = []
  for (const { name } of byDistance.slice(0, MAX_SIBLINGS)) {
    const stats = await statOf(join(folder, name))
    const isSame = stats !== undefined && stats.ino === ownStats?.ino && stats.dev === ownStats.dev
    if (stats !== undefined && !isSame && stats.size > 0) siblings.push(join(folder, name))
  }
  return siblings
}

/** The folder with a `_delta_log` that the file lies in or below. */
export async function nearbyDeltaTable(path: string): Promise<string | undefined> {
  let folder = dirname(path)
  for (let level = 0; level <= MAX_PARENTS; level++) {
    if ((await statOf(join(folder, '_delta_log')))?.isDirectory() === true) return folder
    if (dirname(folder) === folder) return undefined
    folder = dirname(folder)
  }
  return undefined
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (codeOf(error) !== undefined) return undefined
    throw error
  }
}
