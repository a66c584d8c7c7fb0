import { duckdbDatabase, type DuckDBTableOptions } from './duckdb/open-duckdb-table.ts'
import { LEDGER } from './ledger-tables.ts'
import { postgresDatabase } from './postgres/open-postgres-table.ts'
import type { SqlDatabase } from './sql-database.ts'

/** Datasets that a database has entries of this source for, whatever their tables are called. Changes nothing. */
export function listDuckDBDatasets(
  options: Pick<DuckDBTableOptions, 'file' | 'openSession'>,
  source: string,
): Promise<readonly string[]> {
  return listDatasets(duckdbDatabase({ ...options, table: ANY_TABLE }), source)
}

/** As {@link listDuckDBDatasets}. */
export function listPostgresDatasets(url: string, source: string): Promise<readonly string[]> {
  return listDatasets(postgresDatabase({ url, table: ANY_TABLE }), source)
}

/** The ledger is one for all tables. */
const ANY_TABLE = { name: 'ledger' }

async function listDatasets(database: SqlDatabase, source: string): Promise<readonly string[]> {
  if (!(await database.exists())) return []
  const connection = await database.connect()
  try {
    if (!(await database.hasLedger(connection))) return []
    const rows = await connection.rows(
      `SELECT DISTINCT CAST(entry AS json) ->> 'dataset' FROM ${LEDGER} ` +
        `WHERE CAST(entry AS json) ->> 'source' = ${database.literal(source)} ORDER BY 1`,
    )
    return rows.map(([dataset]) => String(dataset))
  } finally {
    await connection.close()
  }
}
