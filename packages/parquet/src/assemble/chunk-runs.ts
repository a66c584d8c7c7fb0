/** Column chunks that may begin at a page: how far pages fit one column, and how many rows they have up to each. */
import type { LeafColumn } from '../footer.ts'
import type { Page } from '../pages/page.ts'
import type { PlacedPage, Segment } from './page-sequence.ts'

export interface FitRequest {
  readonly page: Page
  readonly leaf: LeafColumn
  readonly codec: number
  /** Of the chunk that the page would belong to. */
  readonly dictionary: Page | undefined
}

/** Whether a page can belong to a column. */
export type Fit =
  | {
      readonly kind: 'fits'
      /** Of a dictionary 0; of a nested column the rows that begin on the page. */
      readonly rows: number
      /** Its first value belongs to a row of the page before. */
      readonly continuesRow?: boolean
      /** Its values are not what the column's type promises, e.g. bytes that are no UTF-8 in a text. */
      readonly isOdd?: boolean
    }
  | { readonly kind: 'no'; readonly because: string }

export type FitCheck = (request: FitRequest) => Fit | Promise<Fit>

export interface ChunkEnd {
  /** Index of the page after the chunk. */
  readonly next: number
  readonly rows: number
  readonly codec: number
  readonly oddPages: number
}

/** Pages from one start that fit one column with one codec. Grows on demand. */
interface Run {
  readonly codec: number
  readonly dictionary: Page | undefined
  next: number
  rows: number
  oddPages: number
  readonly ends: ChunkEnd[]
  isDone: boolean
}

export interface ChunkRuns {
  /** Chunk of column `leaf` that begins at page `start` and has exactly `rows` rows. */
  findEnd(start: number, leaf: number, rows: number): Promise<ChunkEnd | undefined>
  /** All places where a chunk of column `leaf` that begins at `start` may end, nearest first. */
  allEnds(start: number, leaf: number): Promise<readonly ChunkEnd[]>
  /** The pages from `start` to the end of the segment, if they all fit the column but its chunk is not finished. */
  openEnd(start: number, leaf: number): Promise<ChunkEnd | undefined>
  /** Index of the first page from `start` on that does not fit the column in a chunk that begins at `start`. */
  firstMisfit(start: number, leaf: number): Promise<number>
}

export interface RunOptions {
  readonly leaves: readonly LeafColumn[]
  readonly fits: FitCheck
  /** Codecs to try for the first page of a chunk, most likely first. */
  readonly codecsOf: (page: Page, leaf: number) => Promise<readonly number[]>
  /** Each chunk of the file is followed by its metadata. */
  readonly hasInline: boolean
  /** Page checks that may be made. */
  readonly budget: { checks: number }
}

export function openChunkRuns(segment: Segment, options: RunOptions): ChunkRuns {
  const { pages } = segment
  const { leaves, budget } = options
  const runs = new Map<string, Promise<readonly Run[]>>()
  const fits = new Map<string, Fit>()

  async function fit(index: number, leafIndex: number, codec: number, dictionary: Page | undefined): Promise<Fit> {
    const key = `${index}/${leafIndex}/${codec}/${dictionary?.offset ?? -1}`
    const known = fits.get(key)
    if (known !== undefined) return known
    if (budget.checks <= 0) return { kind: 'no', because: 'the search used up its budget' }
    budget.checks--
    const { page } = pages[index] as PlacedPage
    const answer = await options.fits({ page, leaf: leaves[leafIndex] as LeafColumn, codec, dictionary })
    fits.set(key, answer)
    return answer
  }

  function runsFrom(start: number, leaf: number): Promise<readonly Run[]> {
    const key = `${start}/${leaf}`
    const known = runs.get(key)
    if (known !== undefined) return known
    const opened = openRuns(start, leaf)
    runs.set(key, opened)
    return opened
  }

  async function openRuns(start: number, leaf: number): Promise<readonly Run[]> {
    const first = pages[start]
    if (first === undefined) return []
    const inline = closingFrom(pages, start)
    if (inline !== undefined && !isOf(inline, leaves[leaf] as LeafColumn)) return []
    const codecs = inline === undefined ? await options.codecsOf(first.page, leaf) : [inline.codec]
    const opened: Run[] = []
    for (const codec of codecs) {
      const isDictionary = first.page.kind === 'dictionary'
      if ((await fit(start, leaf, codec, undefined)).kind === 'no') continue
      const run: Run = {
        codec,
        dictionary: isDictionary ? first.page : undefined,
        next: isDictionary ? start + 1 : start,
        rows: 0,
        oddPages: 0,
        ends: [],
        isDone: false,
      }
      opened.push(run)
      // A second codec that opens the same page is an accident, except where the page says nothing about it.
      if (first.page.uncompressedBytes !== first.page.compressedBytes) break
    }
    return opened
  }

  /** Adds one page to a run, if it fits. */
  async function extend(run: Run, start: number, leaf: number): Promise<boolean> {
    const placed = pages[run.next]
    const isFirst = run.next === start || (run.dictionary !== undefined && run.next === start + 1)
    const isBlocked =
      placed === undefined ||
      placed.page.kind === 'dictionary' ||
      (run.next > start && (placed.detached || pages[run.next - 1]?.closes !== undefined)) ||
      (!isFirst && placed.page.kind !== pages[run.next - 1]?.page.kind)
    if (isBlocked) {
      run.isDone = true
      return false
    }
    const answer = await fit(run.next, leaf, run.codec, run.dictionary)
    if (answer.kind === 'no' || (isFirst && answer.continuesRow === true)) {
      run.isDone = true
      return false
    }
    run.next++
    run.rows += answer.rows
    run.oddPages += answer.isOdd === true ? 1 : 0
    // Pages without a new row belong to the chunk before them.
    if (answer.rows === 0) run.ends.pop()
    if (!placed.goesOn && (!options.hasInline || placed.closes !== undefined)) run.ends.push(endOf(run))
    return true
  }

  async function extendAll(run: Run, start: number, leaf: number): Promise<void> {
    while (!run.isDone) await extend(run, start, leaf)
  }

  return {
    async findEnd(start, leaf, rows) {
      for (const run of await runsFrom(start, leaf)) {
        while (!run.isDone && run.rows <= rows) {
          // Once the rows are there, only a page that may begin no row can still belong to the chunk.
          if (run.rows === rows && run.ends.length > 0 && !mayContinue(pages[run.next], leaves[leaf] as LeafColumn))
            break
          await extend(run, start, leaf)
        }
        const end = run.ends.find((candidate) => candidate.rows === rows)
        if (end !== undefined) return end
      }
      return undefined
    },
    async allEnds(start, leaf) {
      const ends: ChunkEnd[] = []
      for (const run of await runsFrom(start, leaf)) {
        await extendAll(run, start, leaf)
        for (const end of run.ends) if (!ends.some((known) => known.next === end.next)) ends.push(end)
      }
      return ends
    },
    async openEnd(start, leaf) {
      if (start >= pages.length) return { next: start, rows: 0, codec: 0, oddPages: 0 }
      for (const run of await runsFrom(start, leaf)) {
        await extendAll(run, start, leaf)
        if (run.next >= pages.length) return endOf(run)
      }
      return undefined
    },
    async firstMisfit(start, leaf) {
      let farthest = start
      for (const run of await runsFrom(start, leaf)) {
        await extendAll(run, start, leaf)
        farthest = Math.max(farthest, run.next)
      }
      return farthest
    },
  }
}

function endOf({ next, rows, codec, oddPages }: Run): ChunkEnd {
  return { next, rows, codec, oddPages }
}

/** The first metadata at or after a page, if no dictionary or foreign bytes come before it. */
function closingFrom(pages: readonly PlacedPage[], start: number): PlacedPage['closes'] {
  for (let index = start; index < pages.length; index++) {
    const placed = pages[index] as PlacedPage
    if (index > start && (placed.detached || placed.page.kind === 'dictionary')) return undefined
    if (placed.closes !== undefined) return placed.closes
  }
  return undefined
}

function isOf(inline: NonNullable<PlacedPage['closes']>, leaf: LeafColumn): boolean {
  return (
    inline.physicalType === leaf.physicalType &&
    inline.path.length === leaf.path.length &&
    inline.path.every((name, index) => name === leaf.path[index])
  )
}

/** A page that goes on with the last row of the page before, or that has no values at all. */
function mayContinue(placed: PlacedPage | undefined, leaf: LeafColumn): boolean {
  return placed !== undefined && (placed.page.values === 0 || leaf.maxRepetitionLevel > 0)
}
