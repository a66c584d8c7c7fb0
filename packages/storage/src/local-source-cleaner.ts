/**
 * Takes files of a source away, once they are loaded or in quarantine.
 *
 *   (1) Only bytes that are those of the committed version go: the stamp is looked at first, and again after a copy.
 *   (2) Nothing in the archive is ever overwritten: names are taken by `link`, which fails where one is there.
 *   (3) The source's name goes last, when the archive's is durable. A move cut off in between is finished by the next one:
 *       it finds the same bytes under the archive's name.
 */
import { randomBytes } from 'node:crypto'
import { constants, statSync, unlinkSync } from 'node:fs'
import { copyFile, link, lstat, mkdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, type CleanableFile, type CleanOutcome, type SourceCleaner } from '@tidegate/core'
import { fsyncFile, fsyncFolder } from './fsync.ts'
import { localStore } from './local-store.ts'
import { describeStats } from './stamp.ts'
import { writing } from './write-error.ts'

export interface SourceCleanerOptions {
  /** Names the point just passed, for whoever watches. */
  readonly mark?: ((phase: string, detail: Readonly<Record<string, string>>) => void) | undefined
}

/**
 * Files on a mounted file system.
 *
 * Errors: `DISK_FULL`, `WRITE_DENIED`, or Node's.
 */
export function localSourceCleaner({ mark = () => {} }: SourceCleanerOptions = {}): SourceCleaner {
  return {
    async archive(file, folder) {
      const left = await whyLeave(file)
      if (left !== undefined) return left
      const place = join(folder, ...file.path.split('/'))
      return await writing(place, async () => {
        await mkdir(dirname(place), { recursive: true })
        for (let number = 1; ; number++) {
          const name = number === 1 ? place : `${place}.${number}`
          const outcome = await tryArchive(file, name)
          if (outcome === 'taken') continue
          if (outcome === 'changed') return { kind: 'left', because: 'changed' }
          mark('archived', { file: file.path })
          return await removeIfSame(file)
        }
      })
    },
    async delete(file) {
      const left = await whyLeave(file)
      return left ?? (await writing(file.uri, async () => await removeIfSame(file)))
    },
    whyLeave,
  }
}

async function whyLeave({ uri, stamp }: CleanableFile): Promise<Extract<CleanOutcome, { kind: 'left' }> | undefined> {
  const found = await lstat(uri, { bigint: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  })
  if (found === undefined) return { kind: 'left', because: 'gone' }
  // The file that it leads to is, or is not, a file of the source under its own name.
  if (found.isSymbolicLink()) return { kind: 'left', because: 'link' }
  return describeStats(found).stamp === stamp ? undefined : { kind: 'left', because: 'changed' }
}

/** Puts the bytes under a name of the archive, durably. `done` also where an earlier attempt did so. */
async function tryArchive(file: CleanableFile, name: string): Promise<'done' | 'taken' | 'changed'> {
  try {
    await link(file.uri, name)
    await fsyncFolder(dirname(name))
    return 'done'
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return (await holdsSame(file, name)) ? 'done' : 'taken'
    if (code === 'ENOENT') return 'changed'
    if (!NO_LINK.has(code ?? '')) throw error
    return await copyToArchive(file, name)
  }
}

/** Another file system, or one without hard links. */
const NO_LINK: ReadonlySet<string> = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

async function holdsSame({ uri, contentHash }: CleanableFile, name: string): Promise<boolean> {
  const [source, there] = await Promise.all([stat(uri, { bigint: true }), lstat(name, { bigint: true })])
  if (source.ino === there.ino && source.dev === there.dev) return true
  if (!there.isFile() || source.size !== there.size || (await localStore().hash(name)) !== contentHash) return false
  await fsyncFile(name)
  await fsyncFolder(dirname(name))
  return true
}

async function copyToArchive(file: CleanableFile, name: string): Promise<'done' | 'taken' | 'changed'> {
  if (await isThere(name)) return (await holdsSame(file, name)) ? 'done' : 'taken'
  const temp = join(dirname(name), `.tmp-${process.pid}-${randomBytes(8).toString('hex')}`)
  try {
    await copyFile(file.uri, temp, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    await fsyncFile(temp)
    if ((await localStore().hash(temp)) !== file.contentHash) return 'changed'
    try {
      await link(temp, name)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return 'taken'
      if (!NO_LINK.has(codeOf(error) ?? '')) throw error
      await rename(temp, name)
    }
    await fsyncFolder(dirname(name))
    return 'done'
  } finally {
    await unlink(temp).catch(() => {})
  }
}

async function isThere(name: string): Promise<boolean> {
  return await lstat(name).then(
    () => true,
    () => false,
  )
}

/** Looks and unlinks in one turn: what is written in between is written by another process within microseconds. */
async function removeIfSame({ uri, stamp }: CleanableFile): Promise<CleanOutcome> {
  const now = statSync(uri, { bigint: true, throwIfNoEntry: false })
  if (now === undefined) return { kind: 'cleaned' }
  // Linking it moved its change time; size, modification time and inode tell another file.
  if (withoutChangeTime(describeStats(now).stamp) !== withoutChangeTime(stamp))
    return { kind: 'left', because: 'changed' }
  unlinkSync(uri)
  await fsyncFolder(dirname(uri))
  return { kind: 'cleaned' }
}

/** `size:mtime:ctime:inode` without the third. */
function withoutChangeTime(stamp: string): string {
  const [size, modified, , inode] = stamp.split(':')
  return `${size}:${modified}:${inode}`
}
