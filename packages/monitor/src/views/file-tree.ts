/**
 * The explorer's tree out of folder sums and listed files. A node's sums hold everything below it: those of a source are
 * exact, as they come from the hours; folders and files that are not listed are in a `more` node beside the listed ones.
 */
import type { FileRecord, FileSums, FolderSums } from '@tidegate/core'
import { windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { addSums, filesOf, meanScore, parentOf, rowsBrought, sumsOfFile } from '../file-sums.ts'
import { groupBy, idOf, isoTime } from '../figures.ts'
import { sumsBySource, windowSums } from '../window-sums.ts'
import { amount } from '../wording.ts'
import type { FileNode, FileSumsItem } from './files-view.ts'
import { linkTo } from './link.ts'

const NODES = 3000
const FILES_PER_FOLDER = 50
const FOLDERS_PER_LEVEL = 100

export interface FileTree {
  readonly tree: FileNode
  readonly nodes: number
  readonly cuts: readonly string[]
}

export function buildFileTree(facts: Facts): FileTree {
  const exact = sumsBySource(facts)
  const folders = groupBy(facts.folders.items, ({ source }) => source)
  const listed = groupBy(
    facts.files.items.filter(({ decidedAtMs }) => decidedAtMs >= facts.sinceMs && decidedAtMs < facts.untilMs),
    ({ source }) => source,
  )
  const build: Build = { left: NODES, hidden: 0, range: windowRange(facts) }
  const names = [...new Set([...exact.keys(), ...folders.keys()])].toSorted()
  const sources = names.map((source) =>
    sourceNode(source, exact.get(source) ?? NONE, folders.get(source) ?? [], listed.get(source) ?? [], build),
  )
  const sums = windowSums(facts)
  const tree: FileNode = {
    kind: 'root',
    name: 'all sources',
    id: '',
    source: null,
    path: '',
    ...itemOf(sums),
    lastAt: sources.reduce<string | null>((latest, { lastAt }) => later(latest, lastAt), null),
    children: sources.toSorted((a, b) => b.files - a.files),
    link: linkTo('files', build.range),
  }
  const notListed = facts.folders.total - facts.folders.items.length
  return {
    tree,
    nodes: NODES - build.left,
    cuts: [
      ...(notListed > 0
        ? [`${amount(notListed, 'folder with few files is', 'folders with few files are')} not in the tree`]
        : []),
      ...(build.hidden > 0 ? [`${amount(build.hidden, 'folder is', 'folders are')} summed up for their number`] : []),
    ],
  }
}

const NONE = addSums([])

interface Build {
  left: number
  hidden: number
  readonly range: ReturnType<typeof windowRange>
}

/** A folder with what is below it. */
interface Branch {
  readonly path: string
  readonly own: FolderSums[]
  readonly below: Map<string, Branch>
  sums: FileSums | undefined
}

function sourceNode(
  source: string,
  exact: FileSums,
  folders: readonly FolderSums[],
  listed: readonly FileRecord[],
  build: Build,
): FileNode {
  const root: Branch = { path: '', own: [], below: new Map(), sums: undefined }
  for (const folder of folders) branchOf(root, folder.folder).own.push(folder)
  const files = groupBy(listed, ({ path }) => parentOf(path))
  const node = folderNode(source, source, root, files, build)
  const missing = subtract(exact, sumsOf(root))
  const more = filesOf(missing) > 0 ? [moreNode(source, '', missing, 'folders that are not listed', build)] : []
  return {
    ...node,
    kind: 'source',
    id: idOf(source),
    ...itemOf(exact),
    children: [...node.children, ...more],
    link: linkTo('files', { source, ...build.range }),
  }
}

function branchOf(root: Branch, folder: string): Branch {
  let branch = root
  for (const part of folder === '' ? [] : folder.split('/')) {
    let next = branch.below.get(part)
    if (next === undefined) {
      next = { path: branch.path === '' ? part : `${branch.path}/${part}`, own: [], below: new Map(), sums: undefined }
      branch.below.set(part, next)
    }
    branch = next
  }
  return branch
}

function folderNode(
  source: string,
  name: string,
  branch: Branch,
  files: ReadonlyMap<string, readonly FileRecord[]>,
  build: Build,
): FileNode {
  build.left -= 1
  const sums = sumsOf(branch)
  const below = [...branch.below].toSorted(([, a], [, b]) => filesOf(sumsOf(b)) - filesOf(sumsOf(a)))
  const children: FileNode[] = []
  const hidden: Branch[] = []
  for (const [index, [part, child]] of below.entries()) {
    if (index < FOLDERS_PER_LEVEL && build.left > 0) children.push(folderNode(source, part, child, files, build))
    else hidden.push(child)
  }
  if (hidden.length > 0) {
    build.hidden += hidden.length
    const summed = addSums(hidden.map((child) => sumsOf(child)))
    children.push(moreNode(source, branch.path, summed, amount(hidden.length, 'more folder'), build))
  }
  children.push(...fileNodes(source, branch, files.get(branch.path) ?? [], build))
  return {
    kind: 'folder',
    name,
    id: idOf(source, branch.path),
    source,
    path: branch.path,
    ...itemOf(sums),
    lastAt: isoTime(lastOf(branch)),
    children,
    link: linkTo('files', { source, folder: branch.path, ...build.range }),
  }
}

function fileNodes(source: string, branch: Branch, files: readonly FileRecord[], build: Build): readonly FileNode[] {
  const largest = files
    .toSorted((a, b) => b.rowsRead - a.rowsRead || b.bytes - a.bytes)
    .slice(0, Math.max(0, Math.min(FILES_PER_FOLDER, build.left)))
  build.left -= largest.length
  const nodes = largest.map((file) => fileNode(source, file, build))
  const rest = subtract(addSums(branch.own), addSums(largest.map((file) => sumsOfFile(file))))
  if (filesOf(rest) > 0) nodes.push(moreNode(source, branch.path, rest, amount(filesOf(rest), 'more file'), build))
  return nodes
}

function fileNode(source: string, file: FileRecord, build: Build): FileNode {
  return {
    kind: 'file',
    name: file.path.slice(file.path.lastIndexOf('/') + 1),
    id: idOf(source, file.path, String(file.ordinal), file.location),
    source,
    path: file.path,
    ...itemOf(sumsOfFile(file)),
    lastAt: isoTime(file.decidedAtMs),
    children: [],
    link: linkTo('files', { source, file: file.path, ...build.range }),
  }
}

function moreNode(source: string, path: string, sums: FileSums, name: string, build: Build): FileNode {
  build.left -= 1
  return {
    kind: 'more',
    name,
    id: `${idOf(source, path)}/?${encodeURIComponent(name)}`,
    source,
    path,
    ...itemOf(sums),
    lastAt: null,
    children: [],
    link: linkTo('files', { source, folder: path, ...build.range }),
  }
}

function sumsOf(branch: Branch): FileSums {
  branch.sums ??= addSums([...branch.own, ...Array.from(branch.below.values(), (child) => sumsOf(child))])
  return branch.sums
}

function lastOf({ own, below }: Branch): number | null {
  let latest: number | null = null
  for (const { lastMs } of own) latest = Math.max(latest ?? lastMs, lastMs)
  for (const child of below.values()) {
    const last = lastOf(child)
    if (last !== null) latest = Math.max(latest ?? last, last)
  }
  return latest
}

/** Counts below nothing come from sums of other times, e.g. hours that the window cuts. */
function subtract(whole: FileSums, part: FileSums): FileSums {
  const less = (name: Exclude<keyof FileSums, 'scoreMin'>): number => Math.max(0, whole[name] - part[name])
  const scored = less('scored')
  return {
    loaded: less('loaded'),
    held: less('held'),
    skipped: less('skipped'),
    repaired: less('repaired'),
    rowsRead: less('rowsRead'),
    rowsLoaded: less('rowsLoaded'),
    rowsRejected: less('rowsRejected'),
    rowsDropped: less('rowsDropped'),
    rowsReplayed: less('rowsReplayed'),
    rowsDiscarded: less('rowsDiscarded'),
    bytes: less('bytes'),
    scored,
    scoreSum: scored === 0 ? 0 : less('scoreSum'),
    scoreMin: null,
  }
}

export function itemOf(sums: FileSums): FileSumsItem {
  const { loaded, held, skipped, repaired, rowsRead, rowsRejected, bytes, scoreMin } = sums
  return {
    files: filesOf(sums),
    loaded,
    held,
    skipped,
    repaired,
    rowsRead,
    rowsLoaded: rowsBrought(sums),
    rowsRejected,
    bytes,
    score: meanScore(sums),
    scoreMin,
  }
}

function later(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b > a) ? b : a
}
