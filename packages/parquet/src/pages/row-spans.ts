/** Rows inside a row group: [from, to), counted from 0. */
export interface RowSpan {
  readonly from: number
  readonly to: number
}

export interface RowPart {
  /** Undefined: not known. */
  readonly rows: number | undefined
  /** Its count comes from bytes that are damaged. */
  readonly doubtful: boolean
}

/**
 * Where in the row group the parts of a chunk lie, which follow each other and together have `total` rows. One part whose
 * count is unknown, or the only one in doubt, gets what the others leave. Of several unknown ones, those in between stay
 * unplaced; what is before the first and behind the last is placed from its side.
 */
export function placeRows(parts: readonly RowPart[], total: number): (RowSpan | undefined)[] {
  const counts = parts.map(({ rows }) => rows)
  const sum = counts.reduce<number>((left, rows) => left + (rows ?? 0), 0)
  const unknown = counts.flatMap((rows, index) => (rows === undefined ? [index] : []))
  const doubtful = parts.flatMap(({ doubtful: isDoubtful }, index) => (isDoubtful ? [index] : []))
  const open = unknown.length > 0 ? unknown : sum === total ? [] : doubtful
  const [only] = open
  if (open.length === 1 && only !== undefined) {
    const rest = total - (sum - (counts[only] ?? 0))
    counts[only] = rest >= 0 ? rest : undefined
  } else for (const index of open) counts[index] = undefined
  // Counts that contradict the total cannot be placed from the right.
  const spans: (RowSpan | undefined)[] = parts.map(() => undefined)
  let from = 0
  let index = 0
  for (; index < parts.length; index++) {
    const rows = counts[index]
    if (rows === undefined || from + rows > total) break
    spans[index] = { from, to: from + rows }
    from += rows
  }
  let to = total
  for (let right = parts.length - 1; right > index; right--) {
    const rows = counts[right]
    if (rows === undefined || to - rows < from) break
    spans[right] = { from: to - rows, to }
    to -= rows
  }
  return spans
}
