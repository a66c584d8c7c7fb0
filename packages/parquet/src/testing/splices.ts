/** Changes to a file as data, so that what was touched is known without comparing files. */

/** [start, end), bytes from the start of the file. */
export type ByteRange = readonly [start: number, end: number]

/** Puts `bytes` in the place of [offset, offset + length). Several of them are sorted and do not overlap. */
export interface Splice {
  readonly offset: number
  readonly length: number
  readonly bytes: Uint8Array
}

/** What splices did to a file, in coordinates of the original. Each list is in order and without overlaps. */
export interface ByteMap {
  /** Overwritten with other bytes. */
  readonly changed: readonly ByteRange[]
  readonly deleted: readonly ByteRange[]
  readonly inserted: readonly { readonly offset: number; readonly length: number }[]
}

export function applySplices(original: Uint8Array, splices: readonly Splice[]): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  for (const splice of inOrder(splices)) {
    if (splice.offset < at || splice.offset + splice.length > original.length)
      throw new RangeError(`splice at ${splice.offset} overlaps another or lies outside`)
    parts.push(original.subarray(at, splice.offset), splice.bytes)
    at = splice.offset + splice.length
  }
  parts.push(original.subarray(at))
  return new Uint8Array(Buffer.concat(parts))
}

/** Bytes that a splice puts back as they were do not count as touched. */
export function byteMapOf(original: Uint8Array, splices: readonly Splice[]): ByteMap {
  const changed: ByteRange[] = []
  const deleted: ByteRange[] = []
  const inserted: { offset: number; length: number }[] = []
  for (const splice of inOrder(splices)) {
    if (splice.bytes.length === splice.length) {
      changed.push(...differences(original, splice))
      continue
    }
    const trimmed = trim(original, splice)
    if (trimmed.length === 0) inserted.push({ offset: trimmed.offset, length: trimmed.bytes.length })
    else if (trimmed.bytes.length === 0) deleted.push([trimmed.offset, trimmed.offset + trimmed.length])
    else changed.push([trimmed.offset, trimmed.offset + trimmed.length])
  }
  return { changed, deleted, inserted }
}

/** Where the byte at `offset` of the original is afterwards, provided that it is still there. */
export function offsetAfter(splices: readonly Splice[], offset: number): number {
  let shift = 0
  for (const splice of splices)
    if (splice.offset + splice.length <= offset) shift += splice.bytes.length - splice.length
  return offset + shift
}

/** True when nothing inside [start, end) was overwritten, taken away or pushed apart. */
export function isUntouched({ changed, deleted, inserted }: ByteMap, [start, end]: ByteRange): boolean {
  const meets = (ranges: readonly ByteRange[]): boolean => {
    const next = firstIndex(ranges, ([, to]) => to > start)
    return (ranges[next]?.[0] ?? end) < end
  }
  const next = firstIndex(inserted, ({ offset }) => offset > start)
  return !meets(changed) && !meets(deleted) && (inserted[next]?.offset ?? end) >= end
}

/** The first item for which the test holds, in a list where it then holds to the end; its length if there is none. */
function firstIndex<T>(items: readonly T[], test: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (test(items[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}

function inOrder(splices: readonly Splice[]): readonly Splice[] {
  return [...splices].sort((a, b) => a.offset - b.offset || a.length - b.length)
}

function differences(original: Uint8Array, splice: Splice): ByteRange[] {
  const ranges: [number, number][] = []
  for (const [index, byte] of splice.bytes.entries()) {
    const at = splice.offset + index
    if (original[at] === byte) continue
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === at) last[1] = at + 1
    else ranges.push([at, at + 1])
  }
  return ranges
}

/** Without the bytes at both ends that stay the same. */
function trim(original: Uint8Array, { offset, length, bytes }: Splice): Splice {
  const shorter = Math.min(length, bytes.length)
  let head = 0
  while (head < shorter && original[offset + head] === bytes[head]) head++
  let tail = 0
  while (tail < shorter - head && original[offset + length - 1 - tail] === bytes[bytes.length - 1 - tail]) tail++
  return { offset: offset + head, length: length - head - tail, bytes: bytes.subarray(head, bytes.length - tail) }
}
