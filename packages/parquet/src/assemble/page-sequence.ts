import type { ByteSource } from '@tidegate/core'

import { pageEnd, type Gap, type Page, type WalkItem } from '../pages/page.ts'
import type { InlineMetadata } from '../pages/read-inline-metadata.ts'
import { readGap, type GapContent } from './read-gap.ts'
import { readOffsetIndexes, type OffsetIndex } from './read-offset-indexes.ts'

/** A page in the order of the file, with what is known of its surroundings. */
export interface PlacedPage {
  readonly page: Page
  /** Metadata right after the page: its chunk ends with it. */
  readonly closes: InlineMetadata | undefined
  /** Bytes that belong to no chunk lie between this page and the one before. */
  readonly detached: boolean
  /** A page index says that the same chunk has more pages. */
  readonly goesOn: boolean
}

/** Pages between two places of damage. */
export interface Segment {
  readonly pages: readonly PlacedPage[]
  /** Damage lies before the first page: it may stand in the middle of a row group. */
  readonly afterDamage: boolean
  /** The damage is seen in the bytes; false when it was only concluded from a page that does not fit. */
  readonly isKnownDamage: boolean
  /** Bytes before the first page of which it is not known what they were; 0 for a damaged page behind a sound header. */
  readonly hiddenBytes: number
  /** What comes after the last page. */
  readonly end: 'damage' | 'cut' | 'data-end'
}

export interface PageSequence {
  readonly segments: readonly Segment[]
  readonly gaps: readonly { readonly offset: number; readonly length: number; readonly rest: GapContent['rest'] }[]
  readonly hasInline: boolean
  /** Offsets of the pages that metadata follows. */
  readonly closed: ReadonlySet<number>
  /** What is left of the page index, by the offset of a chunk's first data page. */
  readonly indexes: ReadonlyMap<number, OffsetIndex>
  /** Exclusive end of the last page. */
  readonly dataEnd: number
}

/** Sorts out what a walk has met: which gaps are damage, and which are part of the file. */
export async function sequencePages(
  source: Pick<ByteSource, 'read' | 'sizeBytes'>,
  walk: AsyncIterable<WalkItem> | Iterable<WalkItem>,
  isDamaged: (page: Page) => boolean = () => false,
): Promise<PageSequence> {
  const items: WalkItem[] = []
  for await (const item of walk) items.push(item)
  const segments: Segment[] = []
  const gaps: PageSequence['gaps'][number][] = []
  let pages: PlacedPage[] = []
  let afterDamage = false
  let detached = false
  let hiddenBytes = 0
  const close = (end: Segment['end']): void => {
    if (pages.length > 0) segments.push({ pages, afterDamage, isKnownDamage: afterDamage, hiddenBytes, end })
    hiddenBytes = pages.length > 0 ? 0 : hiddenBytes
    pages = []
  }
  for (const [index, item] of items.entries()) {
    if (item.kind === 'page') {
      if (isDamaged(item.page)) {
        close('damage')
        afterDamage = true
      } else if (item.page.kind === 'index') detached = true
      else {
        pages.push({ page: item.page, closes: undefined, detached, goesOn: false })
        detached = false
      }
      continue
    }
    // The head of another file, a value of this one: what follows is its pages. A page behind leading bytes is our own.
    const isNested =
      (segments.length > 0 || pages.length > 0 || item.because === 'page-cut') && (await endsWithHead(source, item))
    const isLast = isNested || index === items.length - 1
    const { inline, rest } = await readGap(source, item, isLast)
    const last = pages.pop()
    if (last !== undefined) pages.push({ ...last, closes: inline ?? last.closes })
    detached = true
    if (isLast) {
      close(rest === 'cut-page' || rest === 'unknown' ? 'cut' : 'data-end')
      gaps.push({ offset: item.offset, length: item.length, rest })
      if (isNested) {
        items.length = index
        break
      }
    } else if (rest === 'unknown' || (index === 0 && rest !== 'none')) {
      // Nothing belongs before the first page, not even padding.
      close('damage')
      afterDamage = true
      hiddenBytes += item.length
      gaps.push({ offset: item.offset, length: item.length, rest })
    }
  }
  close('data-end')
  const closed = new Set(
    segments.flatMap((segment) =>
      segment.pages.flatMap(({ page, closes }) => (closes === undefined ? [] : [page.offset])),
    ),
  )
  const dataEnd = items.reduce((end, item) => (item.kind === 'page' ? Math.max(end, pageEnd(item.page)) : end), 4)
  const hasIndex = gaps.at(-1)?.rest !== 'cut-page' && gaps.length > 0
  const indexes = hasIndex ? await readOffsetIndexes(source, dataEnd) : new Map<number, OffsetIndex>()
  return {
    segments: indexes.size === 0 ? segments : segments.map((segment) => withIndexes(segment, indexes)),
    gaps,
    closed,
    indexes,
    hasInline: closed.size > 0,
    dataEnd,
  }
}

/** Whether the bytes of a gap end with the head of a Parquet file. */
export async function endsWithHead(source: Pick<ByteSource, 'read'>, { offset, length }: Gap): Promise<boolean> {
  return length >= 4 && Buffer.from(await source.read(offset + length - 4, 4)).toString('latin1') === 'PAR1'
}

/** Marks where chunks begin and where they cannot end. */
function withIndexes(segment: Segment, indexes: ReadonlyMap<number, OffsetIndex>): Segment {
  const inside = new Set(
    [...indexes.values()].flatMap(({ pages }) => pages.slice(0, -1).map((location) => location.offset)),
  )
  const pages = segment.pages.map((placed, index): PlacedPage => {
    const isFirst = indexes.has(placed.page.offset) && segment.pages[index - 1]?.page.kind !== 'dictionary'
    return { ...placed, detached: placed.detached || isFirst, goesOn: inside.has(placed.page.offset) }
  })
  return { ...segment, pages }
}
