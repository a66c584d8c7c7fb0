/**
 * Walks a source's root depth first. Only the names of the folders on the way down are held in memory. Entries come in
 * the order of their paths' bytes (a folder counts as its name with `/`), so two listings of the same tree agree.
 */
import { lstatSync, statSync, type BigIntStats, type Dirent } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { resolve, sep } from 'node:path'

import {
  codeOf,
  comparePaths,
  messageOf,
  TidegateError,
  type DiscoveredFile,
  type FolderWatch,
  type SourceLocation,
} from '@tidegate/core'

import { matchFolder, matchGlob } from './glob.ts'
import { firstAfter, sortPaths } from './path-order.ts'
import { readNames, type Name } from './read-names.ts'
import { describeStats, stampOfFolder } from './stamp.ts'

/** Links to folders that may follow each other on one path; it bounds walks through folders that link to one another. */
const MAX_LINKS_ON_PATH = 8
const STATS_AT_ONCE = 128
const SLOW_BATCH_MS = 50

export async function* discoverFiles(location: SourceLocation): AsyncGenerator<DiscoveredFile> {
  for await (const page of discoverPages(location)) yield* page
}

export async function* discoverPages(location: SourceLocation): AsyncGenerator<readonly DiscoveredFile[]> {
  const root = resolve(location.root)
  const walk: Walk = {
    root,
    realRoot: await realRootOf(root),
    matches: matchGlob(location.pattern),
    mayHold: matchFolder(location.pattern),
    excluded: await excludedFolders(location.exclude ?? []),
    watch: location.watch,
    pace: { slowBatches: 0 },
  }
  // What is still to be done, the next last. Delegating from generator to generator would cost each file a turn.
  const rest: Step[] = [
    {
      kind: 'folder',
      name: '',
      folder: { path: '', absolute: root, real: walk.realRoot, ancestors: [walk.realRoot], links: 0 },
    },
  ]
  for (let step = rest.pop(); step !== undefined; step = rest.pop()) {
    if (step.kind === 'report') yield [step.report]
    else if (step.kind === 'folder') for (const next of (await listFolder(walk, step.folder)).reverse()) rest.push(next)
    else
      for (let at = 0; at < step.names.length; at += STATS_AT_ONCE)
        yield await describeFiles(walk, step, step.names.slice(at, at + STATS_AT_ONCE))
  }
}

interface Walk {
  readonly root: string
  readonly realRoot: string
  readonly matches: (path: string) => boolean
  readonly mayHold: (folder: string) => boolean
  readonly excluded: readonly string[]
  readonly watch: FolderWatch | undefined
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

/** Something to be done. Names are those that its order goes by. */
type Step = FileStep | OtherStep

/** Files of one folder that follow each other: a million of them are a million names, and nothing else. */
interface FileStep {
  readonly kind: 'files'
  readonly folder: Folder
  readonly names: readonly string[]
  readonly linked: boolean
}

type OtherStep =
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

async function listFolder(walk: Walk, folder: Folder): Promise<Step[]> {
  if (isExcluded(walk, folder.absolute, folder.real)) return []
  // Its stamp of before it is listed: what comes in between moves it.
  const stamp = walk.watch === undefined || folder.links > 0 ? undefined : await stampOfFolder(folder.absolute)
  if (stamp !== undefined && walk.watch?.passes(folder.path, stamp) === true)
    return inPathOrder(
      folder,
      [],
      walk.watch.subfolders(folder.path).map((name) => folderStep(folder, name)),
    )
  let listed: readonly Name[]
  try {
    listed = await readNames(folder.absolute)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && folder.path !== '') return []
    if (folder.links === 0) walk.watch?.listed(folder.path, undefined)
    const message = `the folder cannot be listed: ${messageOf(error)}`
    return [
      { kind: 'report', name: '', report: unreadable(folder.path, folder.absolute, 'SOURCE_UNREADABLE', message) },
    ]
  }
  if (folder.links === 0) {
    const isPlain = listed.every(({ dirent }) => dirent.isFile() || dirent.isDirectory())
    walk.watch?.listed(folder.path, isPlain ? stamp : undefined)
  }
  const files: string[] = []
  const others: (OtherStep | FileStep)[] = []
  const mayExclude = walk.excluded.some((one) => isWithin(one, folder.absolute) || isWithin(one, folder.real))
  for (const { name, bytes, dirent } of listed) {
    if (bytes === undefined && dirent.isFile()) {
      if (isFileOf(walk, folder, name, mayExclude)) files.push(name)
      continue
    }
    const classified = classify(walk, folder, name, bytes, dirent)
    const step = classified instanceof Promise ? await classified : classified
    if (step === 'file') {
      if (isFileOf(walk, folder, name, mayExclude)) files.push(name)
    } else if (step !== undefined) others.push(step)
  }
  return inPathOrder(folder, files, others)
}

function folderStep(folder: Folder, name: string): OtherStep {
  const real = inFolder(folder.real, name)
  return {
    kind: 'folder',
    name,
    folder: {
      path: below(folder.path, name),
      absolute: inFolder(folder.absolute, name),
      real,
      ancestors: [...folder.ancestors, real],
      links: folder.links,
    },
  }
}

function isFileOf(walk: Walk, folder: Folder, name: string, mayExclude: boolean): boolean {
  if (isOurs(name) || isTemporary(name) || !walk.matches(below(folder.path, name))) return false
  return !mayExclude || !isExcluded(walk, inFolder(folder.absolute, name), inFolder(folder.real, name))
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

function inFolder(folder: string, name: string): string {
  return folder.endsWith(sep) ? folder + name : folder + sep + name
}

/** A promise only where a link must be followed: most entries are plain files, and there may be millions. */
function classify(
  walk: Walk,
  folder: Folder,
  name: string,
  bytes: Buffer | undefined,
  dirent: Dirent | Dirent<Buffer>,
): 'file' | Step | undefined | Promise<Step | undefined> {
  const path = below(folder.path, name)
  const absolute = inFolder(folder.absolute, name)
  if (isOurs(name)) return undefined
  if (bytes !== undefined) {
    if (!walk.matches(path) && !walk.mayHold(path)) return undefined
    const message = `the name is not valid UTF-8 (bytes ${bytes.toString('hex')})`
    return { kind: 'report', name, report: unreadable(path, absolute, 'SOURCE_NAME_INVALID', message) }
  }
  const type = typeOf(absolute, dirent)
  switch (type) {
    case 'folder':
      return walk.mayHold(path) ? folderStep(folder, name) : undefined
    case 'link':
      return followLink(walk, folder, name, path, absolute)
    case 'file':
      return 'file'
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

function typeOf(absolute: string, dirent: Dirent | Dirent<Buffer>): EntryType {
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
): Promise<Step | undefined> {
  const wanted = walk.matches(path)
  const passable = walk.mayHold(path)
  if ((!wanted && !passable) || isTemporary(name)) return undefined
  const report = (code: string, message: string): OtherStep => ({
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
  if (stats.isFile()) return { kind: 'files', folder, names: [name], linked: true }
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

/**
 * Looks at some files. On a local disk a blocking stat takes microseconds, a third of the other kind; as soon as some take
 * long (a network mount), the next ones do not block.
 */
async function describeFiles(
  walk: Walk,
  { folder, linked }: FileStep,
  names: readonly string[],
): Promise<readonly DiscoveredFile[]> {
  const found: (DiscoveredFile | undefined)[] = []
  if (walk.pace.slowBatches > 0) {
    walk.pace.slowBatches--
    const looks = names.map(async (name) => {
      const absolute = inFolder(folder.absolute, name)
      return await stat(absolute, { bigint: true }).then(
        (stats) => describeFile(folder, name, absolute, stats),
        (error: unknown) => describeFailure(folder, name, absolute, linked, error),
      )
    })
    found.push(...(await Promise.all(looks)))
  } else {
    const started = performance.now()
    for (const name of names) {
      const absolute = inFolder(folder.absolute, name)
      try {
        found.push(describeFile(folder, name, absolute, statSync(absolute, { bigint: true })))
      } catch (error) {
        found.push(describeFailure(folder, name, absolute, linked, error))
      }
    }
    if (performance.now() - started > SLOW_BATCH_MS) walk.pace.slowBatches = 20
  }
  return found.filter((file) => file !== undefined)
}

function describeFile(folder: Folder, name: string, absolute: string, stats: BigIntStats): DiscoveredFile {
  return { kind: 'file', file: { path: below(folder.path, name), uri: absolute, ...describeStats(stats) } }
}

function describeFailure(
  folder: Folder,
  name: string,
  absolute: string,
  linked: boolean,
  error: unknown,
): DiscoveredFile | undefined {
  if (codeOf(error) === 'ENOENT' && !linked) return undefined
  const message = `it cannot be looked at: ${messageOf(error)}`
  return unreadable(below(folder.path, name), absolute, 'SOURCE_UNREADABLE', message)
}

/** Our own folders and unfinished writes of ours; they are skipped wherever they are. */
function isOurs(name: string): boolean {
  return name === '_tidegate' || name === '.tidegate' || name.startsWith('.tmp-')
}

const TEMPORARY = /\.(?:tmp|part|crdownload|inprogress)$/i

function isTemporary(name: string): boolean {
  return TEMPORARY.test(name)
}

function isExcluded(walk: Walk, absolute: string, real: string): boolean {
  return walk.excluded.some((folder) => isWithin(absolute, folder) || isWithin(real, folder))
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** Sorted by the bytes of the paths below: `a-b` comes before `a/c`. */
function inPathOrder(folder: Folder, files: string[], others: readonly Step[]): Step[] {
  sortPaths(files)
  const rest = others.map((step) => ({ step, key: keyOf(step) }))
  rest.sort((a, b) => comparePaths(a.key, b.key))
  const steps: Step[] = []
  let from = 0
  const filesUpTo = (to: number): void => {
    if (to > from) steps.push({ kind: 'files', folder, names: files.slice(from, to), linked: false })
    from = to
  }
  for (const { step, key } of rest) {
    filesUpTo(firstAfter(files, from, key))
    steps.push(step)
  }
  filesUpTo(files.length)
  return steps
}

function keyOf(step: Step): string {
  return step.kind === 'files' ? (step.names[0] ?? '') : step.kind === 'folder' ? `${step.name}/` : step.name
}

function unreadable(path: string, uri: string, code: string, message: string): DiscoveredFile {
  return { kind: 'unreadable', path, uri, code, message: `${path === '' ? uri : path}: ${message}` }
}
