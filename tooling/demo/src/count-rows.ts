import { DuckDBInstance } from '@duckdb/node-api'
import { vegaFile } from './landed-file.ts'

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

/** Rows of the lake's flights that are not, cell by cell, rows of the public table that all of them were made from. */
export async function countForeignFlights(glob: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const [lake, all] = [glob, vegaFile('flights-3m.parquet')].map((file) => `'${file.replaceAll("'", "''")}'`)
    const counted = await connection.runAndReadAll(
      `SELECT count(*) FROM (FROM read_parquet(${lake}) EXCEPT ALL FROM read_parquet(${all}))`,
    )
    return Number(counted.getRows()[0]?.[0])
  } finally {
    connection.disconnectSync()
    instance.closeSync()
  }
}
