/**
 * Walks a source's root depth first. Only the names of the folders on the way down are held in memory. Entries come in
 * the order of their paths' bytes (a folder counts as its name with `/`), so two listings of the same tree agree.
 */
import { isUtf8 } from 'node:buffer'
import { lstatSync, statSync, type BigIntStats, type Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'

import { codeOf, messageOf, TidegateError, type DiscoveredFile, type SourceLocation } from '@tidegate/core'

import { matchFolder, matchGlob } from './glob.ts'
import { describeStats } from './stamp.ts'

/** Links to folders that may follow each other on one path; it bounds walks through folders that link to one another. */
const MAX_LINKS_ON_PATH = 8
const STATS_AT_ONCE = 128
const SLOW_BATCH_MS = 50

export async function* discoverFiles(location: SourceLocation): AsyncGenerator<DiscoveredFile> {
  const root = resolve(location.root)
  const walk: Walk = {
    root,
    realRoot: await realRootOf(root),
    matches: matchGlob(location.pattern),
    mayHold: matchFolder(location.pattern),
    excluded: await excludedFolders(location.exclude ?? []),
    pace: { slowBatches: 0 },
  }
  yield* walkFolder(walk, { path: '', absolute: root, real: walk.realRoot, ancestors: [walk.realRoot], links: 0 })
}

interface Walk {
  readonly root: string
  readonly realRoot: string
  readonly matches: (path: string) => boolean
  readonly mayHold: (folder: string) => boolean
  readonly excluded: readonly string[]
  /** Batches still to be looked at without blocking. */
  readonly pace: { slowBatches: number }
}

interface Folder {
  /** Below the root, `''` for the root. */
  readonly path: string
  readonly absolute: string
  /** With all links resolved. */
  readonly real: string
  /** Real paths from the root to here, this folder included. */
  readonly ancestors: readonly string[]
  readonly links: number
}

type Entry =
  | {
      readonly kind: 'file'
      readonly name: string
      readonly path: string
      readonly absolute: string
      readonly linked: boolean
    }
  | { readonly kind: 'folder'; readonly name: string; readonly folder: Folder }
  | { readonly kind: 'report'; readonly name: string; readonly report: DiscoveredFile }

async function realRootOf(root: string): Promise<string> {
  try {
    const real = await realpath(root)
    if ((await stat(real)).isDirectory()) return real
  } catch (error) {
    throw new TidegateError('SOURCE_MISSING', `the folder ${root} cannot be opened: ${messageOf(error)}`, {
      hint: 'Check the source path in tidegate.yaml, the mount and the permissions.',
      retryable: true,
      dataNow: 'Nothing was read.',
      cause: error,
    })
  }
  throw new TidegateError('SOURCE_MISSING', `${root} is not a folder`, {
    hint: 'The part of a source path before its first wildcard must be a folder.',
    dataNow: 'Nothing was read.',
  })
}

/** Each excluded path as written and with its links resolved, so that no alias leads around it. */
async function excludedFolders(paths: readonly string[]): Promise<string[]> {
  const all = await Promise.all(
    paths.map(async (path) => {
      const absolute = resolve(path)
      return [absolute, await realpath(absolute).catch(() => absolute)]
    }),
  )
  return [...new Set(all.flat())]
}

async function* walkFolder(walk: Walk, folder: Folder): AsyncGenerator<DiscoveredFile> {
  if (isExcluded(walk, folder.absolute, folder.real)) return
  let listed: Dirent<Buffer>[]
  try {
    listed = await readdir(folder.absolute, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && folder.path !== '') return
    yield unreadable(
      folder.path,
      folder.absolute,
      'SOURCE_UNREADABLE',
      `the folder cannot be listed: ${messageOf(error)}`,
    )
    return
  }
  const unsorted: Entry[] = []
  for (const dirent of listed) {
    const classified = classify(walk, folder, dirent)
    const entry = classified instanceof Promise ? await classified : classified
    if (entry !== undefined) unsorted.push(entry)
  }
  const entries = inPathOrder(unsorted)
  for (let at = 0; at < entries.length;) {
    const entry = entries[at] as Entry
    if (entry.kind === 'folder') {
      yield* walkFolder(walk, entry.folder)
      at++
    } else if (entry.kind === 'report') {
      yield entry.report
      at++
    } else {
      const files = takeFiles(entries, at)
      for (const found of await describeFiles(walk, files)) if (found !== undefined) yield found
      at += files.length
    }
  }
}

function takeFiles(entries: readonly Entry[], from: number): Extract<Entry, { kind: 'file' }>[] {
  const files: Extract<Entry, { kind: 'file' }>[] = []
  for (let at = from; at < entries.length && files.length < STATS_AT_ONCE; at++) {
    const entry = entries[at] as Entry
    if (entry.kind !== 'file') break
    files.push(entry)
  }
  return files
}

/** A promise only where a link must be followed: most entries are plain files, and there may be millions. */
function classify(walk: Walk, folder: Folder, dirent: Dirent<Buffer>): Entry | undefined | Promise<Entry | undefined> {
  const name = dirent.name.toString('utf8')
  const path = folder.path === '' ? name : `${folder.path}/${name}`
  const absolute = join(folder.absolute, name)
  if (isOurs(name)) return undefined
  if (!isUtf8(dirent.name)) {
    if (!walk.matches(path) && !walk.mayHold(path)) return undefined
    const message = `the name is not valid UTF-8 (bytes ${dirent.name.toString('hex')})`
    return { kind: 'report', name, report: unreadable(path, absolute, 'SOURCE_NAME_INVALID', message) }
  }
  const type = typeOf(absolute, dirent)
  switch (type) {
    case 'folder': {
      if (!walk.mayHold(path)) return undefined
      const real = join(folder.real, name)
      return {
        kind: 'folder',
        name,
        folder: { path, absolute, real, ancestors: [...folder.ancestors, real], links: folder.links },
      }
    }
    case 'link':
      return followLink(walk, folder, name, path, absolute)
    case 'file':
      if (isTemporary(name) || !walk.matches(path) || isExcluded(walk, absolute, join(folder.real, name)))
        return undefined
      return { kind: 'file', name, path, absolute, linked: false }
    case 'other':
      if (!walk.matches(path)) return undefined
      return {
        kind: 'report',
        name,
        report: unreadable(path, absolute, 'SOURCE_NOT_A_FILE', 'it is a pipe, device or socket, not a regular file'),
      }
    case 'gone':
    default:
      return undefined
  }
}

type EntryType = 'file' | 'folder' | 'link' | 'other' | 'gone'

function typeOf(absolute: string, dirent: Dirent<Buffer>): EntryType {
  if (dirent.isFile()) return 'file'
  if (dirent.isDirectory()) return 'folder'
  if (dirent.isSymbolicLink()) return 'link'
  // Some file systems do not tell the type in the listing.
  const stats = lstatSync(absolute, { throwIfNoEntry: false })
  if (stats === undefined) return 'gone'
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  return stats.isSymbolicLink() ? 'link' : 'other'
}

async function followLink(
  walk: Walk,
  folder: Folder,
  name: string,
  path: string,
  absolute: string,
): Promise<Entry | undefined> {
  const wanted = walk.matches(path)
  const passable = walk.mayHold(path)
  if ((!wanted && !passable) || isTemporary(name)) return undefined
  const report = (code: string, message: string): Entry => ({
    kind: 'report',
    name,
    report: unreadable(path, absolute, code, message),
  })
  let real: string
  let stats: BigIntStats
  try {
    real = await realpath(absolute)
    stats = await stat(real, { bigint: true })
  } catch (error) {
    if (!wanted) return undefined
    return codeOf(error) === 'ENOENT'
      ? report('SOURCE_GONE', 'the link leads to nothing')
      : report('SOURCE_UNREADABLE', `the link cannot be followed: ${messageOf(error)}`)
  }
  if (isExcluded(walk, absolute, real)) return undefined
  if (stats.isDirectory() ? !passable : !wanted) return undefined
  // A link back to a folder above adds nothing: everything there is listed already.
  if (folder.ancestors.includes(real)) return undefined
  if (!isWithin(real, walk.realRoot))
    return report('SOURCE_OUTSIDE_ROOT', `the link leads out of the source, to ${real}`)
  if (stats.isFile()) return { kind: 'file', name, path, absolute, linked: true }
  if (!stats.isDirectory())
    return report('SOURCE_NOT_A_FILE', 'it leads to a pipe, device or socket, not a regular file')
  if (folder.links >= MAX_LINKS_ON_PATH)
    return report('SOURCE_LINKS_TOO_DEEP', `more than ${MAX_LINKS_ON_PATH} links to folders on one path`)
  return {
    kind: 'folder',
    name,
    folder: { path, absolute, real, ancestors: [...folder.ancestors, real], links: folder.links + 1 },
  }
}

type FileEntry = Extract<Entry, { kind: 'file' }>

/**
 * Looks at a batch of files. On a local disk a blocking stat takes microseconds, a sixth of the other kind; as soon as a
 * batch takes long (a network mount), the next ones do not block.
 */
async function describeFiles(walk: Walk, files: readonly FileEntry[]): Promise<(DiscoveredFile | undefined)[]> {
  if (walk.pace.slowBatches > 0) {
    walk.pace.slowBatches--
    return await Promise.all(
      files.map(
        async (file) =>
          await stat(file.absolute, { bigint: true }).then(
            (stats) => describeFile(file, stats),
            (error: unknown) => describeFailure(file, error),
          ),
      ),
    )
  }
  const started = performance.now()
  const found = files.map((file) => {
    try {
      return describeFile(file, statSync(file.absolute, { bigint: true }))
    } catch (error) {
      return describeFailure(file, error)
    }
  })
  if (performance.now() - started > SLOW_BATCH_MS) walk.pace.slowBatches = 20
  return found
}

function describeFile(file: FileEntry, stats: BigIntStats): DiscoveredFile {
  return { kind: 'file', file: { path: file.path, uri: file.absolute, ...describeStats(stats) } }
}

function describeFailure(file: FileEntry, error: unknown): DiscoveredFile | undefined {
  if (codeOf(error) === 'ENOENT' && !file.linked) return undefined
  return unreadable(file.path, file.absolute, 'SOURCE_UNREADABLE', `it cannot be looked at: ${messageOf(error)}`)
}

/** Our own folders and unfinished writes of ours; they are skipped wherever they are. */
function isOurs(name: string): boolean {
  return name === '_tidegate' || name === '.tidegate' || name.startsWith('.tmp-')
}

const TEMPORARY: readonly string[] = ['.tmp', '.part', '.crdownload', '.inprogress']

function isTemporary(name: string): boolean {
  const lower = name.toLowerCase()
  return TEMPORARY.some((suffix) => lower.endsWith(suffix))
}

function isExcluded(walk: Walk, absolute: string, real: string): boolean {
  return walk.excluded.some((folder) => isWithin(absolute, folder) || isWithin(real, folder))
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** Sorted by the bytes of the paths below: `a-b` comes before `a/c`. */
function inPathOrder(entries: readonly Entry[]): Entry[] {
  const keyed = entries.map((entry) => ({
    entry,
    key: Buffer.from(entry.kind === 'folder' ? `${entry.name}/` : entry.name),
  }))
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ entry }) => entry)
}

function unreadable(path: string, uri: string, code: string, message: string): DiscoveredFile {
  return { kind: 'unreadable', path, uri, code, message: `${path === '' ? uri : path}: ${message}` }
}
