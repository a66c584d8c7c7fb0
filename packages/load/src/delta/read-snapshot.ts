import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, TidegateError, type Session } from '@tidegate/core'
import { isAbsent } from '../durable.ts'
import { deltaCorrupt, parseCommit, type DeltaCommit } from './actions.ts'
import { commitName, DELTA_LOG, listLog, readLastCheckpoint, type LogListing } from './list-log.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { emptySnapshot, foldCommit, type SnapshotState } from './snapshot-state.ts'

export interface ReadOptions {
  /** Reads which files are live, too. @defaultValue false */
  readonly files?: boolean | undefined
}

const LISTINGS = 3

/**
 * The newest version of a table: the newest complete checkpoint and the commits after it. Only reads. A folder without a
 * log gives version -1.
 *
 * @throws DELTA_LOG_CORRUPT if a commit is missing or unreadable, DELTA_UNSUPPORTED if only checkpoints of the second
 *   specification could tell
 */
export async function readSnapshot(
  directory: string,
  session: Session,
  { files = false }: ReadOptions = {},
): Promise<SnapshotState> {
  for (let listing = 1; ; listing += 1) {
    try {
      return await readOnce(directory, session, files)
    } catch (error) {
      // Another writer's clean-up may delete commits between listing and reading; then a newer checkpoint is there.
      if (!isAbsent(error) || listing === LISTINGS) throw error
    }
  }
}

/**
 * Reads on from where the state is. Returns false if that is not possible, because commits in between were cleaned up or
 * the table is another one now: then it must be read anew.
 *
 * A table that was made anew under the same name may have more commits than the old one had: the newest one that was read
 * must still be the same file. Who goes on from the old table would believe batches to be in that are not.
 *
 * It lists the log rather than trying the next number: a writer that slept while the next commits were cleaned up would
 * find their names free, and its commit would be one that no reader ever sees.
 */
export async function readOn(directory: string, state: SnapshotState): Promise<boolean> {
  const listing = await listLog(directory)
  if (listing.last < state.version) return false
  for (let version = state.version + 1; version <= listing.last; version += 1) {
    if (!listing.commits.has(version)) return false
  }
  if (listing.commits.has(state.version) && (await stampOf(directory, state.version)) !== state.newest) return false
  for (let version = state.version + 1; version <= listing.last; version += 1) {
    try {
      await foldNext(directory, state)
    } catch (error) {
      if (isAbsent(error)) return false
      throw error
    }
  }
  return true
}

async function readOnce(directory: string, session: Session, files: boolean): Promise<SnapshotState> {
  const hint = await readLastCheckpoint(directory)
  const listing = await listLog(directory)
  const folder = join(directory, DELTA_LOG)
  if (hint !== undefined && hint > listing.last) {
    throw deltaCorrupt(folder, `_last_checkpoint speaks of version ${hint}, the newest one is ${listing.last}`)
  }
  if (listing.last === -1) return emptySnapshot(files)
  let broken: unknown
  for (const checkpoint of listing.checkpoints) {
    if (gapAfter(listing, checkpoint.version) !== undefined) continue
    try {
      return await replay(directory, listing, await readCheckpoint(directory, session, checkpoint, files))
    } catch (error) {
      // Commits tell the same; a checkpoint that the engine cannot read costs only time, if an older one is left.
      if (codeOf(error) !== 'ENGINE_SQL') throw error
      broken ??= error
    }
  }
  const gap = gapAfter(listing, -1)
  if (gap === undefined) return replay(directory, listing, emptySnapshot(files))
  if (broken !== undefined) throw deltaCorrupt(folder, 'no checkpoint can be read, and older commits are gone', broken)
  if (listing.hasV2Checkpoints) throw needsV2Checkpoints(folder)
  throw deltaCorrupt(join(folder, commitName(gap)), 'the commit is missing, later ones exist')
}

/** The first commit that is missing after this version. */
function gapAfter(listing: LogListing, version: number): number | undefined {
  for (let next = version + 1; next <= listing.last; next += 1) if (!listing.commits.has(next)) return next
  return undefined
}

async function replay(directory: string, listing: LogListing, state: SnapshotState): Promise<SnapshotState> {
  // That of a checkpoint, if nothing came after it.
  if (listing.commits.has(state.version)) state.newest = await stampOf(directory, state.version)
  while (state.version < listing.last) await foldNext(directory, state)
  if (state.protocol === undefined || state.metaData === undefined) {
    throw deltaCorrupt(join(directory, DELTA_LOG), 'no commit has a protocol and a metaData')
  }
  return state
}

async function foldNext(directory: string, state: SnapshotState): Promise<void> {
  const version = state.version + 1
  // Looked at before it is read: if it is another one by then, the next look will notice.
  const newest = await stampOf(directory, version)
  foldCommit(state, await readCommit(directory, version))
  state.newest = newest
}

async function stampOf(directory: string, version: number): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(join(directory, DELTA_LOG, commitName(version)), { bigint: true })
    return `${ino}:${size}:${mtimeNs}`
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

async function readCommit(directory: string, version: number): Promise<DeltaCommit> {
  const file = join(directory, DELTA_LOG, commitName(version))
  return parseCommit(await readFile(file, 'utf8'), file)
}

function needsV2Checkpoints(folder: string): TidegateError {
  return new TidegateError(
    'DELTA_UNSUPPORTED',
    `${folder} can be read only by its checkpoints of the second specification: v2Checkpoint is not supported.`,
    {
      hint: 'Write a classic checkpoint of this table with its own engine, or use another table.',
      dataNow: 'Nothing was changed.',
    },
  )
}
