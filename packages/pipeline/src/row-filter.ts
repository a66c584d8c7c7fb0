/**
 * `watermark.filter: true`: rows below the watermark at the run's start, less its lag, are dropped by rule and counted. Rows
 * that broke a rule are rejected all the same; rows without a value are kept. The lag is a time: of a column that holds
 * numbers or text nothing is taken off. Where a text stands for a number or a time, it is compared as that: "1500" is not
 * below 900.
 */
import type { Cell, ColumnSchema, Dialect, Reason, Session, SourceConfig, Watermark } from '@tidegate/core'
import { parseType } from '@tidegate/dq'
import { foldName } from './target-columns.ts'

export interface RowFilter {
  readonly column: string
  /** The watermark at the run's start. */
  readonly value: string
  /** The type that the value is of. */
  readonly type: string
  readonly lagMs: number
}

export function rowFilterOf(
  { watermark }: Pick<SourceConfig, 'watermark'>,
  atStart: Watermark | undefined,
): RowFilter | undefined {
  if (watermark === undefined || !watermark.filter || atStart === undefined) return undefined
  if (foldName(atStart.column) !== foldName(watermark.column)) return undefined
  // Nothing can come after these, and everything is below them.
  if (isEndless(atStart.value)) return undefined
  return { column: watermark.column, value: atStart.value, type: atStart.type, lagMs: watermark.lagMs }
}

/** Not a number, or an infinity, as the engine writes them. */
export function isEndless(value: string): boolean {
  return /^[+-]?(nan|inf|infinity)$/i.test(value.trim())
}

/** The condition that drops a row; undefined where the file has no such column, or one that cannot be compared. */
export function droppedSql(filter: RowFilter, columns: readonly ColumnSchema[], dialect: Dialect): string | undefined {
  const { column, value, lagMs } = filter
  const own = columns.find(({ name }) => foldName(name) === foldName(column))
  const type = own === undefined ? undefined : comparedAs(own.type, filter.type)
  if (own === undefined || type === undefined) return undefined
  const isTime = isMoment(type)
  // A date has no room for hours.
  const highest = dialect.tryCast(dialect.literal(value), isTime && type.name === 'DATE' ? 'TIMESTAMP' : type.text)
  const lag = `INTERVAL ${dialect.literal(`${Math.trunc(lagMs)} milliseconds`)}`
  const name = dialect.identifier(own.name)
  const cell = type.text === parseType(own.type)?.text ? name : dialect.tryCast(name, type.text)
  return `coalesce(${cell} < ${isTime && lagMs > 0 ? `${highest} - ${lag}` : highest}, false)`
}

/** The type by which a column's values are compared with the watermark; undefined for what is no type. */
export function comparedAs(own: string, watermark: string): ReturnType<typeof parseType> {
  const [type, wanted] = [parseType(own), parseType(watermark)]
  return type?.class === 'text' && wanted !== undefined && wanted.class !== 'text' ? wanted : type
}

function isMoment(type: ReturnType<typeof parseType>): boolean {
  return type?.class === 'date' || type?.class === 'timestamp'
}

/** How many rows of this select it drops. */
export async function countFiltered(
  session: Session,
  from: string,
  file: { readonly columns: readonly ColumnSchema[] },
  filter: RowFilter,
  signal: AbortSignal,
): Promise<number> {
  const condition = droppedSql(filter, file.columns, session.dialect)
  if (condition === undefined) return 0
  const { rows } = await session.query(`SELECT count(*) FROM ${from} WHERE ${condition}`, { signal })
  return Number(rows[0]?.[0] ?? 0)
}

/** The same of many files at once, by what their file column holds. */
export async function countFilteredByFile(
  session: Session,
  relation: { readonly sql: string; readonly fileColumn: string; readonly columns: readonly ColumnSchema[] },
  filter: RowFilter,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { dialect } = session
  const condition = droppedSql(filter, relation.columns, dialect)
  if (condition === undefined) return new Map()
  const file = dialect.identifier(relation.fileColumn)
  const { rows } = await session.query(
    `SELECT ${file}, count(*) FROM ${relation.sql} WHERE ${condition} GROUP BY ${file}`,
    { signal },
  )
  return new Map(rows.map(([key, count]: readonly Cell[]) => [String(key), Number(count)]))
}

export function filterNote(
  { column, value, type: watermark, lagMs }: RowFilter,
  columns: readonly ColumnSchema[],
  dropped: number,
): Reason {
  const type = comparedAs(columns.find(({ name }) => foldName(name) === foldName(column))?.type ?? '', watermark)
  const less = lagMs > 0 && isMoment(type) ? ` less ${lagMs} ms` : ''
  const message = `${dropped.toLocaleString('en-US')} rows were dropped: ${JSON.stringify(column)} is below the watermark ${value}${less}`
  return { check: 'WATERMARK_FILTER', severity: 'info', message }
}
