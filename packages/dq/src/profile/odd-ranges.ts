import { isTemporal } from './column-family.ts'
import { spansOf } from './draft-range.ts'
import { rangesMove, rangesStay, type Span } from './moving-ranges.ts'
import { oddLowTail, oddTail, type OddTail, type Reading, type TailRule } from './odd-tail.ts'
import { otherFiles, type Oddity } from './oddity.ts'
import type { ColumnProfile, SliceFacts } from './profile-types.ts'
import { formatValue } from './suggestion.ts'
import { YEAR_MS } from './temporal.ts'

/** Files whose largest or smallest number or time lies far beyond that of all others. */
export function findOddRanges(column: ColumnProfile, slices: readonly SliceFacts[]): readonly Oddity[] {
  const spans = new Map<number, Span>()
  for (const [at, slice] of slices.entries()) {
    const span = spansOf({ family: column.family, slices: [slice] })[0]
    if (span !== undefined) spans.set(at, span)
  }
  const rule = ruleFor(column, [...spans.values()], (others) => widthOf(others.flatMap((at) => spans.get(at) ?? [])))
  const highs = [...spans].map(([at, span]): Reading => ({ at, value: span.high }))
  const lows = [...spans].map(([at, span]): Reading => ({ at, value: span.low }))
  const high = oddTail(highs, rule)
  const low = oddLowTail(lows, rule)
  return [
    ...(high === undefined ? [] : describe(column, slices, high, 'max')),
    ...(low === undefined ? [] : describe(column, slices, low, 'min')),
  ]
}

function ruleFor(column: ColumnProfile, spans: readonly Span[], spanOf: TailRule['spanOf']): TailRule {
  if (!isTemporal(column.family)) {
    const whole = column.family === 'integer' ? 1 : 0
    return { spanOf, spans: rangesMove(spans) ? 5 : 1, smallestGap: whole }
  }
  // Time passes from file to file: only a jump of years, or of many times the whole history, is odd.
  return rangesStay(spans) ? { spanOf, spans: 1, smallestGap: YEAR_MS } : { spanOf, spans: 5, smallestGap: 2 * YEAR_MS }
}

function describe(
  column: ColumnProfile,
  slices: readonly SliceFacts[],
  tail: OddTail,
  side: 'min' | 'max',
): readonly Oddity[] {
  const pick = (at: number): string => formatValue(slices[at]?.[side])
  const edge = tail.others.find((at) => readingOf(column, slices[at], side) === tail.edge)
  const where = `${otherFiles(tail.others.length)} stay at or ${side === 'max' ? 'below' : 'above'} ${edge === undefined ? tail.edge : pick(edge)}`
  return tail.at.map((at) => ({
    at,
    what: `${side} ${pick(at)} where ${where}`,
    check: 'expect_column_values_to_be_between',
  }))
}

function readingOf(column: ColumnProfile, slice: SliceFacts | undefined, side: 'min' | 'max'): number | undefined {
  if (slice === undefined) return undefined
  const span = spansOf({ family: column.family, slices: [slice] })[0]
  return side === 'max' ? span?.high : span?.low
}

function widthOf(spans: readonly Span[]): number {
  return Math.max(...spans.map((span) => span.high)) - Math.min(...spans.map((span) => span.low))
}
