import type { ProfiledFile, ProfiledSlice, ValueCount } from './profile-types.ts'
import { partSql } from './sampling.ts'
import { batches, queryRows, toCount, toText, type Scan, type ScanColumn } from './scan.ts'
import { looksPersonal } from './text-class.ts'

export interface ValueFacts {
  /** Most frequent first. */
  readonly values: readonly ValueCount[]
  /** By slice position: pairs of position in `values` and count. */
  readonly slices: readonly (readonly (readonly [number, number])[])[]
}

/** Columns with more values than this keep none. */
export const VALUES_KEPT = 200

/** All values of columns that have few, counted per slice over all rows; one scan per 20 columns. */
export async function scanValues(
  scan: Scan,
  columns: readonly ScanColumn[],
  files: readonly ProfiledFile[],
  slices: readonly ProfiledSlice[],
): Promise<ReadonlyMap<number, ValueFacts>> {
  const { relation } = scan
  const dialect = scan.session.dialect
  const part = slices.some((slice) => slice.part > 0) ? partSql(relation, dialect) : '0'
  const keyed = new Map(
    slices.map((slice, position) => [JSON.stringify([files[slice.file]?.key, slice.part]), position]),
  )
  const result = new Map<number, ValueFacts>()

  for (const batch of batches(columns, COLUMNS_PER_SCAN)) {
    const names = batch.map((_, at) => `c${at}`)
    const inner = batch.map((column, at) => `${column.textSql} AS c${at}`)
    const outer = names.flatMap((name) => [`s.${name}`, `grouping(s.${name})`])
    const sql =
      `SELECT s.f, s.p, count(*), ${outer.join(', ')} FROM ` +
      `(SELECT t.${dialect.identifier(relation.fileColumn)} AS f, ${part} AS p, ${inner.join(', ')} FROM ${relation.sql} AS t) AS s ` +
      `GROUP BY GROUPING SETS (${names.map((name) => `(s.f, s.p, s.${name})`).join(', ')})`
    const counts = batch.map(() => new Map<string, Map<number, number>>())
    for (const row of await queryRows(scan, sql)) {
      const slice = keyed.get(JSON.stringify([toText(row[0]) ?? '', toCount(row[1])]))
      const at = names.findIndex((_, index) => toCount(row[4 + index * 2]) === 0)
      const value = toText(row[3 + at * 2])
      if (slice === undefined || at < 0 || value === null) continue
      const bySlice = counts[at]?.get(value) ?? new Map<number, number>()
      bySlice.set(slice, toCount(row[2]))
      counts[at]?.set(value, bySlice)
    }
    for (const [at, column] of batch.entries()) {
      const facts = toFacts(counts[at] ?? new Map<string, Map<number, number>>(), slices.length)
      if (facts !== undefined) result.set(column.position, facts)
    }
  }
  return result
}

const COLUMNS_PER_SCAN = 20

function toFacts(counts: ReadonlyMap<string, ReadonlyMap<number, number>>, slices: number): ValueFacts | undefined {
  // One address among the codes is enough: a list that may name a person is not kept at all.
  if (counts.size > VALUES_KEPT || [...counts.keys()].some(looksPersonal)) return undefined
  const ordered = [...counts]
    .map(([value, bySlice]) => ({
      value,
      bySlice,
      count: [...bySlice.values()].reduce((sum, count) => sum + count, 0),
    }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  const lists: [number, number][][] = Array.from({ length: slices }, () => [])
  for (const [position, { bySlice }] of ordered.entries()) {
    for (const [slice, count] of bySlice) lists[slice]?.push([position, count])
  }
  return { values: ordered.map(({ value, count }) => ({ value, count })), slices: lists }
}
