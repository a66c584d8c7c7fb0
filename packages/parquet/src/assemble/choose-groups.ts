/** Splits a segment into row groups: the cheapest way through all its pages, and whether it is the only one. */
import type { LeafColumn } from '../footer.ts'
import type { ChunkEnd, ChunkRuns } from './chunk-runs.ts'
import type { PlacedPage, Segment } from './page-sequence.ts'

export interface GroupChunk {
  /** Index of the first page in the segment, and of the one after the last. */
  readonly start: number
  readonly next: number
  readonly codec: number
  readonly rows: number
  readonly oddPages: number
}

export interface FoundGroup {
  readonly kind: 'full' | 'partial'
  /** Undefined when not even the first column is complete. */
  readonly rows: number | undefined
  /** Complete chunks, from the first column on. */
  readonly chunks: readonly GroupChunk[]
  /** Pages of the chunk that is cut, if any. */
  readonly open: GroupChunk | undefined
  /** Index of the page after the group. */
  readonly next: number
}

export interface ChosenGroups {
  readonly groups: readonly FoundGroup[]
  /** Pages at the start (after damage) and at the end that belong to no group. */
  readonly skipped: number
  readonly unassigned: number
  /** Number of groups that hold in every reading of the pages that is as good as this. */
  readonly certain: number
}

export interface ChooseOptions {
  readonly leaves: readonly LeafColumn[]
  /** Rows of a full row group of this writer; empty if unknown. */
  readonly groupRows: readonly number[]
  /** The same, and those of groups that were found already. */
  readonly knownRows: readonly number[]
}

const LOST_PAGE = 1_000
const OTHER_ROWS = 10
const IRREGULAR = 2

interface Edge {
  readonly group: FoundGroup
  readonly cost: number
}

export async function chooseGroups(segment: Segment, runs: ChunkRuns, options: ChooseOptions): Promise<ChosenGroups> {
  if (!segment.afterDamage) return await chooseFrom(segment, runs, options, 0)
  // Somewhere after damage a row group begins. The first start from which all pages fit counts, if it is the only one
  // that is not the start of a later group of the same reading.
  for (let start = 0; start < segment.pages.length; start++) {
    const chosen = await chooseFrom(segment, runs, options, start)
    if (chosen.unassigned > 0 || !chosen.groups.some(({ kind }) => kind === 'full')) continue
    const starts = new Set([start, ...chosen.groups.map(({ next }) => next)])
    for (let other = start + 1; other < segment.pages.length; other++) {
      if (starts.has(other)) continue
      const rival = await chooseFrom(segment, runs, options, other)
      if (rival.unassigned === 0 && rival.groups.some(({ kind }) => kind === 'full'))
        return { ...chosen, skipped: start, certain: 0 }
    }
    return { ...chosen, skipped: start }
  }
  return (
    (await firstKnownGroup(segment, runs, options)) ?? {
      groups: [],
      skipped: segment.pages.length,
      unassigned: 0,
      certain: 0,
    }
  )
}

/** Where there is more damage further on: the first group of a known size that overlaps no other of its kind. */
async function firstKnownGroup(
  segment: Segment,
  runs: ChunkRuns,
  options: ChooseOptions,
): Promise<ChosenGroups | undefined> {
  const { length } = segment.pages
  for (let start = 0; start < length; start++) {
    const found = await knownGroupAt(runs, options, start)
    if (found === undefined) continue
    for (let other = start + 1; other < found.next; other++)
      if ((await knownGroupAt(runs, options, other)) !== undefined) return undefined
    return { groups: [found], skipped: start, unassigned: length - found.next, certain: 1 }
  }
  return undefined
}

async function knownGroupAt(runs: ChunkRuns, options: ChooseOptions, at: number): Promise<FoundGroup | undefined> {
  for (const rows of options.knownRows) {
    const first = await runs.findEnd(at, 0, rows)
    const group = first === undefined ? undefined : await growGroup(runs, options, at, first)
    if (group?.kind === 'full') return group
  }
  return undefined
}

async function chooseFrom(
  segment: Segment,
  runs: ChunkRuns,
  options: ChooseOptions,
  start: number,
): Promise<ChosenGroups> {
  // With the writer's group size the first reading is nearly always the right one, and it is cheap to find.
  const hinted = options.groupRows.length === 0 ? undefined : await readThrough(segment, runs, options, start, true)
  if (hinted !== undefined && hinted.unassigned === 0) return hinted
  return await readThrough(segment, runs, options, start, false)
}

async function readThrough(
  segment: Segment,
  runs: ChunkRuns,
  options: ChooseOptions,
  start: number,
  isHinted: boolean,
): Promise<ChosenGroups> {
  const end = segment.pages.length
  const edges = new Map<number, readonly Edge[]>()
  const waiting = [start]
  const seen = new Set(waiting)
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at >= end) continue
    const found = await expand(segment, runs, options, at, isHinted)
    edges.set(at, found)
    for (const { group } of found)
      if (!seen.has(group.next)) {
        seen.add(group.next)
        waiting.push(group.next)
      }
  }
  return cheapest(edges, start, end)
}

/** All groups that may begin at a page. */
async function expand(
  segment: Segment,
  runs: ChunkRuns,
  options: ChooseOptions,
  at: number,
  isHinted: boolean,
): Promise<readonly Edge[]> {
  const edges: Edge[] = []
  const ends = await firstEnds(segment, runs, options, at, isHinted)
  for (const first of ends) {
    const group = await growGroup(runs, options, at, first)
    if (group !== undefined) edges.push({ group, cost: costOf(segment, options, group) })
  }
  const open = segment.end === 'data-end' && edges.length > 0 ? undefined : await runs.openEnd(at, 0)
  if (open !== undefined && !edges.some(({ group }) => group.kind === 'full' && group.next === segment.pages.length)) {
    const group: FoundGroup = {
      kind: 'partial',
      rows: undefined,
      chunks: [],
      open: { start: at, ...open },
      next: open.next,
    }
    // Last resort: any group with a complete first column explains more.
    if (!edges.some((edge) => edge.group.next === open.next)) edges.push({ group, cost: 4 })
  }
  return edges
}

async function firstEnds(
  segment: Segment,
  runs: ChunkRuns,
  options: ChooseOptions,
  at: number,
  isHinted: boolean,
): Promise<readonly ChunkEnd[]> {
  if (isHinted) {
    const hinted: ChunkEnd[] = []
    for (const rows of options.groupRows) {
      const end = await runs.findEnd(at, 0, rows)
      if (end !== undefined) hinted.push(end)
    }
    if (hinted.length > 0) return hinted
  }
  const all = await runs.allEnds(at, 0)
  // With one column the split into row groups changes no row.
  const last = all.at(-1)
  if (options.leaves.length === 1) return last === undefined ? [] : [last]
  const limit = isHinted ? Math.max(...options.groupRows) : Number.POSITIVE_INFINITY
  return all.filter(({ rows, next }) => rows <= limit && (rows > 0 || next === segment.pages.length))
}

async function growGroup(
  runs: ChunkRuns,
  options: ChooseOptions,
  at: number,
  first: ChunkEnd,
): Promise<FoundGroup | undefined> {
  const chunks: GroupChunk[] = [{ start: at, ...first }]
  let next = first.next
  for (let leaf = 1; leaf < options.leaves.length; leaf++) {
    const end = await runs.findEnd(next, leaf, first.rows)
    if (end === undefined) {
      const open = await runs.openEnd(next, leaf)
      if (open === undefined || open.rows >= Math.max(first.rows, 1)) return undefined
      return {
        kind: 'partial',
        rows: first.rows,
        chunks,
        open: open.next === next ? undefined : { start: next, ...open },
        next: open.next,
      }
    }
    chunks.push({ start: next, ...end })
    next = end.next
  }
  return { kind: 'full', rows: first.rows, chunks, open: undefined, next }
}

function costOf(segment: Segment, { groupRows }: ChooseOptions, group: FoundGroup): number {
  const isLast = group.next === segment.pages.length
  if (group.kind === 'partial') return segment.end === 'data-end' ? 5 : 1
  const irregular = group.chunks.filter((chunk) => isIrregular(segment.pages, chunk)).length * IRREGULAR
  const { rows } = group
  if (groupRows.length === 0 || rows === undefined || groupRows.includes(rows)) return irregular
  const mayBeShort = isLast && segment.end === 'data-end' && rows < Math.max(...groupRows)
  return irregular + (mayBeShort ? 1 : OTHER_ROWS)
}

/** Writers fill their pages: in a chunk of plain values of one width, none but the last page is shorter than the next. */
function isIrregular(pages: readonly PlacedPage[], chunk: GroupChunk): boolean {
  for (let index = chunk.start; index + 1 < chunk.next; index++) {
    const page = (pages[index] as PlacedPage).page
    const following = (pages[index + 1] as PlacedPage).page
    const isPlain = page.kind !== 'dictionary' && page.encoding === 0 && following.encoding === 0
    if (isPlain && page.values < following.values && page.uncompressedBytes < following.uncompressedBytes) return true
  }
  return false
}

interface Best {
  readonly cost: number
  readonly edge: Edge | undefined
  /** No other first step is as cheap. */
  readonly isOnly: boolean
}

function cheapest(edges: ReadonlyMap<number, readonly Edge[]>, start: number, end: number): ChosenGroups {
  const best = new Map<number, Best>([[end, { cost: 0, edge: undefined, isOnly: true }]])
  const descending = [...edges.keys()].toSorted((left, right) => right - left)
  for (const at of descending) {
    let chosen: Best = { cost: (end - at) * LOST_PAGE, edge: undefined, isOnly: true }
    for (const edge of edges.get(at) ?? []) {
      const cost = edge.cost + (best.get(edge.group.next)?.cost ?? 0)
      if (cost < chosen.cost) chosen = { cost, edge, isOnly: true }
      else if (cost === chosen.cost) chosen = { ...chosen, isOnly: false }
    }
    best.set(at, chosen)
  }
  const groups: FoundGroup[] = []
  let certain: number | undefined
  let at = start
  for (;;) {
    const step = best.get(at)
    if (step?.edge === undefined) break
    if (!step.isOnly) certain ??= groups.length
    groups.push(step.edge.group)
    at = step.edge.group.next
  }
  return { groups, skipped: 0, unassigned: end - at, certain: certain ?? groups.length }
}
