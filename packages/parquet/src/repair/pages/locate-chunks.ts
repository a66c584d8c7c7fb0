import type { ByteSource } from '@tidegate/core'

import type { ColumnChunk, ParquetFooter } from '../../footer.ts'
import { openWindow, type ByteWindow } from '../../pages/byte-window.ts'
import { findNextPage, openBudget } from '../../pages/find-next-page.ts'
import { lookAt } from '../../pages/look-at.ts'
import { doubtUnproven } from './doubt-unproven.ts'

/**
 * How far the bytes between a chunk's limits are its own. `hole`: bytes are missing or too many somewhere in it. `start`,
 * `end`: its first or last pages are its own, the other limit is not known. `nothing`: none of it can be told from other
 * chunks.
 */
export type Trust = 'all' | 'hole' | 'start' | 'end' | 'nothing'

export interface LocatedChunks {
  /** With the limits of each chunk as they are in the file. */
  readonly footer: ParquetFooter
  /** Bytes that everything behind some place is off by; 0: every chunk is where the footer says. */
  readonly delta: number
  /** First byte from which on chunks are off. */
  readonly movedFrom: number
  readonly trustOf: (rowGroup: number, column: number) => Trust
}

export interface Place {
  readonly key: string
  readonly chunk: ColumnChunk
  start: number
  end: number
  fit: 'here' | 'moved' | 'nowhere'
  trust: Trust
}

const READ_AHEAD = 4096

/**
 * Where the column chunks are. Bytes that were cut out or put in move all that follows, while the footer's offsets stay:
 * pages of one column would be read as those of another. Reads the first page header of each chunk.
 */
export async function locateChunks(view: ByteSource, footer: ParquetFooter): Promise<LocatedChunks> {
  const all = placesOf(footer)
  const strays = strayPlaces(all, footer.footerOffset)
  const places = all.filter((place) => !strays.has(place))
  for (const stray of strays) stray.trust = 'nothing'
  const window = openWindow(view, READ_AHEAD)
  const { footerOffset } = footer
  for (const place of places) if (!(await beginsAt(window, place, 0, footerOffset))) place.fit = 'nowhere'
  const lack = places.every(({ fit }) => fit === 'here') ? 0 : footerOffset - expectedEnd(footer, places)
  const delta = await findMoved(window, places, lack, footerOffset)
  const isMoved = delta !== 0
  if (isMoved) setLimits(places, delta)
  else judgeUnmoved(places, lack)
  if (!isMoved) await judgeLast(window, places, footerOffset)
  separateOverlaps(places, endsOfData(footer))
  const byKey = new Map(all.map((place) => [place.key, place]))
  if (isMoved || (lack !== 0 && places.at(-1)?.fit !== 'here')) {
    const isEndKnown = isMoved && delta === lack
    const placeOf = (rowGroup: number, column: number): Place | undefined => byKey.get(keyOf(rowGroup, column))
    await doubtUnproven(view, withPlaces(footer, byKey), { places, placeOf, isEndKnown })
  }
  return {
    delta,
    movedFrom: places.find(({ fit }) => fit === 'moved')?.start ?? footerOffset,
    trustOf: (rowGroup, column) => byKey.get(keyOf(rowGroup, column))?.trust ?? 'all',
    footer: withPlaces(footer, byKey),
  }
}

function withPlaces(footer: ParquetFooter, places: ReadonlyMap<string, Place>): ParquetFooter {
  const rowGroups = footer.rowGroups.map((group, rowGroup) => ({
    ...group,
    chunks: group.chunks.map((chunk, column) => moved(chunk, places.get(keyOf(rowGroup, column)))),
  }))
  return { ...footer, rowGroups }
}

function keyOf(rowGroup: number, column: number): string {
  return `${rowGroup} ${column}`
}

/** In the order of the file. Chunks that are encrypted or elsewhere are left to the scan. */
function placesOf(footer: ParquetFooter): Place[] {
  return footer.rowGroups
    .flatMap(({ chunks }, rowGroup) =>
      chunks.flatMap((chunk, column): Place[] => {
        const start = chunk.start === 0 ? (chunk.dictionaryPageOffset ?? 0) : chunk.start
        const end = start + chunk.compressedBytes
        if (chunk.encrypted || chunk.filePath !== undefined || start < 4 || end <= start) return []
        return [{ key: keyOf(rowGroup, column), chunk, start, end, fit: 'here', trust: 'all' }]
      }),
    )
    .toSorted((left, right) => left.start - right.start)
}

/** Whether a chunk could begin this far from where the footer puts it: with its dictionary, if it has one. */
async function beginsAt(window: ByteWindow, { chunk, start }: Place, delta: number, dataEnd: number): Promise<boolean> {
  const offset = start + delta
  if (offset < 4 || offset >= dataEnd) return false
  const sight = await lookAt(window, offset, dataEnd)
  if (sight.kind !== 'page' || sight.page.kind === 'index') return false
  return delta === 0 || chunk.dictionaryPageOffset !== start || sight.page.kind === 'dictionary'
}

/** Writers put the footer right behind the last chunk, index or filter. */
function expectedEnd(footer: ParquetFooter, places: readonly Place[]): number {
  let end = 4
  for (const place of places) end = Math.max(end, place.end)
  for (const { chunks } of footer.rowGroups)
    for (const { auxiliary } of chunks) for (const [, auxiliaryEnd] of auxiliary) end = Math.max(end, auxiliaryEnd)
  return end
}

/** Chunks beyond the data that break the order of row groups and columns: their offset is wrong, nothing has moved. */
function strayPlaces(places: readonly Place[], dataEnd: number): ReadonlySet<Place> {
  const rising = new Set(longestRising(places))
  return new Set(places.filter((place) => place.end > dataEnd && !rising.has(place)))
}

/** Where the last chunk may end: before an index, a filter, or the footer. */
function endsOfData(footer: ParquetFooter): ReadonlySet<number> {
  const starts = footer.rowGroups.flatMap(({ chunks }) =>
    chunks.flatMap(({ auxiliary }) => auxiliary.map(([start]) => start)),
  )
  return new Set([footer.footerOffset, ...starts])
}

/** How far the chunks behind some place have moved; they are marked. 0: none has. */
async function findMoved(window: ByteWindow, places: readonly Place[], lack: number, dataEnd: number): Promise<number> {
  if (lack === 0) return 0
  if (await markMoved(window, places, lack, dataEnd)) return lack
  // Something that the footer does not name stands before it, so its end does not tell the distance.
  const first = places.findLastIndex(({ fit }) => fit === 'here') + 1
  // What is cut out lies behind the start of the last chunk that is in its place.
  const least = (places[first - 1]?.start ?? 3) + 1
  for (const delta of await nearbyPages(window, places.slice(first), [least, dataEnd]))
    if (await markMoved(window, places, delta, dataEnd)) return delta
  return 0
}

/** Looks for the one step in the order of the file before which most chunks are here, and behind which most have moved. */
async function markMoved(
  window: ByteWindow,
  places: readonly Place[],
  delta: number,
  dataEnd: number,
): Promise<boolean> {
  const hasMoved: boolean[] = []
  for (const place of places) hasMoved.push(await beginsAt(window, place, delta, dataEnd))
  let score = hasMoved.filter(Boolean).length
  let best = { score, step: 0 }
  for (const [index, { fit }] of places.entries()) {
    score += (fit === 'here' ? 1 : 0) - (hasMoved[index] === true ? 1 : 0)
    if (score >= best.score) best = { score, step: index + 1 }
  }
  for (const place of places.slice(best.step)) place.fit = 'moved'
  return best.step < places.length
}

const NEARBY_BYTES = 256 * 1024
const CANDIDATES = 64

/** Distances from the first of the lost chunks to pages near it, at which most of the others begin as well. */
async function nearbyPages(
  window: ByteWindow,
  lost: readonly Place[],
  [least, dataEnd]: readonly [number, number],
): Promise<readonly number[]> {
  const found: number[] = []
  // The first of them may have lost its beginning.
  for (const [index, place] of lost.slice(0, 2).entries()) {
    const { start } = place
    const others = lost.slice(index + 1, index + 21)
    if (others.length === 0) continue
    const to = Math.min(dataEnd, start + NEARBY_BYTES)
    let from = Math.max(least, start - NEARBY_BYTES)
    const budget = openBudget()
    for (let count = 0; count < CANDIDATES && from < to; count++) {
      const page = await findNextPage(window, { from, to }, budget)
      if (page === undefined) break
      from = page + 1
      let fitting = 0
      for (const other of others) if (await beginsAt(window, other, page - start, dataEnd)) fitting++
      const isLikely = page !== start && fitting >= others.length * 0.9
      if (isLikely && (await beginsAt(window, place, page - start, dataEnd))) found.push(page - start)
    }
  }
  return found
}

function setLimits(places: readonly Place[], delta: number): void {
  const from = places.findIndex(({ fit }) => fit === 'moved')
  for (const [index, place] of places.entries()) {
    const next = places[index + 1]
    if (index >= from) {
      // What begins neither here nor there behind the step is where it should be after it, with a damaged first page.
      place.fit = 'moved'
      place.start += delta
      place.end += delta
      continue
    }
    if (next === undefined) continue
    const nextIsMoved = index + 1 >= from
    if (place.fit === 'here' && nextIsMoved) {
      place.end = next.start + delta
      place.trust = 'hole'
    } else if (place.fit === 'nowhere' && hasNoneHereBehind(places, index, from)) {
      place.trust = nextIsMoved ? 'end' : 'nothing'
      if (!nextIsMoved) continue
      place.start += Math.min(0, delta)
      place.end += delta
    } else if (place.fit === 'here' && hasNoneHereBehind(places, index, from)) place.trust = 'start'
  }
}

/** Between the last chunk in its place and the first that moved: the step is there. */
function hasNoneHereBehind(places: readonly Place[], index: number, from: number): boolean {
  return places.slice(index + 1, from).every(({ fit }) => fit === 'nowhere')
}

/** No step was found. Where the data does not end where it should, chunks at its end that begin nowhere may be anywhere. */
function judgeUnmoved(places: readonly Place[], delta: number): void {
  const lastHere = places.findLastIndex(({ fit }) => fit === 'here')
  if (delta === 0 || lastHere === places.length - 1) return
  for (const place of places.slice(lastHere + 1)) place.trust = 'nothing'
  const last = places[lastHere]
  if (last !== undefined) last.trust = 'start'
}

/** Bytes may be missing or too many in the very last chunk: then it does not end before something that is known. */
async function judgeLast(window: ByteWindow, places: readonly Place[], dataEnd: number): Promise<void> {
  const last = places.at(-1)
  if (last === undefined || last.trust !== 'all' || last.start >= dataEnd) return
  if (last.end > dataEnd) {
    last.end = dataEnd
    last.trust = 'start'
    return
  }
  const sight = await lookAt(window, last.end, dataEnd)
  if (sight.kind !== 'nothing' || sight.follower) return
  if (await lacksDictionaryHeader(window, last, dataEnd)) last.end = dataEnd
  else last.trust = 'start'
}

/** parquet-mr before 1.2.9 left the header of the dictionary out of the size of the chunk (PARQUET-816). */
async function lacksDictionaryHeader(window: ByteWindow, { start, end }: Place, dataEnd: number): Promise<boolean> {
  const sight = await lookAt(window, start, dataEnd)
  return sight.kind === 'page' && sight.page.kind === 'dictionary' && end + sight.page.headerBytes === dataEnd
}

/**
 * Two chunks of the same bytes: the one that does not join its neighbours, or breaks the order of the columns, is wrong. Of
 * two that differ in neither, both are not to be believed if they begin together; else the first ends where the next begins.
 */
function separateOverlaps(places: readonly Place[], ends: ReadonlySet<number>): void {
  const rising = new Set(longestRising(places))
  const natural = inNaturalOrder(places)
  const numbers = new Map(natural.map((place, index) => [place, index]))
  const scoreOf = (place: Place): number => {
    const number = numbers.get(place) ?? 0
    const [before, behind] = [natural[number - 1], natural[number + 1]]
    const joinsBefore = before === undefined ? place.start === 4 : before.end === place.start
    const joinsBehind = behind === undefined ? ends.has(place.end) : behind.start === place.end
    // The order alone tells less than a neighbour does.
    return (joinsBefore ? 3 : 0) + (joinsBehind ? 3 : 0) + (rising.has(place) ? 1 : 0)
  }
  const inFile = places.filter(({ trust }) => trust !== 'end').toSorted((left, right) => left.start - right.start)
  let current = inFile[0]
  for (const next of inFile.slice(1)) {
    if (current === undefined || current.end <= next.start) {
      current = next
      continue
    }
    const difference = scoreOf(current) - scoreOf(next)
    const isClear = Math.abs(difference) >= 2 || (difference !== 0 && current.start !== next.start)
    if (isClear) {
      const [wrong, right] = difference > 0 ? [next, current] : [current, next]
      wrong.trust = 'nothing'
      current = right
    } else if (current.start === next.start) {
      current.trust = 'nothing'
      next.trust = 'nothing'
    } else {
      if (next.fit !== 'nowhere') current.end = next.start
      current = next
    }
  }
}

/** The most chunks whose starts rise in the order of row groups and columns. */
function longestRising(places: readonly Place[]): Place[] {
  const natural = inNaturalOrder(places)
  const tails: number[] = []
  const before: number[] = []
  for (const [index, { start }] of natural.entries()) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((natural[tails[middle] ?? 0]?.start ?? 0) < start) low = middle + 1
      else high = middle
    }
    before[index] = low > 0 ? (tails[low - 1] ?? -1) : -1
    tails[low] = index
  }
  const chosen: Place[] = []
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) {
    const place = natural[at]
    if (place !== undefined) chosen.push(place)
  }
  return chosen
}

function inNaturalOrder(places: readonly Place[]): readonly Place[] {
  return places.toSorted((left, right) => compareKeys(left.key, right.key))
}

function compareKeys(left: string, right: string): number {
  const [leftGroup = 0, leftColumn = 0] = left.split(' ').map(Number)
  const [rightGroup = 0, rightColumn = 0] = right.split(' ').map(Number)
  return leftGroup - rightGroup || leftColumn - rightColumn
}

function moved(chunk: ColumnChunk, place: Place | undefined): ColumnChunk {
  if (place === undefined || (place.start === chunk.start && place.end === chunk.end)) return chunk
  const delta = place.start - chunk.start
  return {
    ...chunk,
    start: place.start,
    end: place.end,
    dataPageOffset: chunk.dataPageOffset + delta,
    dictionaryPageOffset:
      chunk.dictionaryPageOffset === undefined || chunk.dictionaryPageOffset === 0
        ? chunk.dictionaryPageOffset
        : chunk.dictionaryPageOffset + delta,
  }
}
