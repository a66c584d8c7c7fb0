/** Rows between staged Parquet and Postgres: CSV made and read by the engine, COPY on the other side. */
import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { TidegateError, type ColumnSchema, type Session } from '@tidegate/core'
import { copyIn, copyOut, type PostgresClient } from '@tidegate/postgres'
import { pieceSelect } from '../piece-select.ts'
import { readParquet } from '../read-parquet.ts'
import { rejectedSelect } from '../rejected-select.ts'
import type { StagedKeys, StagedRejected, StagedRows } from '../sql-database.ts'
import { mapColumn } from './column-type.ts'

/** What stands quoted is a value, what is empty without quotes is NULL; so no text can be taken for NULL. */
const CSV = "(FORMAT csv, DELIMITER ',', QUOTE '\"', ESCAPE '\"', HEADER false, FORCE_QUOTE *, NULLSTR '')"
export const FROM_CSV = "FROM STDIN (FORMAT csv, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULL '')"
const TO_CSV = "TO STDOUT (FORMAT csv, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULL '', FORCE_QUOTE *)"

export interface CsvRows extends StagedRows {
  readonly csv: string
  readonly columns: readonly string[]
}

/** @throws TARGET_VALUE naming the column of a value that Postgres cannot hold */
export async function writeRows(session: Session, staged: StagedRows, ids: readonly number[]): Promise<CsvRows> {
  const { dialect } = session
  const literal = (value: string): string => dialect.literal(value)
  const rows = readParquet([staged.file], literal)
  const { columns } = await session.query(`SELECT * FROM ${rows} LIMIT 0`)
  await refuseMisfits(session, rows, columns)
  const cells = columns.map((column) => mapColumn(column).write(`r.${dialect.identifier(column.name)}`))
  const names = columns.map(({ name }) => name)
  const csv = `${staged.file}.csv`
  await session.query(
    `COPY (${pieceSelect(rows, names, cells, staged.pieces, ids, dialect)}) TO ${literal(csv)} ${CSV}`,
  )
  return { ...staged, ids, csv, columns: names }
}

async function refuseMisfits(session: Session, rows: string, columns: readonly ColumnSchema[]): Promise<void> {
  const checked = columns.flatMap((column) => {
    const { misfit, why } = mapColumn(column)
    const cell = `r.${session.dialect.identifier(column.name)}`
    return misfit === undefined ? [] : [{ name: column.name, why, sql: session.dialect.countIf(misfit(cell)) }]
  })
  if (checked.length === 0) return
  const { rows: counts } = await session.query(`SELECT ${checked.map(({ sql }) => sql).join(', ')} FROM ${rows} AS r`)
  const bad = checked.findIndex((_, at) => Number(counts[0]?.[at] ?? 0) > 0)
  const column = checked[bad]
  if (column === undefined) return
  throw new TidegateError(
    'TARGET_VALUE',
    `Column ${column.name} has ${String(counts[0]?.[bad])} values that cannot be stored: ${column.why ?? ''}.`,
    {
      hint: 'Forbid them in the contract (then such rows go to quarantine), or give the column another type.',
      dataNow: 'Nothing was committed.',
    },
  )
}

export async function writeKeys(session: Session, { columns, files, scratch }: StagedKeys): Promise<void> {
  const { dialect } = session
  const rows = readParquet(files, (value) => dialect.literal(value))
  const types = new Map(
    (await session.query(`SELECT * FROM ${rows} LIMIT 0`)).columns.map((column) => [column.name, column]),
  )
  const cells = columns.map((name) => {
    return mapColumn(types.get(name) ?? { name, type: 'VARCHAR' }).write(`r.${dialect.identifier(name)}`)
  })
  await session.query(
    `COPY (SELECT DISTINCT ${cells.join(', ')} FROM ${rows} AS r) TO ${dialect.literal(scratch)} ${CSV}`,
  )
}

export async function writeRejected(session: Session, rejected: StagedRejected): Promise<StagedRejected> {
  const { dialect } = session
  const rows = readParquet([rejected.path], (value) => dialect.literal(value))
  const { columns } = await session.query(`SELECT * FROM ${rows} LIMIT 0`)
  const csv = `${rejected.path}.csv`
  const select = rejectedSelect(columns, rows, {
    identifier: (name) => dialect.identifier(name),
    literal: (value) => dialect.literal(value),
  })
  await session.query(`COPY (${select}) TO ${dialect.literal(csv)} ${CSV}`)
  return { ...rejected, path: csv }
}

export function sendCsv(
  client: PostgresClient,
  table: string,
  columns: readonly string[],
  csv: string,
): Promise<number> {
  return copyIn(
    client,
    `COPY ${table} (${columns.join(', ')}) ${FROM_CSV}`,
    createReadStream(csv, { highWaterMark: 1 << 18 }),
  )
}

export async function readBack(
  client: PostgresClient,
  select: string,
  columns: readonly ColumnSchema[],
  scratch: string,
  { dialect }: Session,
): Promise<string> {
  const file = join(scratch, `live-${randomUUID()}.csv`)
  await copyOut(client, `COPY (${select}) ${TO_CSV}`, createWriteStream(file))
  const fields = columns.map((_, at) => `'c${at}': 'VARCHAR'`).join(', ')
  const csv =
    `read_csv(${dialect.literal(file)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '', ` +
    `allow_quoted_nulls = false, max_line_size = 268435456, columns = {${fields}})`
  const cells = columns.map(
    (column, at) => `${mapColumn(column).read(`c${at}`, column.type)} AS ${dialect.identifier(column.name)}`,
  )
  return `(SELECT ${cells.join(', ')} FROM ${csv})`
}
