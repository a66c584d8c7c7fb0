/** Names and paths in the order of their bytes, which two listings and the state's index have in common. */
import { comparePaths } from '@tidegate/core'

/** Up to here the order of UTF-16 is that of the bytes of UTF-8. */
const NOT_PLAIN = /[\uD800-\uFFFF]/

/** In place. */
export function sortPaths(paths: string[]): void {
  if (paths.some((path) => NOT_PLAIN.test(path))) paths.sort(comparePaths)
  // By code units, which without a comparing function is several times as fast.
  else paths.sort()
}

/** Index of the first of some sorted paths, from one on, that does not come before another path. */
export function firstAfter(paths: readonly string[], from: number, other: string): number {
  let low = from
  let high = paths.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comparePaths(paths[middle] as string, other) < 0) low = middle + 1
    else high = middle
  }
  return low
}
