/**
 * The order of the bytes of two texts in UTF-8, without making these bytes: negative, zero or positive. Code units agree with
 * it up to U+D7FF; above, the two halves of a pair stand for what comes after all single ones.
 */
export function comparePaths(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const one = left.charCodeAt(at)
    const other = right.charCodeAt(at)
    if (one !== other) return rank(one) - rank(other)
  }
  return left.length - right.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
