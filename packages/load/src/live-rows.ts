import { join } from 'node:path'
import type { ColumnSchema, FileVersionId, LedgerPart, Session } from '@tidegate/core'
import { sizeOf } from './durable.ts'
import { spansOf } from './settle/find-rows.ts'
import { escapeGlob, lower } from './settle/part-rows.ts'

/**
 * The live rows of a folder of Parquet parts, as text after FROM. A part that was written before a column came, or before
 * its type was widened, is read as the target is now. Parts that somebody took away are left out.
 */
export async function liveRowsSql(
  directory: string,
  parts: readonly LedgerPart[],
  columns: readonly ColumnSchema[],
  without: ReadonlySet<FileVersionId>,
  { dialect }: Session,
): Promise<string | undefined> {
  if (columns.length === 0) return undefined
  const whole: string[] = []
  const cut: string[] = []
  for (const part of parts) {
    if (part.files.every((file) => without.has(file))) continue
    const path = await locate(directory, part)
    if (path === undefined) continue
    if (!part.files.some((file) => without.has(file))) whole.push(path)
    else cut.push(cutRows(read([path]), part, without, columns))
  }
  if (whole.length + cut.length === 0) return undefined
  const typed = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${dialect.identifier(name)}`).join(', ')
  const names = columns.map(({ name }) => dialect.identifier(name)).join(', ')
  const selects = [...(whole.length === 0 ? [] : [`SELECT * FROM ${read(whole)}`]), ...cut]
  const rows = [...selects, `SELECT ${typed} WHERE ${dialect.literal(false)}`].join(' UNION ALL BY NAME ')
  return `(SELECT ${names} FROM (${rows}))`

  function read(paths: readonly string[]): string {
    const list = paths.map((path) => dialect.literal(escapeGlob(path))).join(', ')
    return `read_parquet([${list}], union_by_name = true, hive_partitioning = false)`
  }
}

/** A part without the rows of some of its file versions. */
function cutRows(
  source: string,
  part: LedgerPart,
  without: ReadonlySet<FileVersionId>,
  columns: readonly ColumnSchema[],
): string {
  // A column of the data that has this name hides the engine's own.
  const shadowed = columns.some(({ name }) => lower(name) === 'file_row_number')
  const row = shadowed ? '(row_number() OVER () - 1)' : 'file_row_number'
  const spans = spansOf([part], without).map(({ from, to }) => `${row} BETWEEN ${from} AND ${to - 1}`)
  const condition = spans.length === 0 ? '' : ` ${shadowed ? 'QUALIFY' : 'WHERE'} NOT (${spans.join(' OR ')})`
  return `SELECT * FROM ${source}${condition}`
}

async function locate(directory: string, { visible, staged }: LedgerPart): Promise<string | undefined> {
  for (const path of [visible, staged])
    if ((await sizeOf(join(directory, path))) !== undefined) return join(directory, path)
  return undefined
}
