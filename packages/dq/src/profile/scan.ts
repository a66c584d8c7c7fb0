import type { Cell, ColumnSchema, Dialect, Relation, Session } from '@tidegate/core'
import { columnFamily, isRanged, type ColumnFamily } from './column-family.ts'

/** What every query of a profile needs. */
export interface Scan {
  readonly session: Session
  readonly relation: Relation
  readonly signal: AbortSignal | undefined
}

/** A column on its way through the profile. */
export interface ScanColumn {
  readonly position: number
  readonly name: string
  readonly type: string
  readonly family: ColumnFamily
  /** The column in SQL, of table `t`. */
  readonly sql: string
  /** Its values with NaN and infinities as NULL. */
  readonly finiteSql: string
  /** Its values as text (text family only). */
  readonly textSql: string
}

export function scanColumn(column: ColumnSchema, position: number, dialect: Dialect): ScanColumn {
  const family = columnFamily(column.type)
  const sql = `t.${dialect.identifier(column.name)}`
  return {
    position,
    name: column.name,
    type: column.type,
    family,
    sql,
    finiteSql: family === 'float' ? `CASE WHEN ${finite(sql, dialect)} THEN ${sql} END` : sql,
    textSql: /^(VARCHAR|TEXT|STRING)/i.test(column.type) ? sql : dialect.toText(sql),
  }
}

/** Aggregates of one column, in a fixed order, and how their cells are read back. */
export interface FactsOfColumn {
  readonly column: ScanColumn
  readonly sql: readonly string[]
}

/** What the first scan asks of a column: values, misfits, non-finite values, smallest, largest (length for text). */
export function factsOf(column: ScanColumn, relation: Relation, dialect: Dialect): FactsOfColumn {
  const misfits =
    relation.misfitColumn === undefined
      ? '0'
      : dialect.countIf(
          `array_contains(t.${dialect.identifier(relation.misfitColumn)}, ${dialect.literal(column.name)})`,
        )
  const nonFinite = column.family === 'float' ? `count(${column.sql}) - count(${column.finiteSql})` : '0'
  const measured = isRanged(column.family)
    ? column.finiteSql
    : column.family === 'text'
      ? dialect.textLength(column.textSql)
      : 'NULL'
  return {
    column,
    sql: [`count(${column.sql})`, misfits, nonFinite, `min(${measured})`, `max(${measured})`],
  }
}

export async function queryRows(scan: Scan, sql: string): Promise<readonly (readonly Cell[])[]> {
  const options = scan.signal === undefined ? {} : { signal: scan.signal }
  return (await scan.session.query(sql, options)).rows
}

/** Lists of at most `size` items. */
export function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const result: T[][] = []
  for (let start = 0; start < items.length; start += size) result.push(items.slice(start, start + size))
  return result
}

export function toCount(cell: Cell | undefined): number {
  return typeof cell === 'number' || typeof cell === 'bigint' ? Number(cell) : 0
}

/** The text of a value with all digits; null for NULL. */
export function toText(cell: Cell | undefined): string | null {
  if (cell === null || cell === undefined) return null
  if (typeof cell === 'string') return cell
  return typeof cell === 'object' ? null : String(cell)
}

function finite(sql: string, dialect: Dialect): string {
  // A comparison alone would believe a footer that does not tell of NaN.
  return `${sql} > ${dialect.literal(-Infinity)} AND ${sql} < ${dialect.literal(Infinity)} AND NOT isnan(${sql})`
}
