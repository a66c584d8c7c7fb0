/** Pages without a footer → row groups of column chunks, with what speaks for it. */
import type { ByteSource } from '@tidegate/core'

import type { LeafColumn } from '../footer.ts'
import { pageEnd, type Page, type WalkItem } from '../pages/page.ts'
import { chooseGroups } from './choose-groups.ts'
import { openChunkRuns, type ChunkRuns } from './chunk-runs.ts'
import type { PageFits } from './page-fits.ts'
import { sequencePages, type PageSequence, type Segment } from './page-sequence.ts'
import { possibleCodecs, preferCodec } from './possible-codecs.ts'
import { endOfChunks, firstOffset, isOfUsualSize, resumeDamaged } from './resume-damaged.ts'
import type { SchemaSource } from './schema-sources.ts'
import { isSoundPage } from './sound-page.ts'
import { toGroup } from './to-group.ts'

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
  /** Exclusive end of the bytes that can only be those of `missing`, where that is known. */
  readonly spanEnd: number | undefined
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
  /** Pages after damage, up to where the row group goes on or the next could be found. */
  readonly skippedPages: number
  /** Pages that cannot be decoded as what they must be, between others that fit. */
  readonly brokenPages: number
  /** Of the broken pages those that are sound pages of a column of another type: no damage explains them. */
  readonly misfitPages: number
  /** Pages that fit nowhere although nothing near them is known to be damaged. */
  readonly strayPages: number
  /** Every complete chunk is followed by metadata that names its column. */
  readonly isInline: boolean
  /** The bytes end where the data ends, not in the middle of a page. */
  readonly endsClean: boolean
  /** The search used up its budget. */
  readonly isExhausted: boolean
  /** Chunks of complete row groups that the page index lists in the same way, and in another. */
  readonly index: { readonly agreeing: number; readonly contrary: number }
}

export interface AssembleOptions {
  readonly fits: PageFits
  /** Pages that are known to be damaged, e.g. by their CRC. */
  readonly isDamaged?: (page: Page) => boolean
  /** Of page checks. @defaultValue 200,000, and 8 for each page */
  readonly maxChecks?: number
}

const MAX_CHECKS = 200_000
const CHECKS_PER_PAGE = 8

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
  const pageCount = sequence.segments.reduce((sum, segment) => sum + segment.pages.length, 0)
  const budget = { checks: options.maxChecks ?? Math.max(MAX_CHECKS, pageCount * CHECKS_PER_PAGE) }
  const codecs = new Map<number, Promise<readonly number[]>>()
  const groups: AssembledGroup[] = []
  let skippedPages = 0
  let strayPages = 0
  let brokenPages = 0
  let misfitPages = 0
  const waiting: Segment[] = [...sequence.segments]
  for (let segment = waiting.shift(); segment !== undefined; segment = waiting.shift()) {
    const codecsOf = async (page: Page, preferred: number | undefined): Promise<readonly number[]> => {
      const possible = codecs.get(page.offset) ?? possibleCodecs(source, page, { isMixed })
      codecs.set(page.offset, possible)
      return preferCodec(await possible, preferred)
    }
    const runs = openChunkRuns(segment, {
      leaves,
      fits: options.fits,
      hasInline: sequence.hasInline,
      budget,
      codecs: schema.codecs,
      codecsOf,
    })
    const resume = { groups, segment, runs, leaves, groupRows: schema.groupRows ?? [] }
    const resumed = segment.afterDamage ? await resumeDamaged(resume) : undefined
    if (resumed !== undefined) {
      groups.splice(groups.length - resumed.replaces, resumed.replaces, resumed.group)
      if (segment.isKnownDamage) skippedPages += resumed.skipped
      else strayPages += resumed.skipped
      const rest = segment.pages.slice(resumed.next)
      if (rest.length > 0) waiting.unshift({ ...segment, pages: rest, afterDamage: false })
      continue
    }
    const groupRows = [...new Set([...(schema.groupRows ?? []), ...rowsSeen(groups)])]
    const chosen = await chooseGroups(segment, runs, {
      leaves,
      groupRows: schema.groupRows ?? [],
      knownRows: groupRows,
    })
    const { pages } = segment
    const found = chosen.groups.map((group, index) => toGroup(pages, leaves, group, index < chosen.certain))
    if (segment.afterDamage && found[0] !== undefined) endBefore(groups, firstOffset(found[0]), found)
    groups.push(...found)
    // Complete row groups before the damage tell as much as those behind it that the columns are right.
    const isProven = found.length > 0 || groups.some(({ kind }) => kind === 'full')
    if (segment.isKnownDamage && isProven) skippedPages += chosen.skipped
    else strayPages += chosen.skipped
    if (chosen.unassigned === 0) continue
    const at = pages.length - chosen.unassigned
    const broken = await findBrokenPage(segment, runs, leaves, at, {
      groupRows: [...(schema.groupRows ?? []), ...rowsSeen(groups)],
      isProven: groups.some(({ kind }) => kind === 'full'),
    })
    if (broken !== undefined) {
      brokenPages++
      const isSound = (page: Page): Promise<boolean> =>
        isSoundPage(page, options.fits, (asked) => codecsOf(asked, undefined))
      const placed = pages[broken]
      if (placed !== undefined && (await isSound(placed.page))) misfitPages++
      waiting.unshift(
        { ...segment, pages: pages.slice(at, broken), afterDamage: false, end: 'damage' },
        { ...segment, pages: pages.slice(broken + 1), afterDamage: true, isKnownDamage: true, hiddenBytes: 0 },
      )
      continue
    }
    const damaged = await runs.firstDamaged(at)
    if (damaged !== undefined) {
      waiting.unshift(
        { ...segment, pages: pages.slice(at, damaged), afterDamage: false, end: 'damage' },
        { ...segment, pages: pages.slice(damaged + 1), afterDamage: true, isKnownDamage: true, hiddenBytes: 0 },
      )
      continue
    }
    const rest = pages.slice(at)
    if (chosen.groups.length === 0) strayPages += rest.length
    // A page that does not fit is taken for damage: row groups after it may be whole.
    else waiting.unshift({ pages: rest, afterDamage: true, isKnownDamage: false, hiddenBytes: 0, end: segment.end })
  }
  // A damaged page that is the last of the file.
  const lastPages = (groups.at(-1)?.open ?? groups.at(-1)?.chunks.at(-1))?.pages
  if (sequence.segments.at(-1)?.end === 'data-end' && endOfPages(lastPages) < sequence.dataEnd)
    endBefore(groups, sequence.dataEnd)
  return {
    groups,
    gaps: sequence.gaps,
    dataEnd: sequence.dataEnd,
    pages: pageCount,
    skippedPages,
    brokenPages,
    misfitPages,
    strayPages,
    isInline: sequence.hasInline && groups.every((group) => group.chunks.every((chunk) => isClosed(sequence, chunk))),
    endsClean: sequence.segments.at(-1)?.end === 'data-end',
    isExhausted: budget.checks <= 0,
    index: compareWithIndexes(sequence.indexes, groups),
  }
}

function rowsSeen(groups: readonly AssembledGroup[]): number[] {
  return [...new Set(groups.flatMap(({ kind, rows }) => (kind === 'full' && rows !== undefined ? [rows] : [])))]
}

/**
 * In a row group whose size is known: the page at which its columns stop to fit. At least one column must be complete, or a
 * row group before it.
 */
async function findBrokenPage(
  segment: Segment,
  runs: ChunkRuns,
  leaves: readonly LeafColumn[],
  at: number,
  known: { readonly groupRows: readonly number[]; readonly isProven: boolean },
): Promise<number | undefined> {
  const ends = known.groupRows.length > 0 ? [] : await runs.allEnds(at, 0)
  // Where nothing tells the size, the first column does if its chunk can end in one place only.
  for (const rows of ends.length === 1 ? ends.map((end) => end.rows) : known.groupRows) {
    let next = at
    for (let leaf = 0; leaf < leaves.length; leaf++) {
      const end = await runs.findEnd(next, leaf, rows)
      if (end === undefined) {
        const misfit = await runs.firstMisfit(next, leaf)
        if ((leaf > 0 || known.isProven) && misfit < segment.pages.length) return misfit
        break
      }
      next = end.next
    }
  }
  return undefined
}

function endOfPages(pages: readonly Page[] | undefined): number {
  const last = pages?.at(-1)
  return last === undefined ? Number.POSITIVE_INFINITY : pageEnd(last)
}

/** The last column of a damaged group cannot go on behind the beginning of the next group. */
function endBefore(groups: AssembledGroup[], spanEnd: number | undefined, after: readonly AssembledGroup[] = []): void {
  const last = groups.at(-1)
  if (last?.kind !== 'partial' || last.missing.length !== 1 || last.later.length > 0) return
  const bounded = { ...last, spanEnd }
  if (isOfUsualSize(bounded, endOfChunks(last.chunks), [...groups, ...after])) groups.splice(-1, 1, bounded)
}

function compareWithIndexes(indexes: PageSequence['indexes'], groups: readonly AssembledGroup[]): Assembly['index'] {
  let agreeing = 0
  let contrary = 0
  for (const { kind, chunks, rows = 0 } of groups)
    for (const { pages } of kind === 'full' ? chunks : []) {
      const data = pages.filter((page) => page.kind !== 'dictionary')
      const index = indexes.get(data[0]?.offset ?? -1)
      if (index === undefined) continue
      const isSame =
        index.pages.length === data.length &&
        index.pages.every(({ offset }, at) => data[at]?.offset === offset) &&
        (index.pages.at(-1)?.firstRow ?? 0) <= rows
      if (isSame) agreeing++
      else contrary++
    }
  return { agreeing, contrary }
}

function isClosed(sequence: PageSequence, chunk: AssembledChunk): boolean {
  const last = chunk.pages.at(-1)
  return last !== undefined && sequence.closed.has(last.offset)
}
