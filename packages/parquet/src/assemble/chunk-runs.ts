/** Column chunks that may begin at a page: how far pages fit one column, and how many rows they have up to each. */
import type { LeafColumn } from '../footer.ts'
import type { Page } from '../pages/page.ts'
import { typeKeyOf, type Fit, type PageFits } from './page-fits.ts'
import type { PlacedPage, Segment } from './page-sequence.ts'

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
  /** Index of the first page from `start` on that is damaged whatever its column: no codec unfolds it, or its checksum is wrong. */
  firstDamaged(start: number): Promise<number | undefined>
}

export interface RunOptions {
  readonly leaves: readonly LeafColumn[]
  readonly fits: PageFits
  /** Codec of the column in the schema source. */
  readonly codecs: readonly (number | undefined)[] | undefined
  /** Codecs to try for the first page of a chunk, most likely first. */
  readonly codecsOf: (page: Page, preferred: number | undefined) => Promise<readonly number[]>
  /** Each chunk of the file is followed by its metadata. */
  readonly hasInline: boolean
  /** Pages that may be decoded for the search. */
  readonly budget: { checks: number }
}

export function openChunkRuns(segment: Segment, options: RunOptions): ChunkRuns {
  const { pages } = segment
  const { leaves, budget } = options
  const runs = new Map<string, Promise<readonly Run[]>>()
  // Columns of one type have the same runs, unless metadata says which column a chunk is.
  const alike = leaves.map((leaf, index) =>
    options.hasInline ? String(index) : `${typeKeyOf(leaf)}/${options.codecs?.[index] ?? ''}`,
  )

  function fit(index: number, leafIndex: number, codec: number, dictionary: Page | undefined): Fit | Promise<Fit> {
    const { page } = pages[index] as PlacedPage
    const request = { page, leaf: leaves[leafIndex] as LeafColumn, codec, dictionary }
    const known = options.fits.known(request)
    if (known !== undefined) return known
    if (budget.checks <= 0) return { kind: 'no', because: 'the search used up its budget' }
    budget.checks--
    return options.fits.check(request)
  }

  function runsFrom(start: number, leaf: number): Promise<readonly Run[]> {
    const key = `${start}/${alike[leaf]}`
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
    const codecs = inline === undefined ? await options.codecsOf(first.page, options.codecs?.[leaf]) : [inline.codec]
    const opened: Run[] = []
    const isPacked = first.page.uncompressedBytes !== first.page.compressedBytes
    for (const codec of codecs) {
      const isDictionary = first.page.kind === 'dictionary'
      const answer = await fit(start, leaf, codec, undefined)
      if (answer.kind === 'no') {
        // Where this codec unfolds the page to the size in its header, it is the column that is wrong.
        if (answer.isFolded !== true && isPacked) break
        continue
      }
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
      if (isPacked) break
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

  async function isDamaged(index: number): Promise<boolean> {
    const { page } = pages[index] as PlacedPage
    for (const codec of await options.codecsOf(page, undefined)) {
      const answer = await fit(index, 0, codec, undefined)
      if (answer.kind === 'fits' || answer.isFolded !== true) return false
    }
    return true
  }

  return {
    async firstDamaged(start) {
      for (let index = start; index < pages.length; index++) if (await isDamaged(index)) return index
      return undefined
    },
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
