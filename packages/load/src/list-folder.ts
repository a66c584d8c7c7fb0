import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { childrenOf, sizeOf, sizeOfNow } from './durable.ts'
import { HOME, STAGING } from './layout.ts'
import type { FolderListing, ReconcileWanted } from './plan-reconcile.ts'

const DATA_FILE = /\.(parquet|parq|pq|csv|tsv|json|jsonl|ndjson|orc|avro|arrow)(\.(gz|zst|bz2))?$/i

/** After so many the timers of the process have their turn. */
const LOOKS_AT_ONCE = 256

/** Looks up just the names that these parts can have. Two stat calls per part, however large the target is. */
export async function probeParts(
  directory: string,
  quarantine: string,
  { live, gone, rejected }: ReconcileWanted,
): Promise<FolderListing> {
  // Staged names first, always: a part that moves meanwhile is then seen in at least one of its places.
  const parts = [...live]
  const staged = await probe(directory, [
    ...parts.map((part) => part.staged),
    ...Array.from(gone, ([, part]) => part.staged),
    ...Array.from(rejected, (part) => part.staged),
  ])
  const target = await probe(directory, [
    ...parts.map((part) => part.visible),
    ...Array.from(gone, ([visible]) => visible),
  ])
  return { staged, target, quarantine: await probeQuarantine(quarantine, rejected) }
}

/** Looks at the whole target. Of the quarantine, which people tidy up, only at the names asked for. */
export async function scanFolder(
  directory: string,
  quarantine: string,
  { rejected }: ReconcileWanted,
  parts: boolean,
): Promise<FolderListing> {
  const staged = await listTree(directory, STAGING)
  const target = parts ? await listTree(directory, '') : new Map<string, number>()
  return { staged, target, quarantine: await probeQuarantine(quarantine, rejected) }
}

/** True for names that a glob over data would pick up. */
export function isDataFile(path: string): boolean {
  return DATA_FILE.test(path)
}

function probeQuarantine(quarantine: string, rejected: ReconcileWanted['rejected']): Promise<Map<string, number>> {
  return probe(
    quarantine,
    Array.from(rejected, (part) => part.visible),
  )
}

async function probe(folder: string, paths: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const path of paths) {
    const bytes = await sizeOf(join(folder, path))
    if (bytes !== undefined) found.set(path, bytes)
  }
  return found
}

async function listTree(directory: string, start: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  const open = [start]
  let looked = 0
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const item of await childrenOf(join(directory, folder))) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`
      if (path === HOME) continue
      if (item.isDirectory()) open.push(path)
      else {
        const bytes = sizeOfNow(join(directory, path))
        if (bytes !== undefined) found.set(path, bytes)
        if (++looked % LOOKS_AT_ONCE === 0) await setImmediate()
      }
    }
  }
  return found
}
