import { isTemporal } from './column-family.ts'
import type { OrderedColumn } from './profile-types.ts'
import { queryRows, toCount, type Scan, type ScanColumn } from './scan.ts'

/** From how many rows on an order is no accident of small files. */
export const ENOUGH_FOR_ORDER = 1000

/** Beyond this many rows the proof, which sorts them, costs more than it tells. */
const MOST_ROWS = 50_000_000

/**
 * The column that the rows of each file are in the order of, from columns that never step down in the sample: a time
 * before a number, one without repetitions before others. Proved over all rows with one query; one column at most, because
 * a check of order is among the costly ones.
 */
export async function scanOrderedColumn(
  scan: Scan,
  candidates: readonly ScanColumn[],
  rows: number,
): Promise<OrderedColumn | null> {
  const tried = candidates.toSorted((a, b) => rank(a) - rank(b) || a.position - b.position).slice(0, 3)
  if (tried.length === 0 || rows < ENOUGH_FOR_ORDER || rows > MOST_ROWS) return null
  const { dialect } = scan.session
  const window =
    `OVER (PARTITION BY t.${dialect.identifier(scan.relation.fileColumn)} ` +
    `ORDER BY t.${dialect.identifier(scan.relation.rowColumn)})`
  const inner = tried.flatMap((column, at) => [`${column.sql} AS a${at}`, `lag(${column.sql}) ${window} AS b${at}`])
  const outer = tried.flatMap((_, at) => [
    dialect.countIf(`s.a${at} > s.b${at}`),
    dialect.countIf(`s.a${at} = s.b${at}`),
    dialect.countIf(`s.a${at} < s.b${at}`),
  ])
  const sql = `SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${scan.relation.sql} AS t) AS s`
  const [answer = []] = await queryRows(scan, sql)
  const found = tried.flatMap((column, at): readonly OrderedColumn[] => {
    const [up, same, down] = [0, 1, 2].map((offset) => toCount(answer[at * 3 + offset]))
    if (down !== 0 || up === undefined || up < ENOUGH_FOR_ORDER / 2) return []
    return [{ column: column.name, strictly: same === 0, rows }]
  })
  return found.find((item) => item.strictly) ?? found[0] ?? null
}

function rank({ family }: ScanColumn): number {
  return isTemporal(family) ? 0 : 1
}
