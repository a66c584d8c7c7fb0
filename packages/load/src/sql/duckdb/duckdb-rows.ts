/** Rows from staged Parquet into tables of a DuckDB file, and back out of them. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { ColumnSchema, Session } from '@tidegate/core'
import { PART_COLUMN, REJECTED_ROW } from '../ledger-tables.ts'
import { qualified } from '../plan-table.ts'
import { pieceSelect } from '../piece-select.ts'
import { rejectedSelect } from '../rejected-select.ts'
import { readParquet } from '../read-parquet.ts'
import type { SqlConnection, SqlDatabase, StagedKeys, StagedRejected, StagedRows } from '../sql-database.ts'

export async function insertPart(
  connection: SqlConnection,
  database: SqlDatabase,
  { file, pieces }: StagedRows,
  ids: readonly number[],
): Promise<number> {
  const { literal, identifier } = database
  const rows = readParquet([file], literal)
  const columns = await connection.rows(`DESCRIBE SELECT * FROM ${rows}`)
  const names = columns.map(([name]) => String(name))
  const list = [...names, PART_COLUMN].map(identifier).join(', ')
  const cells = names.map((name) => `r.${identifier(name)}`)
  const select = pieceSelect(rows, names, cells, pieces, ids, database)
  return connection.change(`INSERT INTO ${qualified(database)} (${list}) ${select}`)
}

export async function insertRejectedRows(
  connection: SqlConnection,
  database: SqlDatabase,
  { visible, file, path }: StagedRejected,
  batch: string,
  seq: number,
): Promise<number> {
  const { literal, identifier } = database
  const described = await connection.rows(`DESCRIBE SELECT * FROM ${readParquet([path], literal)}`)
  const columns = described.map(([name, type]) => ({ name: String(name), type: String(type) }))
  const select = rejectedSelect(columns, readParquet([path], literal), { identifier, literal })
  const [key, of, at, from] = [database.tableKey, batch, visible, file].map((text) => literal(text))
  return connection.change(
    `INSERT INTO ${REJECTED_ROW} (table_name, seq, batch, visible, file, number, "row", rules) ` +
      `SELECT ${key}, ${seq}, ${of}, ${at}, ${from}, s.number, s."row", s.rules FROM (${select}) AS s`,
  )
}

export function keysSelect({ identifier, literal }: SqlDatabase, { columns, files }: StagedKeys): string {
  return `SELECT DISTINCT ${columns.map(identifier).join(', ')} FROM ${readParquet(files, literal)}`
}

/** Types that Parquet does not keep: they travel as text. */
const AS_TEXT =
  /HUGEINT|UHUGEINT|INTERVAL|TIME WITH TIME ZONE|TIME_NS|BIT\b|UNION|ENUM|BIGNUM|VARINT|TIMESTAMP_S\b|TIMESTAMP_MS\b/i

export async function copyToScratch(
  connection: SqlConnection,
  select: string,
  columns: readonly ColumnSchema[],
  scratch: string,
  { dialect }: Session,
): Promise<string> {
  const file = join(scratch, `live-${randomUUID()}.parquet`)
  const names = columns.map(({ name }) => dialect.identifier(name))
  const out = columns.map(({ type }, at) =>
    AS_TEXT.test(type) ? `CAST(${names[at]} AS VARCHAR) AS ${names[at]}` : names[at],
  )
  await connection.run(`COPY (SELECT ${out.join(', ')} FROM (${select})) TO ${dialect.literal(file)} (FORMAT parquet)`)
  const back = columns.map(({ type }, at) => `CAST(${names[at]} AS ${type}) AS ${names[at]}`)
  return `(SELECT ${back.join(', ')} FROM ${readParquet([file], (text) => dialect.literal(text))})`
}
