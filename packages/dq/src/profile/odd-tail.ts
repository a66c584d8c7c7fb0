/** A per-file statistic. `at` says which file. */
export interface Reading {
  readonly at: number
  readonly value: number
}

export interface OddTail {
  /** Files that stand apart. */
  readonly at: readonly number[]
  /** The outermost reading of all the others. */
  readonly edge: number
  readonly others: readonly number[]
}

export interface TailRule {
  /** Width of the values in these files: what "far away" is measured by. */
  readonly spanOf: (others: readonly number[]) => number
  /** How many spans the gap must exceed. */
  readonly spans: number
  /** A gap up to this is never odd. */
  readonly smallestGap: number
}

/**
 * The files whose reading lies far above all others, if any: one in ten at most, so that a few spoiled files do not
 * excuse each other. All of these must hold for the gap between them and the others:
 *
 * - it is wider than the others' whole range of values (three times, if several files stand apart): with these files
 *   the range would at least double;
 * - it is twice as wide as the others' readings vary among themselves, and they are six MADs off the median;
 * - for positive readings the same on a log scale, so that a heavy tail, whose records beat each other by factors, passes.
 */
export function oddTail(readings: readonly Reading[], rule: TailRule): OddTail | undefined {
  const sorted = [...readings].sort((a, b) => b.value - a.value || a.at - b.at)
  const most = Math.max(1, Math.min(5, Math.floor(sorted.length / 10)))
  for (let size = most; size >= 1; size--) {
    const group = sorted.slice(0, size)
    const others = sorted.slice(size)
    if (others.length < 4) continue
    const found = standsApart(group.at(-1)?.value ?? 0, others, rule, size === 1 ? 1 : 3)
    if (found)
      return { at: group.map((item) => item.at), edge: others[0]?.value ?? 0, others: others.map((item) => item.at) }
  }
  return undefined
}

/** {@link oddTail} below instead of above. */
export function oddLowTail(readings: readonly Reading[], rule: TailRule): OddTail | undefined {
  const found = oddTail(
    readings.map(({ at, value }) => ({ at, value: -value })),
    rule,
  )
  return found === undefined ? undefined : { ...found, edge: -found.edge }
}

function standsApart(nearest: number, others: readonly Reading[], rule: TailRule, times: number): boolean {
  const values = others.map((item) => item.value)
  const edge = values[0] ?? 0
  const innermost = values.at(-1) ?? 0
  const gap = nearest - edge
  const span = rule.spanOf(others.map((item) => item.at))
  if (!(gap > rule.smallestGap) || gap <= times * rule.spans * span) return false
  // Where the others have no width at all, a step is measured by their size.
  if (span === 0 && gap <= Math.abs(edge) * 0.1) return false
  if (gap <= 2 * times * (edge - innermost)) return false
  const middle = median(values)
  const spread = median(values.map((value) => Math.abs(value - middle)))
  if (nearest - middle <= 6 * 1.4826 * spread) return false
  const [near, outer, inner] = [Math.abs(nearest), Math.abs(edge), Math.abs(innermost)]
  const oneSign = nearest > 0 === edge > 0 && edge > 0 === innermost > 0
  if (!oneSign || near <= outer || Math.min(outer, inner) === 0) return true
  return Math.log(near / outer) > times * Math.abs(Math.log(outer / inner))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
