/** Pages without a footer → row groups of column chunks, with what speaks for it. */
import type { ByteSource } from '@tidegate/core'

import type { LeafColumn } from '../footer.ts'
import { pageEnd, type Page, type WalkItem } from '../pages/page.ts'
import { chooseGroups, type FoundGroup, type GroupChunk } from './choose-groups.ts'
import { openChunkRuns, type ChunkRuns, type FitCheck } from './chunk-runs.ts'
import { sequencePages, type PageSequence, type PlacedPage, type Segment } from './page-sequence.ts'
import { possibleCodecs } from './possible-codecs.ts'
import { resumeGroup } from './resume-group.ts'
import type { SchemaSource } from './schema-sources.ts'

export interface AssembledChunk {
  readonly leaf: LeafColumn
  readonly codec: number
  readonly pages: readonly Page[]
  /** Rows of its pages; fewer than those of the group when the chunk is cut. */
  readonly rows: number
  /** Pages whose values are not what the type promises. */
  readonly oddPages: number
}

export interface AssembledGroup {
  /** `partial`: the bytes end, or are damaged, before its last column is complete. */
  readonly kind: 'full' | 'partial'
  /** Undefined when not even the first column is complete. */
  readonly rows: number | undefined
  /** Complete chunks, from the first column on. */
  readonly chunks: readonly AssembledChunk[]
  /** The chunk that is cut; it has at least one page. */
  readonly open: AssembledChunk | undefined
  /** Complete chunks of the last columns, where only the middle of the group is damaged. */
  readonly later: readonly AssembledChunk[]
  /** Columns that are not complete, the cut one first; empty for a full group. */
  readonly missing: readonly LeafColumn[]
  /** False where the pages can be read as other row groups just as well. */
  readonly isCertain: boolean
}

export interface Assembly {
  /** In file order. */
  readonly groups: readonly AssembledGroup[]
  readonly gaps: PageSequence['gaps']
  /** Exclusive end of the last page. */
  readonly dataEnd: number
  readonly pages: number
  /** Pages after damage, up to where the next row group could be found. */
  readonly skippedPages: number
  /** Pages that fit nowhere although nothing near them is known to be damaged. */
  readonly strayPages: number
  /** Every complete chunk is followed by metadata that names its column. */
  readonly isInline: boolean
  /** The bytes end where the data ends, not in the middle of a page. */
  readonly endsClean: boolean
  /** The search used up its budget. */
  readonly isExhausted: boolean
}

export interface AssembleOptions {
  readonly fits: FitCheck
  /** Pages that are known to be damaged, e.g. by their CRC. */
  readonly isDamaged?: (page: Page) => boolean
  /** Of page checks. @defaultValue 2,000,000 */
  readonly maxChecks?: number
}

const MAX_CHECKS = 2_000_000

/**
 * Assigns pages to columns and row groups. The order of evidence: metadata between the chunks, dictionary pages (each
 * begins a chunk), pages that do not fit the type or the levels of a column, equal numbers of rows in all columns, the
 * writer's group size as the schema source knows it.
 */
export async function assembleChunks(
  source: Pick<ByteSource, 'read' | 'sizeBytes'>,
  walk: AsyncIterable<WalkItem> | Iterable<WalkItem>,
  schema: Pick<SchemaSource, 'leaves' | 'codecs' | 'groupRows'>,
  options: AssembleOptions,
): Promise<Assembly> {
  const { leaves } = schema
  const sequence = await sequencePages(source, walk, options.isDamaged)
  const isMixed = sequence.segments.some((segment) =>
    segment.pages.some(({ page }) => page.compressedBytes !== page.uncompressedBytes),
  )
  const budget = { checks: options.maxChecks ?? MAX_CHECKS }
  const codecs = new Map<number, Promise<readonly number[]>>()
  const groups: AssembledGroup[] = []
  let skippedPages = 0
  let strayPages = 0
  const waiting: Segment[] = [...sequence.segments]
  for (let segment = waiting.shift(); segment !== undefined; segment = waiting.shift()) {
    const runs = openChunkRuns(segment, {
      leaves,
      fits: options.fits,
      hasInline: sequence.hasInline,
      budget,
      codecsOf: (page, leaf) => {
        const key = page.offset * (leaves.length + 1) + leaf
        const known = codecs.get(key) ?? possibleCodecs(source, page, { preferred: schema.codecs?.[leaf], isMixed })
        codecs.set(key, known)
        return known
      },
    })
    const resumed = segment.afterDamage ? await resumeLast(groups, segment, runs, leaves) : undefined
    if (resumed !== undefined) {
      groups.splice(-1, 1, resumed.group)
      skippedPages += segment.isKnownDamage ? resumed.skipped : 0
      strayPages += segment.isKnownDamage ? 0 : resumed.skipped
      const rest = segment.pages.slice(resumed.next)
      if (rest.length > 0) waiting.unshift({ ...segment, pages: rest, afterDamage: false })
      continue
    }
    const chosen = await chooseGroups(segment, runs, { leaves, groupRows: schema.groupRows ?? [] })
    const { pages } = segment
    groups.push(...chosen.groups.map((group, index) => toGroup(pages, leaves, group, index < chosen.certain)))
    skippedPages += segment.isKnownDamage ? chosen.skipped : 0
    strayPages += segment.isKnownDamage ? 0 : chosen.skipped
    if (chosen.unassigned === 0) continue
    const at = pages.length - chosen.unassigned
    const broken = await findBrokenPage(segment, runs, leaves, at, [...(schema.groupRows ?? []), ...rowsSeen(groups)])
    if (broken !== undefined) {
      strayPages++
      waiting.unshift(
        { ...segment, pages: pages.slice(at, broken), afterDamage: false, end: 'damage' },
        { ...segment, pages: pages.slice(broken + 1), afterDamage: true, isKnownDamage: false, hiddenBytes: 0 },
      )
      continue
    }
    const rest = pages.slice(at)
    if (chosen.groups.length === 0) strayPages += rest.length
    // A page that does not fit is taken for damage: row groups after it may be whole.
    else waiting.unshift({ pages: rest, afterDamage: true, isKnownDamage: false, hiddenBytes: 0, end: segment.end })
  }
  return {
    groups,
    gaps: sequence.gaps,
    dataEnd: sequence.dataEnd,
    pages: sequence.segments.reduce((sum, segment) => sum + segment.pages.length, 0),
    skippedPages,
    strayPages,
    isInline: sequence.hasInline && groups.every((group) => group.chunks.every((chunk) => isClosed(sequence, chunk))),
    endsClean: sequence.segments.at(-1)?.end === 'data-end',
    isExhausted: budget.checks <= 0,
  }
}

function rowsSeen(groups: readonly AssembledGroup[]): number[] {
  return [...new Set(groups.flatMap(({ kind, rows }) => (kind === 'full' && rows !== undefined ? [rows] : [])))]
}

/** In a row group whose size is known: the page at which its columns stop to fit. At least one column must be complete. */
async function findBrokenPage(
  segment: Segment,
  runs: ChunkRuns,
  leaves: readonly LeafColumn[],
  at: number,
  groupRows: readonly number[],
): Promise<number | undefined> {
  const ends = groupRows.length > 0 ? [] : await runs.allEnds(at, 0)
  // Where nothing tells the size, the first column does if its chunk can end in one place only.
  for (const rows of ends.length === 1 ? ends.map((end) => end.rows) : groupRows) {
    let next = at
    for (let leaf = 0; leaf < leaves.length; leaf++) {
      const end = await runs.findEnd(next, leaf, rows)
      if (end === undefined) {
        const misfit = await runs.firstMisfit(next, leaf)
        if (leaf > 0 && misfit < segment.pages.length) return misfit
        break
      }
      next = end.next
    }
  }
  return undefined
}

/**
 * The last group with the columns that come after the damage. Only where the damage is too short to hide the rest of this
 * group and the beginning of the next: columns of two groups would make rows that never were.
 */
async function resumeLast(
  groups: readonly AssembledGroup[],
  segment: Segment,
  runs: ChunkRuns,
  leaves: readonly LeafColumn[],
): Promise<{ readonly group: AssembledGroup; readonly skipped: number; readonly next: number } | undefined> {
  const last = groups.at(-1)
  if (last?.kind !== 'partial' || last.rows === undefined || !last.isCertain) return undefined
  const damaged = last.chunks.length
  const least = Math.min(
    ...groups
      .filter(({ kind, rows }) => kind === 'full' && rows === last.rows)
      .map(({ chunks }) => bytesOf(chunks) - bytesOf(chunks.slice(damaged, damaged + 1))),
  )
  const found =
    segment.hiddenBytes === 0 || (Number.isFinite(least) && segment.hiddenBytes * 2 < least)
      ? await resumeGroup(segment, runs, leaves, { rows: last.rows, damaged })
      : undefined
  if (found === undefined) return undefined
  const firstLater = leaves.length - found.chunks.length
  const group: AssembledGroup = {
    ...last,
    missing: leaves.slice(damaged, firstLater),
    later: found.chunks.map((chunk, index) => toChunk(segment.pages, leaves[firstLater + index] as LeafColumn, chunk)),
  }
  return { group, skipped: found.skipped, next: found.next }
}

function bytesOf(chunks: readonly AssembledChunk[]): number {
  return chunks.reduce((sum, { pages }) => {
    const [first] = pages
    const last = pages.at(-1)
    return first === undefined || last === undefined ? sum : sum + pageEnd(last) - first.offset
  }, 0)
}

function toChunk(pages: readonly PlacedPage[], leaf: LeafColumn, chunk: GroupChunk): AssembledChunk {
  return {
    leaf,
    codec: chunk.codec,
    pages: pages.slice(chunk.start, chunk.next).map(({ page }) => page),
    rows: chunk.rows,
    oddPages: chunk.oddPages,
  }
}

function toGroup(
  pages: readonly PlacedPage[],
  leaves: readonly LeafColumn[],
  group: FoundGroup,
  isCertain: boolean,
): AssembledGroup {
  const chunkOf = (chunk: GroupChunk, index: number): AssembledChunk =>
    toChunk(pages, leaves[index] as LeafColumn, chunk)
  return {
    kind: group.kind,
    rows: group.rows,
    chunks: group.chunks.map(chunkOf),
    open: group.open === undefined ? undefined : chunkOf(group.open, group.chunks.length),
    later: [],
    missing: leaves.slice(group.chunks.length),
    isCertain,
  }
}

function isClosed(sequence: PageSequence, chunk: AssembledChunk): boolean {
  const last = chunk.pages.at(-1)
  return last !== undefined && sequence.closed.has(last.offset)
}
