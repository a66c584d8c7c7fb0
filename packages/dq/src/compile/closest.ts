/**
 * The candidate most like a misspelt word, or undefined if none is near: a third of its letters may differ, and three among
 * more than 1,000 candidates. Of several equally near ones, the first. The candidates are sorted once and remembered: the
 * list must not change afterwards.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const sorted = sortedNames(candidates)
  // Long names that all begin alike are the slow case, and what differs more is hardly the one that was meant.
  const most = Math.min(Math.max(2, Math.floor(word.length / 3)), candidates.length > MANY ? 3 : Infinity)
  // Most slips are of one or two letters, and those are found without looking at much.
  return nearest(word, sorted, 2) ?? (most > 2 ? nearest(word, sorted, most) : undefined)
}

const MANY = 1_000

/** Letters that are compared. */
const LONGEST = 200

interface SortedName {
  readonly name: string
  /** Its place in the list. */
  readonly place: number
  /** In small letters, the first 200. */
  readonly key: string
  /** How many letters it begins with like the one before it. */
  readonly shared: number
}

const SORTED = new WeakMap<readonly string[], readonly SortedName[]>()

function sortedNames(candidates: readonly string[]): readonly SortedName[] {
  const known = SORTED.get(candidates)
  if (known !== undefined) return known
  const keys = candidates
    .map((name, place) => ({ name, place, key: keyOf(name) }))
    .toSorted((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : left.place - right.place))
  const sorted = keys.map((item, index) => ({ ...item, shared: sharedLetters(item.key, keys[index - 1]?.key ?? '') }))
  SORTED.set(candidates, sorted)
  return sorted
}

function keyOf(name: string): string {
  return name.toLowerCase().slice(0, LONGEST)
}

function sharedLetters(left: string, right: string): number {
  let count = 0
  while (count < left.length && left.charCodeAt(count) === right.charCodeAt(count)) count++
  return count
}

// One row per letter of a candidate and one for none, for all calls.
const ROWS: readonly Int32Array[] = Array.from({ length: LONGEST + 1 }, () => new Int32Array(LONGEST + 2))

/**
 * The candidate with the smallest Levenshtein distance, if that is at most `most`. Names that begin alike share the rows of
 * the table, and all that begin hopelessly are passed over: 5,000 misspelt names among 10,000 columns would be 50 million
 * tables otherwise.
 */
function nearest(word: string, sorted: readonly SortedName[], most: number): string | undefined {
  const wanted = keyOf(word)
  let best: SortedName | undefined
  let limit = most
  /** How many letters of the candidate the rows stand for, and from how many on nothing can be near. */
  let [known, hopeless] = [0, Infinity]
  ROWS[0]?.forEach((_, column, row) => (row[column] = column))
  for (const item of sorted) {
    if (item.shared >= hopeless) continue
    hopeless = Infinity
    known = Math.min(known, item.shared)
    if (Math.abs(item.name.length - word.length) > limit) continue
    while (known < item.key.length && hopeless === Infinity) {
      known++
      if (fillRow(known, item.key.charCodeAt(known - 1), wanted, limit) > limit) hopeless = known
    }
    if (hopeless !== Infinity) continue
    const distance = ROWS[item.key.length]?.[wanted.length] ?? Infinity
    if (distance < limit || (distance === limit && (best === undefined || item.place < best.place)))
      [best, limit] = [item, distance]
  }
  return best?.name
}

/** Fills the cells of a row that are near the diagonal: the others are beyond the limit in any case. The smallest of them. */
function fillRow(row: number, letter: number, wanted: string, limit: number): number {
  const [above, current] = [ROWS[row - 1], ROWS[row]]
  if (above === undefined || current === undefined) return Infinity
  const beyond = limit + 1
  const [first, last] = [Math.max(1, row - limit), Math.min(wanted.length, row + limit)]
  current[first - 1] = first === 1 ? row : beyond
  let smallest = current[first - 1] ?? beyond
  for (let column = first; column <= last; column++) {
    const substituted = (above[column - 1] ?? beyond) + (letter === wanted.charCodeAt(column - 1) ? 0 : 1)
    const distance = Math.min(substituted, (current[column - 1] ?? beyond) + 1, (above[column] ?? beyond) + 1)
    current[column] = distance
    if (distance < smallest) smallest = distance
  }
  current[last + 1] = beyond
  return smallest
}
