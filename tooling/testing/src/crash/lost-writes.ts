/**
 * A kill leaves the page cache alone, a power cut does not. This model takes away after a kill what was never synced, also
 * what the engine's process had written:
 *
 *   (1) The bytes of a file are kept up to the size that it had when it was last synced.
 *   (2) A name in a folder is kept, or stays gone, if the folder was synced after it came or went; also names of folders.
 *   (3) A rename is never lost in halves: a file that was safe under its old name is there under the old, the new, or both.
 *
 * With `all` everything unsynced is lost; with `some` each name and each length is drawn. Databases (SQLite, DuckDB,
 * Postgres) sync below Node's functions and are left out.
 */
import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { randomOf, type Random } from './random.ts'

type Inode = number | 'folder'

/** What of some folders is on disk for sure. */
export interface Photograph {
  readonly roots: readonly string[]
  readonly names: Map<string, ReadonlyMap<string, Inode>>
  readonly sizes: Map<number, number>
}

/** Takes everything that is there now as safe. */
export function photograph(roots: readonly string[]): Photograph {
  const seen: Photograph = { roots, names: new Map(), sizes: new Map() }
  for (const root of roots)
    look(root, (folder, names, sizes) => {
      seen.names.set(folder, names)
      for (const [inode, size] of sizes) seen.sizes.set(inode, size)
    })
  return seen
}

export function loseWrites(before: Photograph, record: string, mode: 'all' | 'some', seed: number): void {
  const random = randomOf(seed)
  const { safe, everSafe } = readRecord(before, record)
  const now = photograph(before.roots)
  const places = placesOf(now)
  const wanted = new Map<string, Map<string, Inode>>()
  for (const root of before.roots) {
    if (now.names.has(root) || safe.names.has(root)) choose(root)
  }
  keepRenamesWhole()
  restore(wanted, { now, safe, graves: path.join(record, 'graves'), pool: path.join(record, 'pool'), mode, random })

  function choose(folder: string): void {
    const old = safe.names.get(folder) ?? new Map<string, Inode>()
    const current = now.names.get(folder) ?? new Map<string, Inode>()
    const chosen = new Map<string, Inode>()
    wanted.set(folder, chosen)
    for (const name of new Set([...old.keys(), ...current.keys()])) {
      const from = mode === 'all' || random() < 0.5 ? old : current
      const inode = from.get(name)
      if (inode === undefined) continue
      chosen.set(name, inode)
      if (inode === 'folder') choose(path.join(folder, name))
    }
  }

  function keepRenamesWhole(): void {
    const kept = new Set([...wanted.values()].flatMap((names) => [...names.values()]))
    for (const [inode, place] of places) {
      if (kept.has(inode) || !everSafe.has(inode)) continue
      const folder = path.dirname(place)
      for (let above = folder; !wanted.has(above); above = path.dirname(above)) wanted.set(above, new Map())
      wanted.get(folder)?.set(path.basename(place), inode)
    }
  }
}

/** Folds what the dying process wrote down into what was safe before it began. */
function readRecord(
  before: Photograph,
  record: string,
): { readonly safe: Photograph; readonly everSafe: ReadonlySet<Inode> } {
  const safe: Photograph = { ...before, names: new Map(before.names), sizes: new Map(before.sizes) }
  const everSafe = new Set<Inode>([...before.names.values()].flatMap((names) => [...names.values()]))
  const file = path.join(record, 'durable.ndjson')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  for (const text of lines) {
    const line = JSON.parse(text) as SyncedFolder | SyncedFile
    if ('names' in line) {
      safe.names.set(line.path, new Map(line.names))
      for (const [, inode] of line.names) everSafe.add(inode)
    } else safe.sizes.set(line.ino, line.size)
  }
  return { safe, everSafe }
}

interface SyncedFolder {
  readonly path: string
  readonly names: readonly (readonly [string, Inode])[]
}

interface SyncedFile {
  readonly path: string
  readonly ino: number
  readonly size: number
}

interface Sources {
  readonly now: Photograph
  readonly safe: Photograph
  readonly graves: string
  readonly pool: string
  readonly mode: 'all' | 'some'
  readonly random: Random
}

/** Makes the folders look as wanted, from the files that are there and those that were put aside as they were deleted. */
function restore(wanted: ReadonlyMap<string, ReadonlyMap<string, Inode>>, sources: Sources): void {
  const { now, graves, pool } = sources
  const places = placesOf(now)
  mkdirSync(pool, { recursive: true })
  for (const inode of new Set([...wanted.values()].flatMap((names) => [...names.values()]))) {
    if (inode === 'folder') continue
    const place = places.get(inode) ?? path.join(graves, String(inode))
    if (!existsSync(place)) continue
    linkSync(place, path.join(pool, String(inode)))
    cut(place, inode, sources)
  }
  for (const root of now.roots) rmSync(root, { recursive: true, force: true })
  for (const [folder, names] of wanted) {
    mkdirSync(folder, { recursive: true })
    for (const [name, inode] of names) {
      const kept = path.join(pool, String(inode))
      if (inode === 'folder') mkdirSync(path.join(folder, name), { recursive: true })
      else if (existsSync(kept)) linkSync(kept, path.join(folder, name))
    }
  }
}

function cut(place: string, inode: number, { safe, mode, random }: Sources): void {
  const size = lstatSync(place).size
  const sure = Math.min(size, safe.sizes.get(inode) ?? 0)
  const left = mode === 'all' ? sure : sure + Math.floor(random() * (size - sure + 1))
  if (left < size) truncateSync(place, left)
}

function placesOf({ names }: Photograph): ReadonlyMap<number, string> {
  const places = new Map<number, string>()
  for (const [folder, entries] of names) {
    for (const [name, inode] of entries) if (inode !== 'folder') places.set(inode, path.join(folder, name))
  }
  return places
}

function look(
  folder: string,
  tell: (folder: string, names: ReadonlyMap<string, Inode>, sizes: ReadonlyMap<number, number>) => void,
): void {
  if (!existsSync(folder)) return
  const names = new Map<string, Inode>()
  const sizes = new Map<number, number>()
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name)
    if (entry.isDirectory()) {
      names.set(entry.name, 'folder')
      look(place, tell)
    } else {
      const info = lstatSync(place)
      names.set(entry.name, info.ino)
      sizes.set(info.ino, info.size)
    }
  }
  tell(folder, names, sizes)
}
