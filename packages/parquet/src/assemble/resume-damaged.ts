import type { LeafColumn } from '../footer.ts'
import { pageEnd } from '../pages/page.ts'
import type { AssembledChunk, AssembledGroup } from './assemble-chunks.ts'
import { chooseGroups } from './choose-groups.ts'
import type { ChunkRuns } from './chunk-runs.ts'
import type { Segment } from './page-sequence.ts'
import { resumeGroup } from './resume-group.ts'
import { toChunk, toGroup } from './to-group.ts'

export interface ResumeRequest {
  /** Those before the damage. */
  readonly groups: readonly AssembledGroup[]
  /** The pages after it. */
  readonly segment: Segment
  readonly runs: ChunkRuns
  readonly leaves: readonly LeafColumn[]
  readonly groupRows: readonly number[]
}

export interface Resumed {
  readonly group: AssembledGroup
  /** Groups at the end of the list in whose place it comes: 0 or 1. */
  readonly replaces: number
  /** Pages of the damaged columns. */
  readonly skipped: number
  /** Index of the page after the group. */
  readonly next: number
}

/** The damaged group with the columns that come after the damage, if there are any and they can be told for sure. */
export async function resumeDamaged(request: ResumeRequest): Promise<Resumed | undefined> {
  const last = request.groups.at(-1)
  if (last?.kind === 'partial' && last.rows !== undefined)
    return last.isCertain ? await resumeLast(request, last, last.rows) : undefined
  return await resumeFirstColumn(request, last?.kind === 'partial' ? last : undefined)
}

/**
 * Only where the damaged columns take about as much room as those of another group: columns of two groups would make rows
 * that never were.
 */
async function resumeLast(request: ResumeRequest, last: AssembledGroup, rows: number): Promise<Resumed | undefined> {
  const { segment, runs, leaves } = request
  const damaged = last.chunks.length
  const found = await resumeGroup(segment, runs, leaves, { rows, damaged })
  if (found === undefined) return undefined
  const firstLater = leaves.length - found.chunks.length
  const later = found.chunks.map((chunk, index) =>
    toChunk(segment.pages, leaves[firstLater + index] as LeafColumn, chunk),
  )
  const group: AssembledGroup = {
    ...last,
    missing: leaves.slice(damaged, firstLater),
    later,
    spanEnd: later[0]?.pages[0]?.offset,
  }
  const references = [...request.groups, ...(await groupsAfter(request)).groups]
  if (!isOfUsualSize(group, endOfChunks(last.chunks), references)) return undefined
  const isWhole = group.missing.length === 0
  // A damaged page takes its column with it: whole columns with other pages between them are not those of one group.
  if (isWhole && (found.skipped > 0 || segment.hiddenBytes === 0)) return undefined
  return {
    group: isWhole ? { ...group, kind: 'full', chunks: [...last.chunks, ...later], open: undefined, later: [] } : group,
    replaces: 1,
    skipped: found.skipped,
    next: found.next,
  }
}

/** Complete groups after the damage, and the index of the page at which the first begins. */
async function groupsAfter({
  segment,
  runs,
  leaves,
  groupRows,
}: ResumeRequest): Promise<{ readonly groups: readonly AssembledGroup[]; readonly start: number }> {
  const after = await chooseGroups(segment, runs, { leaves, groupRows, knownRows: groupRows })
  const groups = after.groups.map((group) => toGroup(segment.pages, leaves, group, true))
  return { groups, start: groups.length === 0 ? segment.pages.length : after.skipped }
}

/** Of a group whose first column is damaged: its size must be that of another group, or of groups of this writer. */
async function resumeFirstColumn(
  { groups, segment, runs, leaves, groupRows }: ResumeRequest,
  open: AssembledGroup | undefined,
): Promise<Resumed | undefined> {
  const options = { leaves, groupRows, knownRows: groupRows }
  const whole = await chooseGroups({ ...segment, afterDamage: false }, runs, options)
  // Nothing of a group is missing here.
  if (whole.groups[0]?.kind === 'full') return undefined
  const after = await groupsAfter({ groups, segment, runs, leaves, groupRows })
  const others = [...groups, ...after.groups]
  const sizes = new Set([...groupRows, ...others.flatMap(sizeOf)])
  const resumed: Resumed[] = []
  for (const rows of sizes) {
    const found = await resumeGroup(segment, runs, leaves, { rows, damaged: 0 })
    // Columns of a complete group are no remains.
    if (found === undefined || found.next > after.start) continue
    const firstLater = leaves.length - found.chunks.length
    const later = found.chunks.map((chunk, index) =>
      toChunk(segment.pages, leaves[firstLater + index] as LeafColumn, chunk),
    )
    let group: AssembledGroup = {
      kind: 'partial',
      rows,
      chunks: [],
      open: undefined,
      later,
      missing: leaves.slice(0, firstLater),
      spanEnd: undefined,
      isCertain: true,
    }
    // Pages before the damage and after it are of one group only if there is no room for another in between.
    const bounded = { ...group, open: open?.open, spanEnd: later[0]?.pages[0]?.offset }
    const before = groups.at(open === undefined ? -1 : -2)
    const start = before === undefined ? 4 : endOfChunks([...before.chunks, ...before.later])
    if (isOfUsualSize(bounded, start, others)) group = bounded
    resumed.push({ group, replaces: open === undefined ? 0 : 1, skipped: found.skipped, next: found.next })
  }
  return resumed.length === 1 ? resumed[0] : undefined
}

function sizeOf({ kind, rows }: Pick<AssembledGroup, 'kind' | 'rows'>): readonly number[] {
  return kind === 'full' && rows !== undefined ? [rows] : []
}

/** Sizes of a column differ from group to group, but not by half, unless it is small. */
const USUAL = 1.5
const SMALL_BYTES = 512

/** Whether the bytes from `start` to the end of the damage are about those of the same columns in a complete group. */
export function isOfUsualSize(
  { rows, chunks, missing, spanEnd }: AssembledGroup,
  start: number,
  references: readonly AssembledGroup[],
): boolean {
  if (spanEnd === undefined) return false
  const alike = references.filter((other) => other.kind === 'full' && other.rows === rows)
  // Foreign bytes between two columns of one group.
  if (missing.length === 0) return alike.some((other) => (spanEnd - start) * 2 < bytesOf(other.chunks))
  const sizes = alike.map((other) => bytesOf(other.chunks.slice(chunks.length, chunks.length + missing.length)))
  return sizes.length > 0 && spanEnd - start <= Math.max(...sizes) * USUAL + SMALL_BYTES
}

export function endOfChunks(chunks: readonly AssembledChunk[]): number {
  const last = chunks.at(-1)?.pages.at(-1)
  return last === undefined ? 4 : pageEnd(last)
}

function bytesOf(chunks: readonly AssembledChunk[]): number {
  return chunks.reduce((sum, { pages }) => {
    const [first] = pages
    const last = pages.at(-1)
    return first === undefined || last === undefined ? sum : sum + pageEnd(last) - first.offset
  }, 0)
}

export function firstOffset({ chunks, open }: AssembledGroup): number | undefined {
  return (chunks[0] ?? open)?.pages[0]?.offset
}
