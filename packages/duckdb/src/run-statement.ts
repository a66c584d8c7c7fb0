import type { DuckDBConnection } from '@duckdb/node-api'
import type { QueryResult } from '@tidegate/core'
import { toEngineError } from './sql-error.ts'

/** Runs one statement and materialises its rows. @throws TidegateError, see core `Session` */
export async function runStatement(connection: DuckDBConnection, sql: string): Promise<QueryResult> {
  try {
    const { toCell } = await import('./cell.ts')
    const result = await connection.run(sql)
    const names = result.columnNames()
    const types = result.columnTypes()
    const rows = await result.getRows()
    return {
      columns: names.map((name, index) => ({ name, type: String(types[index]) })),
      rows: rows.map((row) => row.map((value) => toCell(value))),
    }
  } catch (error) {
    throw toEngineError(error, sql)
  }
}
