import { join } from 'node:path'
import type { Destination } from '@tidegate/core'
import { openDatabaseFile } from '@tidegate/duckdb'
import type { Mark } from '../../mark.ts'
import { openDuckDBTable } from '../duckdb/open-duckdb-table.ts'
import { openPostgresTable } from '../postgres/open-postgres-table.ts'

/** A table called flights: of the database `url`, or of a DuckDB file below `root` where that is `-`. */
export function openSqlTarget(root: string, url: string, mark?: Mark): Destination {
  const folders = { workDirectory: join(root, 'work'), quarantineDirectory: join(root, 'quarantine'), mark }
  if (url !== '-') return openPostgresTable({ url, table: { name: 'flights' }, ...folders })
  const file = join(root, 'w.duckdb')
  const openSession = (): ReturnType<typeof openDatabaseFile> => openDatabaseFile(file, { threads: 1 })
  return openDuckDBTable({ file, table: { name: 'flights' }, openSession, ...folders })
}

/** `[rows, rows that differ, rows in rejected_row, entries]` as the database says, asked without our own code. */
export const ORACLE: string =
  `SELECT (SELECT count(*) FROM flights) AS a, (SELECT count(*) FROM (SELECT DISTINCT file, n FROM flights) AS d) AS b, ` +
  `(SELECT count(*) FROM "_tidegate"."rejected_row") AS c, (SELECT count(*) FROM "_tidegate"."ledger") AS d`
