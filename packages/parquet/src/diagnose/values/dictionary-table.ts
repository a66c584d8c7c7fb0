import type { PageContent } from '../../pages/check-page.ts'
import { PHYSICAL } from '../../pages/value-spec.ts'
import type { Tally } from './tally.ts'

/** The entries of a chunk's dictionary. */
export interface DictionaryTable {
  readonly size: number
  /** Adds an entry's value to the tally, unless this page has added it before. */
  use(tally: Tally, index: number): void
  /** Bytes of an entry. */
  lengthOf(index: number): number
  /** Must be called before the entries of a page are used. */
  nextPage(): void
}

/** Dictionaries above this are not kept: their entries would take more memory than pages may. */
const MAX_ENTRIES = 4_000_000
const MAX_BYTES = 64 * 1024 * 1024

/** A copy of a sound dictionary page; undefined if it is too large. `width`: of fixed values, 0 for byte arrays. */
export function openDictionary(
  { bytes, from, nonNull }: PageContent,
  leaf: { readonly physicalType: number; readonly width: number },
): DictionaryTable | undefined {
  if (nonNull > MAX_ENTRIES || bytes.length - from > MAX_BYTES) return undefined
  const kept = Uint8Array.from(bytes.subarray(from))
  const isVariable = leaf.physicalType === PHYSICAL.BYTE_ARRAY
  const ends = isVariable ? endsOf(kept, nonNull) : undefined
  const seen = new Uint32Array(nonNull)
  let page = 0
  const startOf = (index: number): number =>
    ends === undefined ? index * leaf.width : (index === 0 ? 0 : (ends[index - 1] as number)) + 4
  const endOf = (index: number): number => (ends === undefined ? (index + 1) * leaf.width : (ends[index] as number))
  return {
    size: nonNull,
    nextPage() {
      page++
    },
    lengthOf: (index) => endOf(index) - startOf(index),
    use(tally, index) {
      if (seen[index] === page) return
      seen[index] = page
      tally.addOne(kept, startOf(index), endOf(index))
    },
  }
}

/** Exclusive ends of PLAIN byte arrays. */
function endsOf(bytes: Uint8Array, count: number): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ends = new Uint32Array(count)
  let at = 0
  for (let index = 0; index < count; index++) {
    at += 4 + view.getUint32(at, true)
    ends[index] = at
  }
  return ends
}
