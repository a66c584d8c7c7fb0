import { setImmediate as nextTurn } from 'node:timers/promises'
import { CompiledQuery, type Kysely } from 'kysely'
import { chunksOf } from './chunks-of.ts'
import { isPostgres } from './is-postgres.ts'
import type { Schema } from './schema.ts'
import { onSqlite } from './sqlite-dialect.ts'

export type Cell = string | number | Buffer | null

/** Names of the columns and their types, in the words of Postgres. */
export type RowColumns = Readonly<Record<string, 'text' | 'bigint' | 'double precision' | 'bytea'>>

/**
 * Runs one statement for many rows, without building or parsing it anew. The statement sees them as the table `new`: on
 * SQLite one row at a time, on Postgres thousands. So no two of the rows may be about the same row of the database.
 *
 * @param statement what follows `with new (…) as (…)`; values of its own are only those of the rows
 * @returns what the statement returns, for all rows together
 */
export async function forEachRow<Row = never>(
  trx: Kysely<Schema>,
  columns: RowColumns,
  rows: readonly (readonly Cell[])[],
  statement: string,
): Promise<Row[]> {
  const names = Object.keys(columns).join(', ')
  const found: Row[] = []
  for (const [index, chunk] of chunksOf(rows, CHUNK_ROWS).entries()) {
    // Timers of the process, lease renewals among them, get their turn.
    if (index > 0) await nextTurn()
    if (isPostgres(trx)) {
      const types = Object.values(columns)
      const arrays = types.map((type, column) => `$${String(column + 1)}::${type}[]`).join(', ')
      const query = CompiledQuery.raw(
        `with new (${names}) as (select * from unnest(${arrays})) ${statement}`,
        types.map((_type, column) => chunk.map((row) => row[column])),
      )
      for (const row of (await trx.executeQuery(query)).rows) found.push(row as Row)
    } else {
      const marks = Object.keys(columns)
        .map(() => '?')
        .join(', ')
      const sql = `with new (${names}) as (values (${marks})) ${statement}`
      await onSqlite(trx, (prepare) => {
        const prepared = prepare(sql)
        if (!prepared.reader) for (const row of chunk) prepared.run(row)
        else for (const row of chunk) for (const one of prepared.all(row)) found.push(one as Row)
      })
    }
  }
  return found
}

const CHUNK_ROWS = 5000
