import { otherFiles, type Oddity } from './oddity.ts'
import { formatValue } from './suggestion.ts'

/**
 * Files with no rows where all others have some, and files ten times smaller or larger than any other, if that is also
 * more than the others differ among themselves.
 */
export function findOddRowCounts(rows: readonly number[]): readonly Oddity[] {
  const check = 'expect_table_row_count_to_be_between'
  const sorted = [...rows].sort((a, b) => a - b)
  return rows.flatMap((own, at): readonly Oddity[] => {
    // Smallest and largest of the others, who are all but this one.
    const least = (own === sorted[0] ? sorted[1] : sorted[0]) ?? 0
    const most = (own === sorted.at(-1) ? sorted.at(-2) : sorted.at(-1)) ?? 0
    if (least <= 0) return []
    const range = least === most ? formatValue(least) : `${formatValue(least)} to ${formatValue(most)}`
    const have = `where ${otherFiles(rows.length - 1)} have ${range}`
    if (own === 0) return [{ at, what: `no rows ${have}`, check }]
    const factor = own < least ? least / own : own / most
    return factor > 10 && factor > most / least
      ? [{ at, what: `${formatValue(own)} row${own === 1 ? '' : 's'} ${have}`, check }]
      : []
  })
}
