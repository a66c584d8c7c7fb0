import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
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

/**
 * What another program finds in a table of a DuckDB file, asked of a copy, so that nothing is touched: how many rows, and
 * how many that are not, cell by cell, rows of the public table.
 */
export async function countStrikes(file: string): Promise<{ readonly rows: number; readonly foreign: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-demo-'))
  const copy = path.join(folder, 'copy.duckdb')
  for (const end of ['', '.wal']) if (existsSync(file + end)) copyFileSync(file + end, copy + end)
  const instance = await DuckDBInstance.create(copy)
  const connection = await instance.connect()
  try {
    const literal = `'${vegaFile('birdstrikes.csv').replaceAll("'", "''")}'`
    const counted = await connection.runAndReadAll(
      `WITH public AS (FROM read_csv(${literal})),
         ours AS ((FROM public LIMIT 0) UNION ALL BY NAME SELECT * EXCLUDE (_tidegate_part) FROM strikes)
       SELECT (SELECT count(*) FROM strikes), (SELECT count(*) FROM (FROM ours EXCEPT ALL FROM public))`,
    )
    const [rows, foreign] = counted.getRows()[0] ?? []
    return { rows: Number(rows), foreign: Number(foreign) }
  } finally {
    connection.disconnectSync()
    instance.closeSync()
    rmSync(folder, { recursive: true, force: true })
  }
}
