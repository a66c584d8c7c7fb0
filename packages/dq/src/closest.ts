/** The candidate most like a misspelt word, or undefined if none is near (a third of its letters may differ). */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Levenshtein distance over the first 200 characters. */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, 200)
  const b = right.slice(0, 200)
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let index = 1; index <= b.length; index++) {
      const substitution = (previous[index - 1] ?? 0) + (a[row - 1] === b[index - 1] ? 0 : 1)
      current.push(Math.min(substitution, (previous[index] ?? 0) + 1, (current[index - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
