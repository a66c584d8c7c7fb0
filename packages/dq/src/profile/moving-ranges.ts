/** Smallest and largest value of a slice on a number line. */
export interface Span {
  readonly low: number
  readonly high: number
}

/**
 * True where the slices lie side by side rather than on top of each other, as with times of events or running numbers:
 * of the neighbours in order, 70% overlap by no more than half of the shorter one. Needs three slices.
 */
export function rangesMove(spans: readonly Span[]): boolean {
  if (spans.length < 3) return false
  const sorted = [...spans].sort((a, b) => a.low - b.low || a.high - b.high)
  let apart = 0
  for (const [position, next] of sorted.entries()) {
    const before = sorted[position - 1]
    if (before === undefined) continue
    const overlap = Math.min(before.high, next.high) - next.low
    const shorter = Math.min(before.high - before.low, next.high - next.low)
    if (shorter === 0 ? overlap < 0 : overlap <= shorter / 2) apart += 1
  }
  return apart >= (sorted.length - 1) * 0.7
}

/**
 * True where every slice covers nearly the same stretch: 80% of them span at least 80% of the whole. Then time does not
 * pass from file to file (birthdays, dates of a catalogue). Needs five slices.
 */
export function rangesStay(spans: readonly Span[]): boolean {
  if (spans.length < 5) return false
  const low = Math.min(...spans.map((span) => span.low))
  const high = Math.max(...spans.map((span) => span.high))
  const wide = spans.filter((span) => span.high - span.low >= (high - low) * 0.8)
  return wide.length >= spans.length * 0.8
}
