/** One walk over a folder, file by file: what is data, what only stands beside data, and what cannot be looked at. */
import { isUtf8 } from 'node:buffer'
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import { constants, type Dirent } from 'node:fs'
import { join, resolve, sep } from 'node:path'

import { codeOf, messageOf, TidegateError } from '@tidegate/core'

/** `path`: below the folder, with slashes. */
export type FolderEntry = { readonly path: string; readonly absolute: string } & (
  | { readonly kind: 'data'; readonly sizeBytes: number }
  /** `_SUCCESS`, `_metadata`, `_committed_…`. */
  | { readonly kind: 'marker' }
  /** `.name.crc` of Hadoop; `of` as `path`. */
  | { readonly kind: 'sidecar'; readonly of: string; readonly ofAbsolute: string }
  /** Files and bytes below, where it is a folder. */
  | { readonly kind: 'temporary'; readonly files: number; readonly sizeBytes: number }
  /** The folder of a table's log; comes before everything else of its folder. `table`: that folder, `''` for the root. */
  | { readonly kind: 'table-log'; readonly format: TableFormat; readonly table: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'failure'; readonly message: string }
)

export type TableFormat = 'delta' | 'iceberg' | 'hudi'

export interface ListOptions {
  readonly recursive: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Depth first, in the order of the names' bytes. Folders of table logs and of unfinished writes are named, not entered.
 * Links that lead out of the folder, pipes, sockets and what cannot be opened are failures.
 *
 * @throws TidegateError `SOURCE_MISSING` if `root` is no folder
 */
export async function* listFolder(root: string, options: ListOptions): AsyncGenerator<FolderEntry> {
  const absolute = resolve(root)
  const isFolder = await stat(absolute).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  if (!isFolder)
    throw new TidegateError('SOURCE_MISSING', `there is no folder ${root}`, {
      hint: 'Check the path and the mount.',
      dataNow: 'Nothing was read.',
    })
  yield* listBelow({ ...options, realRoot: await realpath(absolute) }, '', absolute)
}

interface Walk extends ListOptions {
  readonly realRoot: string
}

async function* listBelow(walk: Walk, folder: string, absolute: string): AsyncGenerator<FolderEntry> {
  walk.signal?.throwIfAborted()
  let listed: Dirent<Buffer>[]
  try {
    listed = await readdir(absolute, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    yield failure(folder === '' ? '.' : folder, absolute, `The folder cannot be listed: ${messageOf(error)}.`)
    return
  }
  const names = listed.toSorted((a, b) => Buffer.compare(a.name, b.name))
  const logs = await tableLogs(folder, absolute, names)
  yield* logs
  const named = new Set(logs.map(({ path }) => path))
  for (const dirent of names) {
    walk.signal?.throwIfAborted()
    const name = dirent.name.toString('utf8')
    const at = { path: folder === '' ? name : `${folder}/${name}`, absolute: join(absolute, name) }
    if (named.has(at.path) || isOurs(name)) continue
    if (!isUtf8(dirent.name)) {
      yield failure(at.path, at.absolute, `The name is not valid UTF-8 (bytes ${dirent.name.toString('hex')}).`)
      continue
    }
    const type = await typeOf(walk, dirent, at.absolute)
    if (type.kind === 'folder') {
      if (TEMPORARY_FOLDERS.has(name)) yield { ...at, kind: 'temporary', ...(await sizeBelow(walk, at.absolute)) }
      else if (walk.recursive) yield* listBelow(walk, at.path, at.absolute)
    } else if (type.kind === 'failure') yield failure(at.path, at.absolute, type.message)
    else if (type.kind === 'file') yield await classify(at, name, folder, absolute, type.sizeBytes)
  }
}

async function classify(
  at: { readonly path: string; readonly absolute: string },
  name: string,
  folder: string,
  folderAbsolute: string,
  sizeBytes: number,
): Promise<FolderEntry> {
  if (TEMPORARY_FILE.test(name)) return { ...at, kind: 'temporary', files: 1, sizeBytes }
  const sidecar = /^\.(.+)\.crc$/su.exec(name)?.[1]
  if (sidecar !== undefined)
    return {
      ...at,
      kind: 'sidecar',
      of: folder === '' ? sidecar : `${folder}/${sidecar}`,
      ofAbsolute: join(folderAbsolute, sidecar),
    }
  if (MARKER.test(name)) return { ...at, kind: 'marker' }
  if (DATA_NAME.test(name)) return { ...at, kind: 'data', sizeBytes }
  return (await beginsAsParquet(at.absolute)) ? { ...at, kind: 'data', sizeBytes } : { ...at, kind: 'other' }
}

/** Also packed or encrypted: such a file has its finding. */
const DATA_NAME = /\.(parquet|parq|pq)(\.(gz|gzip|zst|zstd|zip|encrypted))?$/iu
const MARKER = /^_(success|metadata|common_metadata|committed_.*|started_.*)$/iu
const TEMPORARY_FILE = /\.(tmp|temp|inprogress|part|partial|crdownload|filepart)$|^\.tmp-|^\.~lock/iu
const TEMPORARY_FOLDERS: ReadonlySet<string> = new Set(['_temporary', '_spark_metadata.tmp', '.spark-staging'])

/** Folders and unfinished writes of Tidegate itself. */
function isOurs(name: string): boolean {
  return name === '_tidegate' || name === '.tidegate'
}

/** `PARE`: with an encrypted footer. */
const MAGICS: ReadonlySet<string> = new Set(['PAR1', 'PARE'])

/** A name that says nothing: the first four bytes do. What cannot be opened under such a name is nobody's data. */
async function beginsAsParquet(absolute: string): Promise<boolean> {
  try {
    const handle = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
      return bytesRead === 4 && MAGICS.has(buffer.toString('latin1'))
    } finally {
      await handle.close()
    }
  } catch {
    return false
  }
}

type EntryType =
  | { readonly kind: 'file'; readonly sizeBytes: number }
  | { readonly kind: 'folder' | 'skip' }
  | { readonly kind: 'failure'; readonly message: string }

const NOT_A_FILE = 'It is a pipe, a socket or a device, not a file.'

async function typeOf(walk: Walk, dirent: Dirent<Buffer>, absolute: string): Promise<EntryType> {
  if (dirent.isDirectory()) return { kind: 'folder' }
  try {
    const stats = await lstat(absolute)
    if (stats.isFile()) return { kind: 'file', sizeBytes: stats.size }
    if (stats.isDirectory()) return { kind: 'folder' }
    if (!stats.isSymbolicLink()) return { kind: 'failure', message: NOT_A_FILE }
    const real = await realpath(absolute)
    if (real !== walk.realRoot && !real.startsWith(walk.realRoot + sep))
      return { kind: 'failure', message: `The link leads out of the folder, to ${real}; it is not followed.` }
    const target = await stat(real)
    if (target.isFile()) return { kind: 'file', sizeBytes: target.size }
    // What lies in it is listed under its own name.
    return target.isDirectory() ? { kind: 'skip' } : { kind: 'failure', message: NOT_A_FILE }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return { kind: 'failure', message: `It cannot be looked at: ${messageOf(error)}.` }
    return dirent.isSymbolicLink() ? { kind: 'failure', message: 'The link leads to nothing.' } : { kind: 'skip' }
  }
}

async function tableLogs(
  folder: string,
  absolute: string,
  names: readonly Dirent<Buffer>[],
): Promise<readonly (FolderEntry & { readonly kind: 'table-log' })[]> {
  const logs: (FolderEntry & { readonly kind: 'table-log' })[] = []
  for (const dirent of names) {
    if (!dirent.isDirectory()) continue
    const name = dirent.name.toString('utf8')
    const format = await tableFormat(name, join(absolute, name))
    if (format !== undefined)
      logs.push({
        kind: 'table-log',
        path: folder === '' ? name : `${folder}/${name}`,
        absolute: join(absolute, name),
        format,
        table: folder,
      })
  }
  return logs
}

async function tableFormat(name: string, absolute: string): Promise<TableFormat | undefined> {
  if (name === '_delta_log') return 'delta'
  if (name === '.hoodie') return 'hudi'
  if (name !== 'metadata') return undefined
  const inside = await readdir(absolute).catch((): string[] => [])
  return inside.some((file) => file.endsWith('.metadata.json')) ? 'iceberg' : undefined
}

async function sizeBelow(walk: Walk, absolute: string): Promise<{ files: number; sizeBytes: number }> {
  let files = 0
  let sizeBytes = 0
  const entries = await readdir(absolute, { withFileTypes: true }).catch((): Dirent[] => [])
  for (const entry of entries) {
    walk.signal?.throwIfAborted()
    if (entry.isDirectory()) {
      const below = await sizeBelow(walk, join(absolute, entry.name))
      files += below.files
      sizeBytes += below.sizeBytes
    } else {
      files++
      sizeBytes += await lstat(join(absolute, entry.name)).then(
        (stats) => stats.size,
        () => 0,
      )
    }
  }
  return { files, sizeBytes }
}

function failure(path: string, absolute: string, message: string): FolderEntry {
  return { kind: 'failure', path, absolute, message }
}
