/**
 * A table of a Postgres database. Rows come by COPY inside the transaction that has their entry.
 *
 * Writers to one table queue at an advisory lock that lives as long as their transaction; the keys of the ledger would stop
 * a second entry of the same number or batch without it. A connection that is lost during COMMIT leaves the outcome open: the
 * ledger is asked behind the same lock, so a server that is still at it has ended.
 */
import { TidegateError, type Destination } from '@tidegate/core'
import { connect, locationOf, quoteIdentifier, quoteLiteral, type PostgresClient } from '@tidegate/postgres'
import { createTables, HOME_SCHEMA, PART_COLUMN, REJECTED_ROW } from '../ledger-tables.ts'
import { openSqlTable, type SqlTableOptions } from '../open-sql-table.ts'
import { qualified } from '../plan-table.ts'
import type { SqlConnection, SqlDatabase, StagedRows, TableName, TableShape } from '../sql-database.ts'
import { quotedKey } from '../table-name.ts'
import { mapColumn } from './column-type.ts'
import { readBack, sendCsv, writeKeys, writeRejected, writeRows, type CsvRows } from './postgres-rows.ts'

export interface PostgresTableOptions extends SqlTableOptions {
  /** Connection string; may hold a password, which is in no message, log or state. */
  readonly url: string
  /** @defaultValue schema `public` */
  readonly table: { readonly schema?: string | undefined; readonly name: string }
  /** Shown in pg_stat_activity. @defaultValue `tidegate` */
  readonly applicationName?: string | undefined
}

/** Older servers lack what the statements here need, and get no more fixes. */
const OLDEST = 13

/**
 * Opening touches nothing. Its methods throw, beside what all destinations throw, the codes of `@tidegate/postgres` (`PG_…`; a
 * lost server is retryable), TARGET_TOO_OLD, TARGET_TABLE_FOREIGN, TARGET_COLUMN, TARGET_VALUE, TARGET_ROWS_CHANGED.
 */
export function openPostgresTable(options: PostgresTableOptions): Destination {
  return openSqlTable(postgresDatabase(options), options)
}

export function postgresDatabase(
  options: Pick<PostgresTableOptions, 'url' | 'table' | 'applicationName'>,
): SqlDatabase {
  const table: TableName = { schema: options.table.schema ?? 'public', name: options.table.name }
  const key = quotedKey(table)
  const client = (connection: SqlConnection): PostgresClient => (connection as PostgresConnection).client
  const names = (columns: readonly string[]): readonly string[] => columns.map(quoteIdentifier)
  const database: SqlDatabase = {
    kind: 'postgres',
    location: locationOf(options.url, table.schema, table.name),
    table,
    tableKey: key,
    keepsConnection: true,
    countsParts: false,
    exists: async () => true,
    connect: () => openConnection(options),
    identifier: quoteIdentifier,
    nameKey: (name) => name,
    literal: quoteLiteral,
    sortable: (cell, type) => (mapColumn({ name: '', type }).type === 'text' ? `${cell} COLLATE "C"` : cell),
    async begin(connection) {
      await connection.run('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE')
      await connection.run(`SELECT pg_advisory_xact_lock(hashtextextended(${quoteLiteral(`tidegate ${key}`)}, 0))`)
    },
    async createLedger(connection) {
      if (await database.hasLedger(connection)) return
      await connection.run('BEGIN')
      try {
        await connection.run(`SELECT pg_advisory_xact_lock(hashtextextended('tidegate', 0))`)
        for (const statement of createTables({ text: 'text', json: 'json' })) await connection.run(statement)
        await connection.run(`CREATE SEQUENCE IF NOT EXISTS ${PART_ID}`)
        await connection.run('COMMIT')
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => undefined)
        throw error
      }
    },
    hasLedger: async (connection) =>
      (
        await connection.rows(`SELECT to_regclass(${quoteLiteral(`"${HOME_SCHEMA}"."ledger"`)}) IS NOT NULL`)
      )[0]?.[0] === true,
    shape: (connection) => shapeOf(connection, table),
    columnType: (column) => mapColumn(column).type,
    sameType: (has, wanted) => has === wanted || (wanted === 'text' && /^character varying$/.test(has)),
    alterType: (column, type) => {
      const name = quoteIdentifier(column)
      return `ALTER TABLE ${qualified(database)} ALTER COLUMN ${name} TYPE ${type} USING ${name}::${type}`
    },
    afterCreate: [],
    async convertRows(connected, session, staged) {
      const pieces = staged.reduce((count, { pieces: own }) => count + own.length, 0)
      if (pieces === 0) return []
      const ids = await connected(async (connection) => {
        await database.createLedger(connection)
        const rows = await connection.rows(`SELECT nextval('${PART_ID}') FROM generate_series(1, ${pieces})`)
        return rows.map(([id]) => Number(id))
      })
      const converted: StagedRows[] = []
      for (const rows of staged) converted.push(await writeRows(session, rows, ids.splice(0, rows.pieces.length)))
      return converted
    },
    convertRejected: writeRejected,
    convertKeys: writeKeys,
    insertRows: (connection, rows) => {
      const { csv, columns } = rows as CsvRows
      return sendCsv(client(connection), qualified(database), names([...columns, PART_COLUMN]), csv)
    },
    async insertRejected(connection, { visible, file, path }, batch, seq) {
      await connection.run('DROP TABLE IF EXISTS pg_temp.tidegate_rejected')
      await connection.run('CREATE TEMP TABLE tidegate_rejected (number bigint, "row" json, rules json) ON COMMIT DROP')
      await sendCsv(client(connection), 'pg_temp.tidegate_rejected', ['number', '"row"', 'rules'], path)
      const [of, at, from] = [batch, visible, file].map(quoteLiteral)
      return connection.change(
        `INSERT INTO ${REJECTED_ROW} (table_name, seq, batch, visible, file, number, "row", rules) ` +
          `SELECT ${quoteLiteral(key)}, ${seq}, ${of}, ${at}, ${from}, number, "row", rules FROM pg_temp.tidegate_rejected`,
      )
    },
    async loadKeys(connection, { columns, scratch }) {
      const list = names(columns).join(', ')
      await connection.run('DROP TABLE IF EXISTS pg_temp.tidegate_keys')
      await connection.run(`CREATE TEMP TABLE tidegate_keys AS SELECT ${list} FROM ${qualified(database)} WITH NO DATA`)
      await sendCsv(client(connection), 'pg_temp.tidegate_keys', names(columns), scratch)
      await connection.run('ANALYZE pg_temp.tidegate_keys')
      return 'pg_temp.tidegate_keys'
    },
    exportRows: (connection, select, columns, scratch, session) =>
      readBack(client(connection), select, columns, scratch, session),
    settleDisk: async () => undefined,
  }
  // A part is laid down in one piece, so a small index of block ranges finds it.
  return {
    ...database,
    afterCreate: [`CREATE INDEX ON ${qualified(database)} USING brin (${quoteIdentifier(PART_COLUMN)})`],
  }
}

const PART_ID = `"${HOME_SCHEMA}"."part_id"`

interface PostgresConnection extends SqlConnection {
  readonly client: PostgresClient
}

async function openConnection({
  url,
  applicationName,
}: Pick<PostgresTableOptions, 'url' | 'applicationName'>): Promise<PostgresConnection> {
  const client = await connect(url, {
    applicationName: applicationName ?? 'tidegate',
    // A writer stopped inside its transaction holds the table's lock; when it wakes up, its commit is refused.
    idleInTransactionTimeoutMs: 15 * 60_000,
  })
  try {
    // The engine reads this style.
    await client.query(`SET intervalstyle TO 'postgres'`)
    const version = await client.query<{ readonly v: string }>(`SELECT current_setting('server_version_num') AS v`)
    const major = Math.floor(Number(version.rows[0]?.v) / 10_000)
    if (major < OLDEST) throw tooOld(client.where, major)
  } catch (error) {
    await client.close()
    throw error
  }
  return {
    client,
    async rows(sql) {
      const { rows, columns } = await client.query(sql)
      return rows.map((row) => columns.map(({ name }) => row[name]))
    },
    change: async (sql) => (await client.query(sql)).rowCount,
    run: async (sql) => void (await client.query(sql)),
    close: () => client.close(),
  }
}

async function shapeOf(connection: SqlConnection, { schema, name }: TableName): Promise<TableShape | undefined> {
  const rows = await connection.rows(
    `SELECT CASE WHEN c.relpersistence = 'p' THEN c.relkind::text ELSE 'volatile' END AS kind, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE n.nspname = ${quoteLiteral(schema)} AND c.relname = ${quoteLiteral(name)} ORDER BY a.attnum`,
  )
  const [first] = rows
  if (first === undefined) return undefined
  const columns = rows.flatMap(([, column, type]) => {
    return column === null ? [] : [{ name: String(column), type: String(type) }]
  })
  const kind = first[0] === 'volatile' ? 'volatile' : first[0] === 'r' || first[0] === 'p' ? 'table' : 'other'
  return { kind, columns }
}

function tooOld(where: string, major: number): TidegateError {
  return new TidegateError('TARGET_TOO_OLD', `${where} is Postgres ${major}.`, {
    hint: `Postgres ${OLDEST} and newer can be a target.`,
    dataNow: 'Nothing was changed.',
  })
}
