/** Sets of rows as ranges [from, to): ascending and apart from each other. */
import type { RowSpan } from '../../pages/row-spans.ts'

export function joinRanges(ranges: readonly RowSpan[]): RowSpan[] {
  const joined: { from: number; to: number }[] = []
  for (const { from, to } of ranges.toSorted((left, right) => left.from - right.from)) {
    const last = joined.at(-1)
    if (to <= from) continue
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined
}

/** What of `range` is in none of `holes` (joined). */
export function withoutRanges(range: RowSpan, holes: readonly RowSpan[]): RowSpan[] {
  const rest: RowSpan[] = []
  let { from } = range
  for (const hole of holes) {
    if (hole.to <= from || hole.from >= range.to) continue
    if (hole.from > from) rest.push({ from, to: hole.from })
    from = hole.to
  }
  if (from < range.to) rest.push({ from, to: range.to })
  return rest
}

export function overlapWith(range: RowSpan, ranges: readonly RowSpan[]): RowSpan[] {
  return ranges
    .filter(({ from, to }) => from < range.to && to > range.from)
    .map(({ from, to }) => ({ from: Math.max(from, range.from), to: Math.min(to, range.to) }))
}

export function meetsRanges({ from, to }: RowSpan, ranges: readonly RowSpan[]): boolean {
  return ranges.some((range) => range.from < to && range.to > from)
}

/** The parts of `range` between the limits of other ranges that fall into it. */
export function splitAtLimits(range: RowSpan, others: readonly RowSpan[]): RowSpan[] {
  const limits = [...new Set(others.flatMap(({ from, to }) => [from, to]))]
    .filter((limit) => limit > range.from && limit < range.to)
    .toSorted((left, right) => left - right)
  return [range.from, ...limits].map((from, index) => ({ from, to: limits[index] ?? range.to }))
}

export function countRows(ranges: readonly RowSpan[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0)
}
