/**
 * A table of a DuckDB database file. Only Parquet that was staged here meets it. The file is opened for each call and given
 * back after it, so others may read it between our batches.
 *
 * COMMIT returns after DuckDB synced its write-ahead log; after it we sync the folder, for the log's own name. So what was
 * committed survives a power cut, also where DuckDB had no time to merge its log into the file.
 */
import { stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { codeOf, TidegateError, type Cell, type Destination, type Session } from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'
import { createTables, HOME_SCHEMA } from '../ledger-tables.ts'
import { openSqlTable, type SqlTableOptions } from '../open-sql-table.ts'
import { qualified } from '../plan-table.ts'
import { quotedKey } from '../table-name.ts'
import type { SqlConnection, SqlDatabase, TableName, TableShape } from '../sql-database.ts'
import { copyToScratch, insertPart, insertRejectedRows, keysSelect } from './duckdb-rows.ts'

export interface DuckDBTableOptions extends SqlTableOptions {
  /** Absolute path of the database file; made with the first commit. */
  readonly file: string
  /** @defaultValue schema `main` */
  readonly table: { readonly schema?: string | undefined; readonly name: string }
  /** A session on that file, which may read `workDirectory` and write to the scratch folders of `liveRows`. */
  readonly openSession: () => Promise<Session>
}

/**
 * Opening touches nothing. Its methods throw, beside what all destinations throw, TARGET_BUSY (retryable) while another process
 * has the file, TARGET_TABLE_FOREIGN, TARGET_COLUMN, TARGET_ROWS_CHANGED.
 */
export function openDuckDBTable(options: DuckDBTableOptions): Destination {
  return openSqlTable(duckdbDatabase(options), options)
}

export function duckdbDatabase(options: Pick<DuckDBTableOptions, 'file' | 'table' | 'openSession'>): SqlDatabase {
  const file = absoluteFile(options.file)
  const table: TableName = { schema: options.table.schema ?? 'main', name: options.table.name }
  const key = quotedKey(table).toLowerCase()
  const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
  const database: SqlDatabase = {
    kind: 'duckdb',
    location: `duckdb:${file}#${quotedKey(table)}`,
    table,
    tableKey: key,
    keepsConnection: false,
    countsParts: true,
    exists: async () => isThere(file),
    connect: async () => connectionOf(await options.openSession()),
    identifier,
    nameKey: (name) => name.toLowerCase(),
    literal,
    sortable: (cell) => cell,
    begin: (connection) => connection.run('BEGIN TRANSACTION'),
    async createLedger(connection) {
      if (await database.hasLedger(connection)) return
      await connection.run('BEGIN TRANSACTION')
      try {
        for (const statement of createTables({ text: 'VARCHAR', json: 'JSON' })) await connection.run(statement)
        await connection.run('COMMIT')
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => undefined)
        throw error
      }
    },
    hasLedger: async (connection) =>
      (
        await connection.rows(
          `SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = ${literal(HOME_SCHEMA)} ` +
            `AND table_name = 'ledger'`,
        )
      ).length > 0,
    shape: (connection) => shapeOf(connection, table),
    columnType: ({ type }) => type,
    sameType: (has, wanted) => has.toUpperCase() === wanted.toUpperCase(),
    alterType: (column, type) =>
      `ALTER TABLE ${qualified(database)} ALTER COLUMN ${identifier(column)} SET DATA TYPE ${type}`,
    afterCreate: [],
    convertRows: async (_connection, _session, rows) => rows,
    convertRejected: async (_session, rejected) => rejected,
    convertKeys: async () => undefined,
    insertRows: (connection, rows, ids) => insertPart(connection, database, rows, ids),
    insertRejected: (connection, rejected, batch, seq) =>
      insertRejectedRows(connection, database, rejected, batch, seq),
    loadKeys: async (_connection, keys) => `(${keysSelect(database, keys)})`,
    exportRows: (connection, select, columns, scratch, session) =>
      copyToScratch(connection, select, columns, scratch, session),
    settleDisk: () => fsyncFolder(dirname(file)),
  }
  return database
}

function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return quoted.includes('\0') ? `(${quoted.replaceAll('\0', "' || chr(0) || '")})` : quoted
}

function connectionOf(session: Session): SqlConnection {
  const rows = async (sql: string): Promise<readonly (readonly Cell[])[]> => (await session.query(sql)).rows
  return {
    rows,
    change: async (sql) => Number((await rows(sql))[0]?.[0] ?? 0),
    run: async (sql) => void (await session.query(sql)),
    close: () => session.close(),
  }
}

async function shapeOf(connection: SqlConnection, { schema, name }: TableName): Promise<TableShape | undefined> {
  const of = `database_name = current_database() AND lower(schema_name) = lower(${literal(schema)})`
  const views = await connection.rows(
    `SELECT 1 FROM duckdb_views() WHERE ${of} AND lower(view_name) = lower(${literal(name)})`,
  )
  if (views.length > 0) return { kind: 'other', columns: [] }
  const columns = await connection.rows(
    `SELECT column_name, data_type FROM duckdb_columns() WHERE ${of} AND lower(table_name) = lower(${literal(name)}) ` +
      'ORDER BY column_index',
  )
  if (columns.length === 0) return undefined
  return { kind: 'table', columns: columns.map(([column, type]) => ({ name: String(column), type: String(type) })) }
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

function absoluteFile(file: string): string {
  if (isAbsolute(file) && !file.includes('\0') && basename(file) !== '')
    return resolve(join(dirname(file), basename(file)))
  throw new TidegateError('LEDGER_PATH', `The database file ${JSON.stringify(file)} is not an absolute path.`, {
    hint: 'Resolve it against the folder of the configuration first.',
    dataNow: 'Nothing was changed.',
  })
}
