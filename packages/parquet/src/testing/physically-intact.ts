import type { ChunkMap, Layout, PageMap } from './layout.ts'
import { isUntouched, type ByteMap, type ByteRange } from './splices.ts'

/** What of a file is still there byte for byte, wherever it lies now. */
export interface Intact {
  /** Row groups of which every chunk is untouched. */
  readonly rowGroups: readonly number[]
  /** Rows of these row groups. */
  readonly rows: number
  /** Data pages that are untouched, together with the dictionary that they need. */
  readonly pages: readonly PagePlace[]
  /** Data pages that are not. A dictionary is not listed: the pages that need it are. */
  readonly damagedPages: readonly PagePlace[]
  /** Rows × leaf columns of the intact pages. */
  readonly cells: number
}

export interface PagePlace {
  readonly rowGroup: number
  readonly leaf: number
  readonly page: number
  /** [from, to) within the row group. */
  readonly rows: ByteRange
}

export function physicallyIntact(layout: Layout, map: ByteMap): Intact {
  const rowGroups: number[] = []
  const pages: PagePlace[] = []
  const damagedPages: PagePlace[] = []
  let rows = 0
  for (const [rowGroup, group] of layout.rowGroups.entries()) {
    if (group.chunks.every(({ range }) => isUntouched(map, range))) {
      rowGroups.push(rowGroup)
      rows += group.rows
    }
    for (const chunk of group.chunks) {
      const hasDictionary = isDictionaryIntact(chunk, map)
      for (const page of chunk.pages) {
        if (page.kind === 'dictionary') continue
        const isIntact = isUntouched(map, pageRange(page)) && (hasDictionary || !page.usesDictionary)
        ;(isIntact ? pages : damagedPages).push(placeOf(page))
      }
    }
  }
  const cells = pages.reduce((sum, { rows: [from, to] }) => sum + to - from, 0)
  return { rowGroups, rows, pages, damagedPages, cells }
}

/** Of a file of which nothing is left. */
export function nothingIntact(layout: Layout): Intact {
  return physicallyIntact(layout, { changed: [], deleted: [[0, layout.sizeBytes]], inserted: [] })
}

export function pageRange({ header, body }: PageMap): ByteRange {
  return [header[0], body[1]]
}

function isDictionaryIntact({ pages }: ChunkMap, map: ByteMap): boolean {
  return pages.every((page) => page.kind !== 'dictionary' || isUntouched(map, pageRange(page)))
}

function placeOf({ rowGroup, leaf, page, rows }: PageMap): PagePlace {
  return { rowGroup, leaf, page, rows }
}
