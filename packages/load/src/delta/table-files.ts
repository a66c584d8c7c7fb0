import { join } from 'node:path'
import type { Session } from '@tidegate/core'
import { childrenOf, fsyncIfThere } from '../durable.ts'
import { isDataFile } from '../list-folder.ts'
import type { LogState } from '../log-state.ts'
import { TEMP } from './layout.ts'
import { DELTA_LOG } from './list-log.ts'
import { decodePath } from './partition.ts'
import { readSnapshot } from './read-snapshot.ts'

export interface TableFiles {
  /** Data files that no log entry names: leftovers, or another writer's work that is not committed yet. */
  readonly unknown: readonly string[]
  /** Parts of ours that the log lists and the disk lacks. */
  readonly missing: readonly string[]
}

/** Compares the log with the folder. */
export async function tableFiles(directory: string, session: Session, state: LogState): Promise<TableFiles> {
  // The folder first: a file that is committed meanwhile is then known.
  const onDisk = await listData(directory)
  const { files, tombstones } = await readSnapshot(directory, session, { files: true })
  const known = decoded([...(files?.keys() ?? []), ...(tombstones ?? [])])
  const live = decoded(files?.keys() ?? [])
  return {
    unknown: [...onDisk].filter((path) => isDataFile(path) && !known.has(path)).toSorted(),
    missing: [...state.parts.keys()].filter((path) => live.has(path) && !onDisk.has(path)).toSorted(),
  }
}

/** Live files by their path on disk, relative to the table; files that lie elsewhere are left out. */
export async function liveFiles(directory: string, session: Session): Promise<ReadonlySet<string>> {
  const { files } = await readSnapshot(directory, session, { files: true })
  return decoded(files?.keys() ?? [])
}

/** Whoever linked the newest commit may have died before its name was durable. */
export async function fsyncLog(directory: string): Promise<void> {
  await fsyncIfThere(join(directory, DELTA_LOG))
}

/** Absolute paths of files that dead writers left without a name; one at work writes its file again. */
export async function tempFiles(directory: string): Promise<readonly string[]> {
  return (await childrenOf(join(directory, TEMP))).map((item) => join(directory, TEMP, item.name))
}

function decoded(paths: Iterable<string>): ReadonlySet<string> {
  const found = new Set<string>()
  for (const path of paths) {
    const plain = decodePath(path)
    if (plain !== undefined) found.add(plain)
  }
  return found
}

/** Files below the table, without hidden folders: the log, our own, change data, indexes. */
async function listData(directory: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const open = ['']
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const item of await childrenOf(join(directory, folder))) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`
      if (!item.isDirectory()) found.add(path)
      else if (!isHidden(item.name)) open.push(path)
    }
  }
  return found
}

/** A partition column may begin with an underscore. */
function isHidden(name: string): boolean {
  return (name.startsWith('_') || name.startsWith('.')) && !name.includes('=')
}
