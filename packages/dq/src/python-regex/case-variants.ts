import type { CodePointRange } from './syntax.ts'

/**
 * The code points that Python's `re` takes for the same one when case is ignored, itself included. Python compares simple
 * lower-case forms and knows a few pairs besides; JavaScript's own mappings give the same groups but for those in
 * {@link EXCEPTIONS} (compared over all of Unicode).
 */
export function caseVariants(point: number, ascii: boolean): readonly number[] {
  if (ascii) {
    const isLetter = (point >= 0x41 && point <= 0x5a) || (point >= 0x61 && point <= 0x7a)
    return isLetter ? [point, point ^ 0x20] : [point]
  }
  const exception = EXCEPTIONS.find((group) => group.includes(point))
  return exception ?? caseGroups().get(point) ?? [point]
}

/** All case variants of the code points in the ranges. */
export function withCaseVariants(ranges: readonly CodePointRange[], ascii: boolean): readonly CodePointRange[] {
  const extra: CodePointRange[] = []
  const merged = mergeRanges(ranges)
  for (const [first, last] of merged) {
    // Nothing above this has two cases.
    for (let point = first; point <= Math.min(last, LAST_CASED); point++)
      for (const variant of caseVariants(point, ascii))
        if (variant < first || variant > last) extra.push([variant, variant])
  }
  return mergeRanges([...merged, ...extra])
}

/** Ascending, without overlaps or neighbours. */
export function mergeRanges(ranges: readonly CodePointRange[]): readonly CodePointRange[] {
  const merged: [number, number][] = []
  for (const [first, last] of ranges.toSorted((left, right) => left[0] - right[0])) {
    const previous = merged.at(-1)
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last)
    else merged.push([first, last])
  }
  return merged
}

/** What is not in the ranges, which are ascending. */
export function complementOf(ranges: readonly CodePointRange[]): readonly CodePointRange[] {
  const rest: CodePointRange[] = []
  let start = 0
  for (const [first, last] of ranges) {
    if (first > start) rest.push([start, first - 1])
    start = last + 1
  }
  if (start <= LAST_POINT) rest.push([start, LAST_POINT])
  return rest
}

export const LAST_POINT = 0x10ffff
const LAST_CASED = 0x1ffff

const EXCEPTIONS: readonly (readonly number[])[] = [
  // I, i, dotted capital, dotless small
  [0x49, 0x69, 0x130, 0x131],
  [0x390, 0x1fd3],
  [0x3b0, 0x1fe3],
  [0xfb05, 0xfb06],
]

let groups: ReadonlyMap<number, readonly number[]> | undefined

function caseGroups(): ReadonlyMap<number, readonly number[]> {
  groups ??= buildCaseGroups()
  return groups
}

function buildCaseGroups(): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>()
  const join = (left: number, right: number): void => {
    const one = found.get(left) ?? [left]
    const other = found.get(right) ?? [right]
    if (one === other) return
    const joined = [...one, ...other]
    for (const point of joined) found.set(point, joined)
  }
  for (let point = 0; point <= LAST_CASED; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const text = String.fromCodePoint(point)
    for (const mapped of [text.toLowerCase(), text.toUpperCase()]) {
      const target = mapped.codePointAt(0) ?? point
      if (target !== point && mapped.length === (target > 0xffff ? 2 : 1)) join(point, target)
    }
  }
  return found
}
