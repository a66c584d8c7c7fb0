/** The candidate most like a misspelt word, or undefined if none is near (a third of its letters may differ). */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  const lower = word.toLowerCase()
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const distance = editDistance(lower, candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Letters that are compared. */
const LONGEST = 200

// Two rows for all calls: 5,000 misspelt names among 10,000 columns are 50 million calls.
const ROWS = [new Int32Array(LONGEST + 2), new Int32Array(LONGEST + 2)] as const

/**
 * Levenshtein distance over the first 200 characters, or `limit` if it is not below. Only the cells near the diagonal are
 * filled: further away the distance is beyond the limit in any case.
 */
function editDistance(left: string, right: string, limit: number): number {
  const [rows, columns] = [Math.min(left.length, LONGEST), Math.min(right.length, LONGEST)]
  let [previous, current] = [ROWS[0], ROWS[1]]
  for (let index = 0; index <= columns + 1; index++) previous[index] = index
  for (let row = 1; row <= rows; row++) {
    const first = Math.max(1, row - limit + 1)
    const last = Math.min(columns, row + limit - 1)
    current[first - 1] = first === 1 ? row : limit
    let smallest = current[first - 1] ?? limit
    const letter = left.charCodeAt(row - 1)
    for (let index = first; index <= last; index++) {
      const substituted = (previous[index - 1] ?? limit) + (letter === right.charCodeAt(index - 1) ? 0 : 1)
      const inserted = (current[index - 1] ?? limit) + 1
      const deleted = (previous[index] ?? limit) + 1
      const distance = Math.min(substituted, inserted, deleted)
      current[index] = distance
      if (distance < smallest) smallest = distance
    }
    if (smallest >= limit) return limit
    current[last + 1] = limit
    ;[previous, current] = [current, previous]
  }
  return Math.min(previous[columns] ?? limit, limit)
}
