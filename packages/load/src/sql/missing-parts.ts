import type { LogState } from '../log-state.ts'
import { PART_COLUMN } from './ledger-tables.ts'
import { countMatches, readPieces } from './pieces.ts'
import { qualified } from './plan-table.ts'
import type { SqlConnection, SqlDatabase } from './sql-database.ts'

/** Live parts of which rows are gone. Of a large table only whether there are rows at all. */
export async function missingParts(
  database: SqlDatabase,
  connect: () => Promise<SqlConnection>,
  state: LogState,
): Promise<readonly string[]> {
  const live = [...state.parts.values()].filter((part) => part.rows > 0)
  if (live.length === 0) return []
  const open = await connect()
  const shape = await database.shape(open)
  const ours = `t.${database.identifier(PART_COLUMN)} IS NOT NULL`
  if (shape?.columns.some((column) => database.nameKey(column.name) === database.nameKey(PART_COLUMN)) !== true) {
    return live.map((part) => part.visible)
  }
  if (!database.countsParts) {
    const some = await open.rows(`SELECT 1 FROM ${qualified(database)} AS t WHERE ${ours} LIMIT 1`)
    return some.length > 0 ? [] : live.map((part) => part.visible)
  }
  const counts = await countMatches(open, database, ours)
  const pieces = await readPieces(open, database)
  return [...new Set(pieces.filter((piece) => (counts.get(piece.id) ?? 0) < piece.rows).map((piece) => piece.visible))]
}
