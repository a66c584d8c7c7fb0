import type { ProfiledFile, ProfiledSlice } from './profile-types.ts'
import { partSql } from './sampling.ts'
import { batches, queryRows, toCount, toText, type Scan, type ScanColumn } from './scan.ts'
import { TEXT_CLASSES, patternOf, type TextClass } from './text-class.ts'

export interface ClassFacts {
  readonly textClass: TextClass
  /** By slice position: texts looked at, and those of the class. */
  readonly slices: readonly { readonly tried: number; readonly matched: number }[]
}

/** Rows on which all patterns are tried, to see which one is worth counting. */
export const CLASS_TEST_ROWS = 2_000

/**
 * Which kind of text each column holds. All patterns are tried on a small sample (`few`); the best one, if it fits at
 * least half of the values there, is counted on the large one (`many`).
 */
export async function scanClasses(
  scan: Scan,
  columns: readonly ScanColumn[],
  files: readonly ProfiledFile[],
  slices: readonly ProfiledSlice[],
  from: { readonly few: string; readonly many: string },
): Promise<ReadonlyMap<number, ClassFacts>> {
  const dialect = scan.session.dialect
  const chosen: { readonly column: ScanColumn; readonly textClass: TextClass }[] = []
  for (const batch of batches(columns, COLUMNS_PER_SCAN)) {
    const selected = batch.flatMap((column) => [
      `count(${column.sql})`,
      ...TEXT_CLASSES.map((item) => dialect.countIf(dialect.regexSearch(column.textSql, item.pattern))),
    ])
    const row = (await queryRows(scan, `SELECT ${selected.join(', ')} FROM ${from.few}`))[0] ?? []
    const width = TEXT_CLASSES.length + 1
    for (const [at, column] of batch.entries()) {
      const textClass = bestClass(row.slice(at * width, (at + 1) * width).map(toCount))
      if (textClass !== undefined) chosen.push({ column, textClass })
    }
  }

  const parted = slices.some((slice) => slice.part > 0)
  const part = parted ? partSql(scan.relation, dialect) : '0'
  const keyed = new Map(
    slices.map((slice, position) => [JSON.stringify([files[slice.file]?.key, slice.part]), position]),
  )
  const result = new Map<number, ClassFacts>()
  for (const batch of batches(chosen, COLUMNS_PER_SCAN)) {
    const counted = batch.map(() => slices.map(() => ({ tried: 0, matched: 0 })))
    const selected = batch.flatMap(({ column, textClass }) => [
      `count(${column.sql})`,
      dialect.countIf(dialect.regexSearch(column.textSql, patternOf(textClass))),
    ])
    const key = `t.${dialect.identifier(scan.relation.fileColumn)}`
    const sql = `SELECT ${key} AS f, ${part} AS p, ${selected.join(', ')} FROM ${from.many} GROUP BY 1, 2`
    for (const row of await queryRows(scan, sql)) {
      const slice = keyed.get(JSON.stringify([toText(row[0]) ?? '', toCount(row[1])]))
      if (slice === undefined) continue
      for (const [at, facts] of counted.entries()) {
        facts[slice] = { tried: toCount(row[at * 2 + 2]), matched: toCount(row[at * 2 + 3]) }
      }
    }
    for (const [at, { column, textClass }] of batch.entries()) {
      result.set(column.position, { textClass, slices: counted[at] ?? [] })
    }
  }
  return result
}

const COLUMNS_PER_SCAN = 40

/** The class that fits most values, if it fits half of them; the earlier one of two that fit as many. */
function bestClass([tried = 0, ...matched]: readonly number[]): TextClass | undefined {
  const most = Math.max(0, ...matched)
  if (most === 0 || most * 2 < tried) return undefined
  return TEXT_CLASSES[matched.indexOf(most)]?.name
}
