/**
 * What lets a run pass over folders (`backfill_interval`): a book of the source's folders with their stamps.
 *
 *   (1) A folder is passed over only with the stamp of a run that listed it and found nothing in it to look at: whatever
 *       waits, failed, is unreadable or was just loaded is listed by the next run, too.                    [takeFolders]
 *   (2) That stamp had been there for longer than any file system's clock may stand still, so the next change moves it. [SURE_MS]
 *   (3) Everything is listed when the interval is over, and when anything has changed that says what is listed or taken. [openBook]
 *   (4) Where a skipped copy must be loaded after all, its folder is listed.                               [mustList]
 *   (5) A file system that does not stamp its folders is found out, and then nothing is passed over.       [notice]
 *
 * The book is written after the run's batches are indexed. Without it everything is listed: losing it loses nothing.
 */
import { createHash } from 'node:crypto'
import { stringifyJson, type FolderWatch, type ListedFolder, type Ledger, type SourceConfig } from '@tidegate/core'
import { folderOf } from './dataset-of.ts'

export interface FolderBook {
  readonly watch: FolderWatch
  /** Whether this listing looks into every folder. */
  readonly isFull: boolean
  /** An entry of the listing needs a look, or is nothing that can be looked at. */
  notice(path: string, what: 'known' | 'new' | 'unreadable'): void
  /** Folders that were passed over so far. */
  passed(): number
  /** False once a new file was found in a folder that says it is as it was. */
  isTrusted(): boolean
  /** Puts down what this listing saw. */
  save(ledger: Pick<Ledger, 'saveListing'>): Promise<void>
}

/** Two seconds is the coarsest clock (FAT); the same stamp for longer, and a later change has another one. */
const SURE_MS = 2000

/** Undefined where the source says that every run lists everything. */
export async function openBook(
  source: SourceConfig,
  exclude: readonly string[],
  ledger: Pick<Ledger, 'lastListing' | 'lostDuplicates'>,
  nowMs: () => number,
): Promise<FolderBook | undefined> {
  if (source.backfillIntervalMs === undefined) return undefined
  const scope = scopeOf(source, exclude)
  const last = await ledger.lastListing(source.name)
  const own = last?.scope === scope ? last : undefined
  const startedMs = nowMs()
  const ageMs = startedMs - (own?.fullAtMs ?? 0)
  const isFull = own === undefined || !own.isTrusted || ageMs < 0 || ageMs >= source.backfillIntervalMs
  const before = new Map((own?.folders ?? []).map((folder) => [folder.folder, folder]))
  const below = isFull ? new Map<string, readonly string[]>() : childrenOf(before.keys())
  const mustList = new Set((await ledger.lostDuplicates(source.name)).map(({ path }) => folderOf(path)))
  const seen = new Map<string, ListedFolder>()
  const needed = new Set<string>()
  let askedMs = startedMs
  let passed = 0
  let isTrusted = own?.isTrusted ?? true
  return {
    isFull,
    passed: () => passed,
    isTrusted: () => isTrusted,
    watch: {
      passes(folder, stamp) {
        askedMs = nowMs()
        const known = before.get(folder)
        if (isFull || known?.isDone !== true || known.stamp !== stamp || mustList.has(folder)) return false
        seen.set(folder, known)
        passed += 1
        return true
      },
      subfolders: (folder) => below.get(folder) ?? [],
      listed(folder, stamp) {
        const known = before.get(folder)
        const isSame = known !== undefined && known.stamp === stamp && known.sinceMs <= askedMs
        const sinceMs = isSame ? known.sinceMs : askedMs
        seen.set(folder, { folder, stamp, sinceMs, isDone: stamp !== undefined && askedMs - sinceMs > SURE_MS })
      },
    },
    notice(path, what) {
      const folder = folderOf(path)
      needed.add(folder)
      if (what === 'unreadable') needed.add(path)
      const [known, now] = [before.get(folder), seen.get(folder)]
      if (what === 'new' && known?.isDone === true && known.stamp === now?.stamp) isTrusted = false
    },
    async save(to) {
      const folders = [...seen.values()].map((one) => (needed.has(one.folder) ? { ...one, isDone: false } : one))
      await to.saveListing(source.name, {
        scope,
        fullAtMs: isFull ? startedMs : (own?.fullAtMs ?? 0),
        isTrusted,
        folders: folders.filter((one) => !isEqual(one, before.get(one.folder))),
        // What another scope left may have any folder.
        gone: [...(last?.folders ?? [])].flatMap(({ folder }) => (seen.has(folder) ? [] : [folder])),
      })
    },
  }
}

/** Everything that says which files are listed and what is done with them. Only a hash of it is kept: there are passwords in it. */
function scopeOf(source: SourceConfig, exclude: readonly string[]): string {
  const {
    position: _position,
    notify: _notify,
    schedule: _schedule,
    expect: _expect,
    target: _target,
    ...rest
  } = source
  const { backfillIntervalMs: _interval, ...meant } = rest
  return createHash('sha256')
    .update(stringifyJson({ ...meant, exclude }))
    .digest('hex')
}

function childrenOf(folders: Iterable<string>): Map<string, string[]> {
  const children = new Map<string, string[]>()
  for (const folder of folders) {
    if (folder === '') continue
    const parent = folderOf(folder)
    const names = children.get(parent)
    const name = parent === '' ? folder : folder.slice(parent.length + 1)
    if (names === undefined) children.set(parent, [name])
    else names.push(name)
  }
  return children
}

function isEqual(one: ListedFolder, other: ListedFolder | undefined): boolean {
  return (
    other !== undefined && one.stamp === other.stamp && one.sinceMs === other.sinceMs && one.isDone === other.isDone
  )
}
