/**
 * Lists a source beside what is known of it, and keeps only the files that need a look. Both come in the order of the paths'
 * bytes, so a million files with nothing new about them are compared page by page and never held.
 *
 *   (1) A file is passed by only where each target knows it by its stamp and nothing else calls for it.      [isSettled]
 *   (2) What is kept is looked at with all that is known of it: keeping too much costs time and nothing else. [versions]
 */
import {
  comparePaths,
  type DiscoveredFile,
  type FileRecord,
  type KnownStamp,
  type Ledger,
  type SourceConfig,
  type SourceFile,
} from '@tidegate/core'
import { folderOf } from './dataset-of.ts'
import type { PipelineEffects } from './effects.ts'
import type { FolderBook } from './folder-book.ts'
import { markerTest } from './markers.ts'

export interface Survey {
  /** Files that need a look and entries that cannot be looked at, in the order of the paths' bytes. */
  readonly items: readonly DiscoveredFile[]
  /** Everything that the state knows of the items, in every target, oldest first per path. More may be added. */
  readonly versions: Map<string, readonly FileRecord[]>
  readonly filesSeen: number
  /** Folders on the way to files, the root included. */
  readonly folders: number
  /** Files that are not among the items: every target knows them as they are. */
  readonly unchanged: number
}

export interface SurveyOptions {
  /** Absolute folders that no source may list. */
  readonly exclude: readonly string[]
  readonly force?: boolean | undefined
  /** Nothing else is kept (with `unit: folder` but what lies beside them); unreadable entries are. */
  readonly retry?: ReadonlySet<string> | undefined
  readonly only?: ReadonlyMap<string, string> | undefined
  /** Ledgers of each target, where there are several: a file must be known in each. */
  readonly targets?: readonly { readonly locations: ReadonlySet<string> }[] | undefined
  /** Folders that are passed over are in it. Without it everything is listed. */
  readonly book?: FolderBook | undefined
  /** Up to so many files all are kept, and their paths are asked for instead of every path. @defaultValue 2000 */
  readonly fewFiles?: number | undefined
}

type SurveyEffects = Pick<PipelineEffects, 'store' | 'report' | 'signal'> & {
  readonly ledger: Pick<Ledger, 'knownStamps' | 'versionsOf' | 'lostDuplicates'>
}

/** Reads no byte of any file. Markers and control files are no files of the source. */
export async function surveySource(
  source: SourceConfig,
  options: SurveyOptions,
  effects: SurveyEffects,
): Promise<Survey> {
  const { ledger, signal } = effects
  const items: DiscoveredFile[] = []
  const count = { seen: 0, unchanged: 0, folders: 1, last: '' }
  const isMeant = meantTest(options, source.ready.unit)
  const keepsAll = options.force === true || options.retry !== undefined || options.only !== undefined
  // A book asks of each file whether it is known.
  const few = keepsAll ? Number.POSITIVE_INFINITY : options.book === undefined ? (options.fewFiles ?? FEW_FILES) : 0
  let known: KnownCursor | undefined
  let isSettled: ((file: SourceFile, stamps: readonly KnownStamp[]) => boolean) | undefined
  const compare = async (page: readonly DiscoveredFile[]): Promise<void> => {
    for (const item of page) {
      if (item.kind === 'file') {
        const { path } = item.file
        if (known?.isBefore(path) === true) await known.moveTo(path)
        const stamps = known?.at(path) ?? []
        if (isSettled?.(item.file, stamps) === true) {
          count.unchanged += 1
          continue
        }
        if (!isMeant(path)) continue
        options.book?.notice(path, stamps.length === 0 ? 'new' : 'known')
      } else options.book?.notice(item.path, 'unreadable')
      items.push(item)
    }
  }
  effects.report({ kind: 'stage-started', stage: 'discover' })
  try {
    for await (const page of listPages(source, options, effects)) {
      count.seen += page.length
      countFolders(page, count)
      if (known === undefined && items.length + page.length > few) {
        const lost = await ledger.lostDuplicates(source.name)
        isSettled = settledTest(source, new Set(lost.map((record) => record.path)), options.targets)
        known = openCursor(ledger.knownStamps(source.name))
        await compare(items.splice(0))
      }
      await compare(page)
      signal.throwIfAborted()
    }
  } finally {
    await known?.close()
  }
  const passed = options.book?.passed() ?? 0
  const files = count.seen === 1 ? '1 file' : `${count.seen} files`
  const summary = passed === 0 ? files : `${files}, ${passed === 1 ? '1 folder' : `${passed} folders`} as before`
  effects.report({ kind: 'stage-ended', stage: 'discover', summary })
  const paths = items.flatMap((item) => (item.kind === 'file' ? [item.file.path] : []))
  const versions = new Map(await ledger.versionsOf(source.name, paths))
  return { items, versions, filesSeen: count.seen, folders: count.folders, unchanged: count.unchanged }
}

const FEW_FILES = 2000

/** All files of a source, known or not, held in memory: for what looks at each of them. */
export async function listSource(
  source: SourceConfig,
  exclude: readonly string[],
  effects: Pick<PipelineEffects, 'store' | 'report' | 'signal'>,
): Promise<readonly DiscoveredFile[]> {
  const found: DiscoveredFile[] = []
  effects.report({ kind: 'stage-started', stage: 'discover' })
  for await (const page of listPages(source, { exclude }, effects)) found.push(...page)
  const summary = found.length === 1 ? '1 file' : `${found.length} files`
  effects.report({ kind: 'stage-ended', stage: 'discover', summary })
  return found
}

/** The files of a source, page by page. */
export async function* listPages(
  source: Pick<SourceConfig, 'root' | 'pattern' | 'ready'>,
  { exclude, book }: Pick<SurveyOptions, 'exclude' | 'book'>,
  { store, report, signal }: Pick<PipelineEffects, 'store' | 'report' | 'signal'>,
): AsyncGenerator<readonly DiscoveredFile[]> {
  const isMarker = markerTest(source.ready)
  const hasMarkers = source.ready.marker !== undefined || source.ready.control !== undefined
  for await (const page of store.discoverPages({
    root: source.root,
    pattern: source.pattern,
    exclude,
    watch: book?.watch,
  })) {
    signal.throwIfAborted()
    const own = hasMarkers ? page.filter((item) => !isMarker(pathOf(item))) : page
    if (own.length === 0) continue
    yield own
    report({ kind: 'stage-advanced', stage: 'discover', files: own.length })
  }
}

function pathOf(item: DiscoveredFile): string {
  return item.kind === 'file' ? item.file.path : item.path
}

/** With folders as units also what lies beside a file that is tried again: what is held there is judged with it. */
function meantTest({ retry, only }: SurveyOptions, unit: SourceConfig['ready']['unit']): (path: string) => boolean {
  const folders = unit === 'folder' ? new Set([...(retry ?? [])].map((path) => folderOf(path))) : undefined
  const isTried = (path: string): boolean =>
    retry === undefined || retry.has(path) || folders?.has(folderOf(path)) === true
  return (path) => isTried(path) && (only === undefined || only.has(path))
}

/** What lies in one folder comes in one go, so a folder is new when it is not on the way to the file before. */
function countFolders(page: readonly DiscoveredFile[], count: { folders: number; last: string }): void {
  for (const item of page) {
    const folder = folderOf(pathOf(item))
    if (folder === count.last) continue
    const before = `${count.last}/`
    for (let at = folder.length; at > 0; at = folder.lastIndexOf('/', at - 1))
      if (!before.startsWith(`${folder.slice(0, at)}/`)) count.folders += 1
    count.last = folder
  }
}

function settledTest(
  source: SourceConfig,
  lost: ReadonlySet<string>,
  targets: SurveyOptions['targets'],
): (file: SourceFile, stamps: readonly KnownStamp[]) => boolean {
  const isUnit = source.ready.unit === 'folder'
  return ({ path, stamp }, stamps) => {
    if (stamps.length === 0 || lost.has(path)) return false
    // It may wait for another file of its folder.
    if (isUnit && stamps.some(({ newest }) => newest.outcome === 'held')) return false
    if (targets === undefined) return stamps.every((known) => isKnownAs(known, stamp))
    return targets.every(({ locations }) => {
      const own = stamps.filter(({ location }) => locations.has(location))
      return own.length > 0 && own.every((known) => isKnownAs(known, stamp))
    })
  }
}

function isKnownAs({ newest, newestLoaded }: KnownStamp, stamp: string): boolean {
  return newest.stamp === stamp || newestLoaded?.stamp === stamp
}

interface KnownCursor {
  /** Whether the pages read so far all end before a path. */
  isBefore(path: string): boolean
  moveTo(path: string): Promise<void>
  /** What is known of a path; paths are asked for in their order. */
  at(path: string): readonly KnownStamp[]
  close(): Promise<void>
}

function openCursor(pages: AsyncIterable<readonly KnownStamp[]>): KnownCursor {
  const iterator = pages[Symbol.asyncIterator]()
  let page: readonly KnownStamp[] = []
  let next = 0
  let last = ''
  let isDone = false
  return {
    isBefore: (path) => !isDone && last !== path && (next >= page.length || comparePaths(last, path) < 0),
    async moveTo(path) {
      do {
        const read = await iterator.next()
        isDone = read.done === true
        page = read.done === true ? [] : read.value
        next = 0
        last = page.at(-1)?.path ?? ''
      } while (!isDone && comparePaths(last, path) < 0)
    },
    at(path) {
      while (next < page.length && page[next]?.path !== path && comparePaths(page[next]?.path ?? '', path) < 0)
        next += 1
      const first = next
      while (page[next]?.path === path) next += 1
      return first === next ? [] : page.slice(first, next)
    },
    async close() {
      await iterator.return?.()
    },
  }
}

/** Files that are known as they are, and are needed all the same: a second listing, for few of them and seldom. */
export async function listAgain(
  source: SourceConfig,
  paths: ReadonlySet<string>,
  exclude: readonly string[],
  effects: Pick<PipelineEffects, 'store' | 'signal'>,
): Promise<readonly SourceFile[]> {
  const found: SourceFile[] = []
  for await (const page of listPages(source, { exclude }, { ...effects, report: () => {} }))
    for (const item of page) if (item.kind === 'file' && paths.has(item.file.path)) found.push(item.file)
  return found
}
