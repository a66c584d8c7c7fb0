import { PART, PART_COLUMN } from './ledger-tables.ts'
import { qualified } from './plan-table.ts'
import type { Match, Piece } from './settled-batch.ts'
import type { SqlConnection, SqlDatabase } from './sql-database.ts'

/** The live pieces of these parts (visible paths), or of all. In the order of their ids. */
export async function readPieces(
  connection: SqlConnection,
  database: SqlDatabase,
  parts?: ReadonlySet<string>,
): Promise<readonly Piece[]> {
  if (parts?.size === 0) return []
  // Few names are looked up, many are compared here.
  const few = parts !== undefined && parts.size <= 100
  const among = few ? ` AND visible IN (${[...parts].map((visible) => database.literal(visible)).join(', ')})` : ''
  const key = database.literal(database.tableKey)
  const rows = await connection.rows(
    `SELECT id, visible, file, rows FROM ${PART} WHERE table_name = ${key}${among} ORDER BY id`,
  )
  const pieces = rows.map(([id, visible, file, count]) => ({
    id: Number(id),
    visible: String(visible),
    file: String(file),
    rows: Number(count),
  }))
  return parts === undefined ? pieces : pieces.filter(({ visible }) => parts.has(visible))
}

/** How many rows of each piece the match finds. */
export async function countMatches(
  connection: SqlConnection,
  database: SqlDatabase,
  condition: string,
): Promise<ReadonlyMap<number, number>> {
  const part = `t.${database.identifier(PART_COLUMN)}`
  const sql = `SELECT ${part}, count(*) FROM ${qualified(database)} AS t WHERE ${condition} GROUP BY ${part}`
  return new Map((await connection.rows(sql)).map(([id, count]) => [Number(id), Number(count)]))
}

/** True for the rows of ours, of a table called t, that stand for a row of the relation of keys. */
export function matchCondition(database: SqlDatabase, match: Match, relation: string): string {
  const ours = `t.${database.identifier(PART_COLUMN)} IS NOT NULL`
  return `${ours} AND EXISTS (SELECT 1 FROM ${relation} AS k WHERE ${keysEqual(database, match)})`
}

/** Compares a row t of the table with a row k of the keys. */
export function keysEqual(database: SqlDatabase, { by, columns }: Match): string {
  const equals = columns.map((column) => {
    const name = database.identifier(column)
    return by === 'keys' ? `t.${name} = k.${name}` : `t.${name} IS NOT DISTINCT FROM k.${name}`
  })
  return equals.join(' AND ')
}

/** The condition that a row, of a table called t, is of one of these pieces. Ranges keep it short. */
export function ofPieces(database: SqlDatabase, ids: readonly number[]): string {
  const name = `t.${database.identifier(PART_COLUMN)}`
  const ranges: [number, number][] = []
  for (const id of ids.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] + 1 >= id) last[1] = id
    else ranges.push([id, id])
  }
  if (ranges.length === 0) return '1 = 0'
  return `(${ranges.map(([from, to]) => (from === to ? `${name} = ${from}` : `${name} BETWEEN ${from} AND ${to}`)).join(' OR ')})`
}
