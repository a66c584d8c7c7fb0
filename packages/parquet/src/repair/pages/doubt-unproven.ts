import type { ByteSource } from '@tidegate/core'

import type { ParquetFooter } from '../../footer.ts'
import { scanChunks } from '../../pages/scan-chunks.ts'
import { agreesWithFooter, beginsAsNamed } from './agrees-with-footer.ts'
import type { Place, Trust } from './locate-chunks.ts'

interface Located {
  readonly places: readonly Place[]
  readonly placeOf: (rowGroup: number, column: number) => Place | undefined
  /** The footer follows on the last chunk as it should. */
  readonly isEndKnown: boolean
}

/** Chunks may be read several times over before a footer is taken for hostile. */
const MAX_OVERLAP = 2

/**
 * Bytes can be missing in several places, and between two of them chunks are neither here nor there. So a chunk is believed
 * only if it agrees with the footer; of others what joins one that does, or what lies between two that moved as far.
 */
export async function doubtUnproven(
  view: ByteSource,
  placed: ParquetFooter,
  { places, placeOf, isEndKnown }: Located,
): Promise<void> {
  const proven = new Set<Place>()
  const begun = new Set<Place>()
  let left = view.sizeBytes * MAX_OVERLAP
  const only = (rowGroup: number, column: number): boolean => {
    const place = placeOf(rowGroup, column)
    if (place === undefined) return false
    left -= Math.max(0, place.end - place.start)
    return left >= 0
  }
  for await (const scan of scanChunks(view, placed, { level: 'headers', only })) {
    const place = placeOf(scan.rowGroup, scan.column)
    const chunk = placed.rowGroups[scan.rowGroup]?.chunks[scan.column]
    if (place === undefined || chunk === undefined) continue
    if (place.fit === 'here' && beginsAsNamed(scan, chunk)) begun.add(place)
    if (place.trust === 'all' && agreesWithFooter(scan, chunk)) proven.add(place)
  }
  const inFile = places.toSorted((one, other) => one.start - other.start || one.end - other.end)
  const lastHere = inFile.findLastIndex((place) => place.fit === 'here' && proven.has(place))
  const firstMoved = inFile.findIndex((place) => place.fit === 'moved' && proven.has(place))
  const lastMoved = inFile.findLastIndex((place) => place.fit === 'moved' && proven.has(place))
  // The headers of a proven chunk are all there, but bytes can be missing at the end of its last page.
  const isFollowed = (index: number): boolean => {
    const [place, behind] = [inFile[index], inFile[index + 1]]
    if (place === undefined || !proven.has(place)) return false
    if (place.fit === 'moved') return index < lastMoved || isEndKnown
    return index < lastHere || (behind !== undefined && begun.has(behind))
  }
  for (const [index, place] of inFile.entries()) {
    if (proven.has(place)) {
      if (!isFollowed(index)) place.trust = 'start'
      continue
    }
    const [before, behind] = [inFile[index - 1], inFile[index + 1]]
    const knowsStart =
      place.start === 4 ||
      begun.has(place) ||
      (isFollowed(index - 1) && before?.fit === 'moved' && before.end === place.start)
    const knowsEnd = behind !== undefined && proven.has(behind) && behind.start === place.end
    const isBetween =
      place.fit === 'moved' ? firstMoved >= 0 && firstMoved < index && index < lastMoved : index < lastHere
    if (!isBetween) place.trust = lessTrust(place.trust, knowsStart, knowsEnd)
  }
}

function lessTrust(trust: Trust, knowsStart: boolean, knowsEnd: boolean): Trust {
  if (trust === 'nothing' || (trust === 'start' && !knowsStart) || (trust === 'end' && !knowsEnd)) return 'nothing'
  if (trust === 'start' || trust === 'end') return trust
  if (knowsStart) return knowsEnd ? 'hole' : 'start'
  return knowsEnd ? 'end' : 'nothing'
}
