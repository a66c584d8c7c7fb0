import type { LeafColumn } from '../footer.ts'
import type { GroupChunk } from './choose-groups.ts'
import type { ChunkRuns } from './chunk-runs.ts'
import type { Segment } from './page-sequence.ts'

/** Pages after damage that are tried as the start of a chunk, and how many pairs of page and column in all. */
const MAX_STARTS = 256
const MAX_PAIRS = 8192

export interface ResumedGroup {
  /** Complete chunks of the last columns, up to the end of the row group. */
  readonly chunks: readonly GroupChunk[]
  /** Pages before them, that belong to the damaged chunk. */
  readonly skipped: number
  /** Index of the page after the group. */
  readonly next: number
}

/**
 * Finds, after damage inside a row group, the chunks of the same group that come after it: chunks of the last columns, of
 * `rows` rows each, with a row group or nothing behind them. Undefined if there are none or if they can be seen in two
 * ways. `damaged`: index of the column in which the damage began.
 */
export async function resumeGroup(
  segment: Segment,
  runs: ChunkRuns,
  leaves: readonly LeafColumn[],
  group: { readonly rows: number; readonly damaged: number },
): Promise<ResumedGroup | undefined> {
  let found: ResumedGroup | undefined
  const known = new Set<string>()
  const starts = Math.min(segment.pages.length, MAX_STARTS, Math.ceil(MAX_PAIRS / leaves.length))
  for (let start = 0; start < Math.min(starts, found?.next ?? starts); start++)
    for (let leaf = Math.max(1, group.damaged); leaf < leaves.length; leaf++) {
      if (known.has(`${start}/${leaf}`)) continue
      const chunks = await chunksFrom(segment, runs, { start, leaf, leaves: leaves.length, rows: group.rows })
      if (chunks === undefined) continue
      if (found !== undefined) return undefined
      for (const [index, chunk] of chunks.entries()) known.add(`${chunk.start}/${leaf + index}`)
      found = { chunks, skipped: start, next: chunks.at(-1)?.next ?? start }
    }
  return found
}

async function chunksFrom(
  segment: Segment,
  runs: ChunkRuns,
  from: { readonly start: number; readonly leaf: number; readonly leaves: number; readonly rows: number },
): Promise<readonly GroupChunk[] | undefined> {
  const chunks: GroupChunk[] = []
  let next = from.start
  for (let leaf = from.leaf; leaf < from.leaves; leaf++) {
    const end = await runs.findEnd(next, leaf, from.rows)
    if (end === undefined) return undefined
    chunks.push({ start: next, ...end })
    next = end.next
  }
  const isFollowed =
    next === segment.pages.length ||
    (await runs.allEnds(next, 0)).length > 0 ||
    (await runs.openEnd(next, 0)) !== undefined
  return isFollowed ? chunks : undefined
}
