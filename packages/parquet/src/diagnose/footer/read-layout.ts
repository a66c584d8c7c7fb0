/** Compares the offsets of a footer with the bytes they speak of. */
import type { ByteSource } from '@tidegate/core'

import type { ParquetFooter } from '../../footer.ts'
import { walkPages } from '../../pages/walk-pages.ts'
import { chunkPlaces, hasPageAt, samplePlaces, spread, type ChunkPlace } from './chunk-places.ts'

export type LayoutFacts =
  /** There is a page wherever one was looked for. */
  | { readonly kind: 'fits' }
  /** Every chunk begins this many bytes behind (before) the place that the footer says. `starts`: PAR1 is there too. */
  | { readonly kind: 'shifted'; readonly delta: number; readonly starts: boolean }
  /**
   * Up to a place all chunks fit; what the footer says to be at `fromOffset` or behind it is off by a constant. The place is
   * in `around`, bytes [from, to) of the file.
   */
  | {
      readonly kind: 'moved'
      readonly delta: number
      readonly fromOffset: number
      readonly around: readonly [number, number]
    }
  | { readonly kind: 'misses'; readonly first: ChunkPlace; readonly wrong: number; readonly checked: number }

export interface LayoutRequest {
  /** The first bytes of the source. */
  readonly head: Uint8Array
  /** Looks at every chunk, not at four. @defaultValue false */
  readonly thorough?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Chunks that are looked at to be sure of a shift, and share of them that must fit. */
const SURE_CHUNKS = 200
const SURE_SHARE = 0.95
/** Bytes before the footer that are searched for the start of the file that it belongs to. */
const GAP_BYTES = 4 * 1024 * 1024
const THOROUGH_CHUNKS = 20_000

export async function readLayout(
  source: ByteSource,
  footer: ParquetFooter,
  request: LayoutRequest,
): Promise<LayoutFacts> {
  const sample = samplePlaces(footer)
  const end = footer.footerOffset
  let isWrong = false
  for (const { chunk } of sample) isWrong ||= !(await hasPageAt(source, chunk.start, end))
  const places = isWrong || request.thorough === true ? chunkPlaces(footer) : []
  const overrun = Math.max(0, ...sample.map(({ chunk }) => chunk.end)) - end
  if (!isWrong && (overrun <= 0 || sample.length === 0) && request.thorough !== true) return { kind: 'fits' }
  const looked = spread(places.length > 0 ? places : chunkPlaces(footer), THOROUGH_CHUNKS)
  const misses: ChunkPlace[] = []
  for (const place of looked) {
    request.signal?.throwIfAborted()
    if (!(await hasPageAt(source, place.chunk.start, end))) misses.push(place)
  }
  const [first] = misses
  if (first === undefined) return await behindLastChunk(source, footer, looked)
  const shift = await findShift(source, footer, looked, request)
  if (shift !== undefined) return shift
  const moved = await findMove(source, footer, looked, first, request)
  return moved ?? { kind: 'misses', first, wrong: misses.length, checked: looked.length }
}

/** All chunks begin where they should. If the last one runs into the footer, bytes are missing in it. */
async function behindLastChunk(
  source: ByteSource,
  footer: ParquetFooter,
  places: readonly ChunkPlace[],
): Promise<LayoutFacts> {
  const last = places.at(-1)
  const delta = last === undefined ? 0 : footer.footerOffset - last.chunk.end
  if (last === undefined || delta >= 0 || (await hasAllValues(source, footer, last))) return { kind: 'fits' }
  return { kind: 'moved', delta, fromOffset: last.chunk.end, around: [last.chunk.start, footer.footerOffset] }
}

/** Then it is only the size of the chunk that is wrong. */
async function hasAllValues(source: ByteSource, footer: ParquetFooter, { chunk }: ChunkPlace): Promise<boolean> {
  let values = 0
  for await (const item of walkPages(source, { from: chunk.start, to: footer.footerOffset })) {
    if (item.kind === 'gap' && item.because !== 'zeros' && item.because !== 'column-metadata') break
    if (item.kind === 'page' && item.page.kind !== 'dictionary') values += item.page.values
    if (values >= chunk.values) break
  }
  return values === chunk.values
}

/** Exclusive end of all that the footer knows of. */
export function dataEnd({ rowGroups }: ParquetFooter): number {
  let end = 4
  for (const { chunks } of rowGroups)
    for (const chunk of chunks) {
      end = Math.max(end, chunk.end)
      for (const range of chunk.auxiliary) end = Math.max(end, range[1])
    }
  return end
}

/** True when nearly all of the places have a page `delta` bytes farther. */
export async function fitsShifted(
  source: ByteSource,
  places: readonly ChunkPlace[],
  delta: number,
  end: number,
): Promise<boolean> {
  const chosen = spread(places, SURE_CHUNKS)
  let misses = 0
  for (const { chunk } of chosen) {
    // A file that lost its first bytes has lost the chunks that were there.
    const isGone = chunk.start + delta < 0
    if (!isGone && (await hasPageAt(source, chunk.start + delta, end))) continue
    if (++misses > chosen.length * (1 - SURE_SHARE)) return false
  }
  return chosen.length > 0
}

async function findShift(
  source: ByteSource,
  footer: ParquetFooter,
  places: readonly ChunkPlace[],
  request: LayoutRequest,
): Promise<LayoutFacts | undefined> {
  const [first] = places
  if (first === undefined) return undefined
  const end = footer.footerOffset
  const gap = end - dataEnd(footer)
  const starts = await startsOfFile(source, request.head, gap)
  for (const delta of starts)
    if (await fitsShifted(source, places, delta, end)) return { kind: 'shifted', delta, starts: true }
  const guesses = new Set([4 - first.chunk.start, gap])
  if (places.length >= 3)
    for (const page of await firstPages(source, end, request)) guesses.add(page - first.chunk.start)
  for (const delta of guesses)
    if (delta !== 0 && (await fitsShifted(source, places, delta, end))) return { kind: 'shifted', delta, starts: false }
  return undefined
}

/** Places of a PAR1 where the file that the footer belongs to may begin: near the head, and where its size says. */
export async function startsOfFile(source: ByteSource, head: Uint8Array, gap: number): Promise<readonly number[]> {
  const starts = new Set<number>()
  const near = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  for (let at = near.indexOf('PAR1', 1); at > 0 && starts.size < 64; at = near.indexOf('PAR1', at + 1)) starts.add(at)
  if (gap > 0) {
    const from = Math.max(1, gap - GAP_BYTES)
    const before = Buffer.from(await source.read(from, gap + 4 - from))
    let tried = 0
    for (let at = before.lastIndexOf('PAR1'); at >= 0 && tried < 64; tried++) {
      starts.add(from + at)
      at = at === 0 ? -1 : before.lastIndexOf('PAR1', at - 1)
    }
  }
  return [...starts]
}

/** Places of the first pages of the file, whatever the footer says. */
async function firstPages(source: ByteSource, end: number, { signal }: LayoutRequest): Promise<readonly number[]> {
  const pages: number[] = []
  for await (const item of walkPages(source, { from: 0, to: Math.min(end, 1024 * 1024), signal })) {
    if (item.kind === 'page') pages.push(item.page.offset)
    if (pages.length >= 64) break
  }
  return pages
}

/** Bytes are missing, or were put in, in the chunk before `first`. */
async function findMove(
  source: ByteSource,
  footer: ParquetFooter,
  places: readonly ChunkPlace[],
  first: ChunkPlace,
  { signal }: LayoutRequest,
): Promise<LayoutFacts | undefined> {
  const from = places.indexOf(first)
  const before = places[from - 1]
  if (before === undefined) return undefined
  const end = footer.footerOffset
  const behind = places.slice(from)
  const guesses = new Set([end - dataEnd(footer)])
  const searchFrom = before.chunk.start
  const to = Math.min(end, first.chunk.end + 1024 * 1024)
  let pages = 0
  if (behind.length >= 2)
    for await (const item of walkPages(source, { from: searchFrom, to, signal })) {
      if (item.kind === 'page' && item.page.offset > searchFrom) guesses.add(item.page.offset - first.chunk.start)
      if (item.kind === 'page' && ++pages >= 256) break
    }
  for (const delta of guesses)
    if (delta !== 0 && (await fitsShifted(source, behind, delta, end)))
      return {
        kind: 'moved',
        delta,
        fromOffset: first.chunk.start,
        around: [searchFrom, Math.max(searchFrom, first.chunk.start + delta)],
      }
  return undefined
}
