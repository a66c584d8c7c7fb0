import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbsent, sizeOf } from './durable.ts'
import { HOME, STAGING } from './layout.ts'
import type { FolderListing, ReconcileWanted } from './plan-reconcile.ts'

const DATA_FILE = /\.(parquet|parq|pq|csv|tsv|json|jsonl|ndjson|orc|avro|arrow)(\.(gz|zst|bz2))?$/i

/** Looks up just the names that these parts can have. Cost: two stat calls per part. */
export async function probeParts(
  directory: string,
  quarantine: string,
  { live, gone, rejected }: ReconcileWanted,
): Promise<FolderListing> {
  const staged = new Map<string, number>()
  const target = new Map<string, number>()
  const held = new Map<string, number>()
  const probe = async (into: Map<string, number>, folder: string, path: string): Promise<void> => {
    const bytes = await sizeOf(join(folder, path))
    if (bytes !== undefined) into.set(path, bytes)
  }
  for (const part of live) {
    // Staged first: a part that moves meanwhile is then seen in at least one of its places.
    await probe(staged, directory, part.staged)
    await probe(target, directory, part.visible)
  }
  for (const [visible, part] of gone) {
    await probe(staged, directory, part.staged)
    await probe(target, directory, visible)
  }
  for (const part of rejected) {
    await probe(staged, directory, part.staged)
    await probe(held, quarantine, part.visible)
  }
  return { staged, target, quarantine: held }
}

/** Everything staged: path relative to the target → bytes. */
export async function listStaged(directory: string): Promise<ReadonlyMap<string, number>> {
  return listTree(directory, STAGING)
}

/** Everything visible below the target: relative path → bytes. */
export async function listVisible(directory: string): Promise<ReadonlyMap<string, number>> {
  return listTree(directory, '')
}

/** True for names that a glob over data would pick up. */
export function isDataFile(path: string): boolean {
  return DATA_FILE.test(path)
}

async function listTree(directory: string, start: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  const open = [start]
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const item of await childrenOf(join(directory, folder))) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`
      if (path === HOME) continue
      if (item.isDirectory()) open.push(path)
      else {
        const bytes = await sizeOf(join(directory, path))
        if (bytes !== undefined) found.set(path, bytes)
      }
    }
  }
  return found
}

async function childrenOf(folder: string): ReturnType<typeof readFolder> {
  try {
    return await readFolder(folder)
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

async function readFolder(folder: string): Promise<import('node:fs').Dirent[]> {
  return readdir(folder, { withFileTypes: true })
}
