import { ENOUGH_ROWS } from './draft.ts'
import type { CompoundKey, ProfiledFile } from './profile-types.ts'
import { partSql } from './sampling.ts'
import { queryRows, toCount, type Scan, type ScanColumn } from './scan.ts'

export interface KeyCandidate {
  readonly column: ScanColumn
  /** Distinct values in the sample. */
  readonly distinct: number
}

/**
 * The two or three columns that together identify the rows of each file, where no column does alone. Searched among the
 * columns with the most values on two thirds of the sample, then counted over all rows: at most two queries on the sample
 * and three on all rows. Null if there is none, or if so few rows of so many combinations are distinct by chance.
 */
export async function scanCompoundKey(
  scan: Scan,
  candidates: readonly KeyCandidate[],
  files: readonly ProfiledFile[],
  from: string,
): Promise<CompoundKey | null> {
  const largest = Math.max(0, ...files.map((file) => file.rows))
  if (largest < ENOUGH_ROWS || candidates.length < 2) return null
  const best = candidates
    .toSorted((a, b) => b.distinct - a.distinct || a.column.position - b.column.position)
    .slice(0, 6)
  for (const size of [2, 3]) {
    const tuples = tuplesOf(best, size)
      .map((tuple) => ({ tuple, repeats: expectedRepeats(tuple, largest) }))
      .filter(({ tuple, repeats }) => repeats >= 3 && combinations(tuple) >= largest)
      .sort((a, b) => b.repeats - a.repeats)
    const unique = await uniqueTuples(
      scan,
      tuples.map(({ tuple }) => tuple),
      `${from} WHERE ${partSql(scan.relation, scan.session.dialect)} <> 1`,
    )
    for (const { tuple } of tuples.filter((_, index) => unique[index] === true).slice(0, 3)) {
      const [holds] = await uniqueTuples(scan, [tuple], `${scan.relation.sql} AS t`)
      if (holds === true)
        return {
          columns: tuple.toSorted((a, b) => a.column.position - b.column.position).map(({ column }) => column.name),
          rows: files.reduce((sum, file) => sum + file.rows, 0),
        }
    }
    // Three columns hold a pair that is unique already; a pair that fails on all rows fails for no good reason in three.
    if (unique.includes(true)) return null
  }
  return null
}

/** Whether no combination occurs twice in a file. */
async function uniqueTuples(
  scan: Scan,
  tuples: readonly (readonly KeyCandidate[])[],
  from: string,
): Promise<readonly boolean[]> {
  if (tuples.length === 0) return []
  const { dialect } = scan.session
  const file = `t.${dialect.identifier(scan.relation.fileColumn)}`
  const row = dialect.name === 'spark' ? 'struct' : 'row'
  const counted = tuples.map(
    (tuple) => `count(DISTINCT ${row}(${[file, ...tuple.map(({ column }) => column.sql)].join(', ')}))`,
  )
  const [answer = []] = await queryRows(scan, `SELECT count(*), ${counted.join(', ')} FROM ${from}`)
  const rows = toCount(answer[0])
  return tuples.map((_, index) => rows > 0 && toCount(answer[index + 1]) === rows)
}

function tuplesOf(items: readonly KeyCandidate[], size: number): readonly (readonly KeyCandidate[])[] {
  if (size === 0) return [[]]
  return items.flatMap((item, index) => tuplesOf(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]))
}

function combinations(tuple: readonly KeyCandidate[]): number {
  return tuple.reduce((product, { distinct }) => product * distinct, 1)
}

/** Pairs of equal rows that chance would bring, were the columns independent: n²/2R. */
function expectedRepeats(tuple: readonly KeyCandidate[], rows: number): number {
  return (rows * rows) / (2 * combinations(tuple))
}
