import { DuckDBInstance } from '@duckdb/node-api'

/** Rows that any reader of the folder sees, counted by DuckDB itself and not by Tidegate. 0 for an empty folder. */
export async function countRows(glob: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const literal = `'${glob.replaceAll("'", "''")}'`
    const files = await connection.runAndReadAll(`SELECT count(*) FROM glob(${literal})`)
    if (Number(files.getRows()[0]?.[0]) === 0) return 0
    const counted = await connection.runAndReadAll(`SELECT sum(num_rows) FROM parquet_file_metadata(${literal})`)
    return Number(counted.getRows()[0]?.[0])
  } finally {
    connection.disconnectSync()
    instance.closeSync()
  }
}
