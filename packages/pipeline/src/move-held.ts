/**
 * The second half of `quarantine.original: move`. The first is the commit: it brings a copy of the held file into quarantine,
 * with its hash, as a part of the entry. Then the file leaves the source.
 *
 *   (1) A file leaves when each target has decided over these very bytes, and at least one holds them.      [decidedBy]
 *   (2) The entry is asked for in the target, and the copy that it names is read: it has the file's hash.   [isKept]
 *   (3) Only bytes that are still those of the version leave.                                               [SourceCleaner]
 *   (4) What was cut off is done by the next run: whatever is held and still there is looked at in each.
 *   (5) With folders as units the held files of a folder leave together, or none of them does.              [takeFolder]
 */
import path from 'node:path'
import type { CleanableFile, Destination, FileRecord, LedgerEntry, SourceConfig } from '@tidegate/core'
import { folderOf } from './dataset-of.ts'
import type { PipelineEffects } from './effects.ts'
import type { OpenTarget } from './open-targets.ts'

export interface MoveReport {
  readonly moved: number
  /** Held, and not moved: changed meanwhile, links, or without a sound copy in quarantine. */
  readonly left: number
}

type MoveEffects = Pick<PipelineEffects, 'cleaner' | 'store' | 'ledger' | 'mark' | 'report' | 'signal'>

/** Does nothing unless `quarantine.original` is `move`. All targets of the source must be open and in order. */
export async function moveHeld(
  source: SourceConfig,
  targets: readonly OpenTarget[],
  effects: MoveEffects,
): Promise<MoveReport> {
  if (source.quarantine.original !== 'move') return { moved: 0, left: 0 }
  const due = await findDue(source, targets, effects)
  const units = Map.groupBy(due, ({ file }) => (source.ready.unit === 'folder' ? folderOf(file.path) : file.path))
  const entries = openEntries(targets)
  let moved = 0
  let left = 0
  for (const files of units.values()) {
    effects.signal.throwIfAborted()
    const taken = await takeFolder(source, files, entries, effects)
    moved += taken
    left += files.length - taken
  }
  if (left > 0) {
    const files = left === 1 ? '1 held file stays' : `${left} held files stay`
    const message = `${files} in the source: changed meanwhile, a link, or without a sound copy in quarantine`
    effects.report({ kind: 'note', level: 'warn', message })
  }
  return { moved, left }
}

interface DueFile {
  readonly file: CleanableFile
  /** The versions that hold it, one per target that does. */
  readonly held: readonly FileRecord[]
  /** It is still the file that was held, and no link. */
  readonly isFit: boolean
}

const PATHS_AT_ONCE = 1000

/** Files that are held and that every target has decided over; most of them were moved by an earlier run. */
async function findDue(
  source: SourceConfig,
  targets: readonly OpenTarget[],
  { ledger, cleaner }: MoveEffects,
): Promise<readonly DueFile[]> {
  const due: DueFile[] = []
  const paths = await ledger.heldPaths(source.name)
  for (let at = 0; at < paths.length; at += PATHS_AT_ONCE) {
    const known = await ledger.versionsOf(source.name, paths.slice(at, at + PATHS_AT_ONCE))
    for (const versions of known.values()) {
      const held = decidedBy(versions, targets)
      const [first] = held
      if (first === undefined) continue
      const file: CleanableFile = { path: first.path, uri: first.uri, stamp: first.stamp, contentHash: first.hash }
      const left = await cleaner.whyLeave(file)
      if (left?.because !== 'gone') due.push({ file, held, isFit: left === undefined })
    }
  }
  return due
}

/** The versions that hold a file as it is now; none where a target still has to decide over it. */
function decidedBy(versions: readonly FileRecord[], targets: readonly OpenTarget[]): readonly FileRecord[] {
  const newest = targets.flatMap(({ locations }) => versions.findLast(({ location }) => locations.has(location)) ?? [])
  const [first] = newest
  if (newest.length < targets.length || newest.some(({ stamp, hash }) => stamp !== first?.stamp || hash !== first.hash))
    return []
  return newest.filter(({ outcome }) => outcome === 'held')
}

/** How many of some files left that leave together. */
async function takeFolder(
  source: SourceConfig,
  files: readonly DueFile[],
  entries: Entries,
  effects: MoveEffects,
): Promise<number> {
  if (!files.every(({ isFit }) => isFit)) return 0
  for (const { held } of files) {
    for (const record of held) if (!(await isKept(source, record, entries, effects))) return 0
  }
  let taken = 0
  for (const { file } of files) {
    if ((await effects.cleaner.delete(file)).kind !== 'cleaned') continue
    taken += 1
    effects.mark('moved', { source: source.name, file: file.path })
  }
  return taken
}

/** Whether the target's own log says that the file is held, and what it says to be its copy has all of its bytes. */
async function isKept(
  { quarantine }: SourceConfig,
  record: FileRecord,
  entries: Entries,
  { store, signal }: MoveEffects,
): Promise<boolean> {
  const entry = await entries.of(record)
  const copy = entry?.rejected.find((part) => part.kind === 'original' && part.file === record.id)
  if (copy === undefined) return false
  const uri = path.join(quarantine.path, copy.visible)
  try {
    return (await store.stat(uri)) !== undefined && (await store.hash(uri, signal)) === record.hash
  } catch (error) {
    if (signal.aborted) throw error
    return false
  }
}

interface Entries {
  of(record: FileRecord): Promise<LedgerEntry | undefined>
}

/** Asks for each batch once. */
function openEntries(targets: readonly OpenTarget[]): Entries {
  const destinations = new Map<string, Destination>(
    targets.flatMap((target) => [...target.destinations.values()].map((one) => [one.location, one] as const)),
  )
  const asked = new Map<string, Promise<LedgerEntry | undefined>>()
  return {
    of({ location, batch }) {
      const key = `${location}\0${batch}`
      const known = asked.get(key)
      if (known !== undefined) return known
      const answer = destinations.get(location)?.lookup(batch) ?? Promise.resolve(undefined)
      asked.set(key, answer)
      return answer
    },
  }
}
