/** The candidate most like a misspelt word (a third of its letters may differ), or one it begins; undefined if none is near. */
export function closestWord(word: string, candidates: readonly string[]): string | undefined {
  const wanted = fold(word)
  if (wanted === '' || wanted.length > 40) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, fold(candidate))
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best ?? candidates.find((candidate) => wanted.length >= 3 && fold(candidate).startsWith(wanted))
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, '')
}

/** Insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1]
      let distance = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
      if (swapped) distance = Math.min(distance, at(i - 2, j - 2) + 1)
      row.push(distance)
    }
  }
  return at(left.length, right.length)
}
