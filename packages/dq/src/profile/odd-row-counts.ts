import { otherFiles, type Oddity } from './oddity.ts'
import { formatValue } from './suggestion.ts'

/**
 * Files with no rows where all others have some, and files ten times smaller or larger than any other, if that is also
 * more than the others differ among themselves.
 */
export function findOddRowCounts(rows: readonly number[]): readonly Oddity[] {
  const check = 'expect_table_row_count_to_be_between'
  return rows.flatMap((own, at): readonly Oddity[] => {
    const others = rows.filter((_, position) => position !== at)
    const least = Math.min(...others)
    const most = Math.max(...others)
    if (least <= 0) return []
    const range = least === most ? formatValue(least) : `${formatValue(least)} to ${formatValue(most)}`
    const have = `where ${otherFiles(others.length)} have ${range}`
    if (own === 0) return [{ at, what: `no rows ${have}`, check }]
    const factor = own < least ? least / own : own / most
    return factor > 10 && factor > most / least
      ? [{ at, what: `${formatValue(own)} row${own === 1 ? '' : 's'} ${have}`, check }]
      : []
  })
}
