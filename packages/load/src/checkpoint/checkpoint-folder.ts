/**
 * The segments of a target, in `_tidegate/checkpoint/<from>-<to>.segment`. They are made from the log and spare reading it
 * whole. All of them may be deleted at any time.
 *
 *   (1) A segment is believed only if the log has its last entry, with the very bytes it was made from. [isOfLog]
 *   (2) It appears whole: written aside, synced, renamed.                                        [writeSegmentFile]
 *   (3) What is cut or damaged is noticed when it is opened or read, and left out.               [openChain]
 */
import { randomUUID } from 'node:crypto'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hashFile, makeFolder, namesIn, removeIfThere } from '../durable.ts'
import { fsyncFolder } from '@tidegate/storage'
import { CHECKPOINT, entryName, LOG } from '../layout.ts'
import type { BlockCache } from './block-file.ts'
import { openSegment, type Segment } from './read-segment.ts'
import type { SegmentFooter, TableName } from './segment-format.ts'
import { writeSegment, type RecordRun } from './write-segment.ts'

const NAME = /^(\d{20})-(\d{20})\.segment$/
const TEMP_PREFIX = '.tmp-'
/** Who loses its temp file only has no checkpoint then. */
const TEMP_AGE_MS = 3_600_000

export interface SegmentName {
  readonly name: string
  readonly from: number
  readonly to: number
}

/**
 * Opens the segments that reach farthest from the start of the log without a gap, from the oldest to the newest.
 *
 * @param distrusted paths to be left out; those that turn out unusable are added
 */
export async function openChain(directory: string, distrusted: Set<string>, cache: BlockCache): Promise<Segment[]> {
  const opened = new Map<string, Segment>()
  try {
    for (;;) {
      const names = await segmentNames(directory)
      const chain = longestChain(names.filter(({ name }) => !distrusted.has(join(directory, CHECKPOINT, name))))
      const broken = await openAll(directory, chain, opened, cache)
      if (broken === undefined) return chain.flatMap(({ name }) => take(opened, name))
      distrusted.add(broken)
    }
  } finally {
    for (const segment of opened.values()) segment.close()
  }
}

/** Segments that follow one another from 0 to the highest entry; of several ways the one with the fewest. */
export function longestChain(names: readonly SegmentName[]): readonly SegmentName[] {
  const ways = new Map<number, readonly SegmentName[]>([[0, []]])
  for (const name of names.toSorted((one, other) => one.from - other.from || one.to - other.to)) {
    const before = ways.get(name.from)
    const known = ways.get(name.to)
    if (before === undefined || name.to <= name.from) continue
    if (known === undefined || known.length > before.length + 1) ways.set(name.to, [...before, name])
  }
  return ways.get(Math.max(...ways.keys())) ?? []
}

/** Writes a segment and opens it. */
export async function writeSegmentFile(
  directory: string,
  facts: Omit<SegmentFooter, 'format' | 'sections' | 'entryHash'>,
  tables: Readonly<Record<TableName, RecordRun>>,
  cache: BlockCache,
): Promise<Segment> {
  const folder = join(directory, CHECKPOINT)
  await makeFolder(folder)
  const entryHash = await hashFile(join(directory, LOG, entryName(facts.to)))
  const temp = join(folder, `${TEMP_PREFIX}${randomUUID()}`)
  const path = join(folder, `${digits(facts.from)}-${digits(facts.to)}.segment`)
  try {
    const handle = await open(temp, 'wx')
    try {
      await writeSegment(handle, { ...facts, entryHash }, tables)
    } finally {
      await handle.close()
    }
    await rename(temp, path)
  } catch (error) {
    await removeIfThere(temp)
    throw error
  }
  await fsyncFolder(folder)
  return openSegment(path, cache)
}

/** Deletes what no chain needs any more. Whoever has such a file open reads on in it. */
export async function tidyCheckpoints(directory: string, chain: readonly Segment[], nowMs: number): Promise<void> {
  const folder = join(directory, CHECKPOINT)
  const needed = new Set(chain.map(({ path }) => path))
  const end = chain.at(-1)?.footer.to ?? 0
  for (const { name, to } of await segmentNames(directory)) {
    // A longer one is of another process that has read farther.
    if (to <= end && !needed.has(join(folder, name))) await removeIfThere(join(folder, name))
  }
  for (const name of await namesIn(folder)) {
    if (name.startsWith(TEMP_PREFIX) && (await isOlder(join(folder, name), nowMs)))
      await removeIfThere(join(folder, name))
  }
}

async function segmentNames(directory: string): Promise<readonly SegmentName[]> {
  return (await namesIn(join(directory, CHECKPOINT))).flatMap((name) => {
    const [, from, to] = NAME.exec(name) ?? []
    return from === undefined || to === undefined ? [] : { name, from: Number(from), to: Number(to) }
  })
}

/** Opens what is not open yet. Returns the path of one that cannot be used. */
async function openAll(
  directory: string,
  chain: readonly SegmentName[],
  opened: Map<string, Segment>,
  cache: BlockCache,
): Promise<string | undefined> {
  for (const link of chain) {
    if (opened.has(link.name)) continue
    const path = join(directory, CHECKPOINT, link.name)
    const segment = await openSound(directory, path, link, cache)
    if (segment === undefined) return path
    opened.set(link.name, segment)
  }
  return undefined
}

async function openSound(
  directory: string,
  path: string,
  { from, to }: SegmentName,
  cache: BlockCache,
): Promise<Segment | undefined> {
  let segment: Segment
  try {
    segment = openSegment(path, cache)
  } catch {
    // Whatever is wrong with it, the log says the same.
    return undefined
  }
  const { footer } = segment
  if (footer.from === from && footer.to === to && (await isOfLog(directory, footer))) return segment
  segment.close()
  return undefined
}

async function isOfLog(directory: string, { to, entryHash }: SegmentFooter): Promise<boolean> {
  try {
    return (await hashFile(join(directory, LOG, entryName(to)))) === entryHash
  } catch {
    return false
  }
}

function take(opened: Map<string, Segment>, name: string): readonly Segment[] {
  const segment = opened.get(name)
  opened.delete(name)
  return segment === undefined ? [] : [segment]
}

async function isOlder(path: string, nowMs: number): Promise<boolean> {
  try {
    return nowMs - (await stat(path)).mtimeMs > TEMP_AGE_MS
  } catch {
    return false
  }
}

function digits(seq: number): string {
  return String(seq).padStart(20, '0')
}
