import type { PostgresClient, PostgresPool } from '@tidegate/postgres'
import { TidegateError } from '@tidegate/core'
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from 'kysely'
import { newer } from '../migrate.ts'
import { SCHEMA_VERSION } from '../migrations/index.ts'
import { fromPostgresError } from './postgres-state-errors.ts'

export interface PostgresDialectOptions {
  readonly pool: PostgresPool
  /** For messages. */
  readonly path: string
  readonly readOnly: boolean
}

/**
 * Kysely over the pool. Every transaction of this package writes, and each begins by locking the one row of
 * `tidegate_state`. So at most one of all processes is in a transaction, and each of its statements sees all that was
 * committed before: the order that `BEGIN IMMEDIATE` gives on SQLite, without conflicts that would have to be tried again.
 * Statements outside a transaction only read and wait for nobody.
 *
 * The row holds the version of the tables: a process that was open while another one migrated stops here.
 */
export function postgresDialect(options: PostgresDialectOptions): Dialect {
  return {
    createAdapter: (): PostgresAdapter => new PostgresAdapter(),
    createDriver: (): Driver => new LockingDriver(options),
    createQueryCompiler: (): PostgresQueryCompiler => new PostgresQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>): DatabaseIntrospector => new PostgresIntrospector(db),
  }
}

class LockingDriver implements Driver {
  readonly #options: PostgresDialectOptions

  constructor(options: PostgresDialectOptions) {
    this.#options = options
  }

  async init(): Promise<void> {
    // The schema was checked and migrated before.
  }

  async acquireConnection(): Promise<PooledConnection> {
    const { pool, path } = this.#options
    try {
      return new PooledConnection(await pool.acquire(), path)
    } catch (error) {
      throw fromPostgresError(error, path)
    }
  }

  async releaseConnection(connection: PooledConnection): Promise<void> {
    await connection.client.close()
  }

  async beginTransaction({ client }: PooledConnection): Promise<void> {
    const { path, readOnly } = this.#options
    if (readOnly) throw openedReadOnly(path)
    try {
      const { rows } = await client.query<{ readonly version: number }>(BEGIN)
      const version = rows[0]?.version ?? 0
      if (version !== SCHEMA_VERSION) throw newer(path, version, SCHEMA_VERSION)
    } catch (error) {
      throw fromPostgresError(error, path)
    }
  }

  async commitTransaction({ client }: PooledConnection): Promise<void> {
    await this.#run(client, 'commit')
  }

  async rollbackTransaction({ client }: PooledConnection): Promise<void> {
    // A connection that was lost has been rolled back by the server.
    if (client.transaction() !== 'none') await client.query('rollback').catch(() => undefined)
  }

  async destroy(): Promise<void> {
    await this.#options.pool.close()
  }

  async #run(client: PostgresClient, sql: string): Promise<void> {
    try {
      await client.query(sql)
    } catch (error) {
      throw fromPostgresError(error, this.#options.path)
    }
  }
}

const BEGIN = `begin isolation level read committed read write;
select version from tidegate_state for update`

class PooledConnection implements DatabaseConnection {
  readonly client: PostgresClient
  readonly #path: string

  constructor(client: PostgresClient, path: string) {
    this.client = client
    this.#path = path
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const { rows, rowCount } = await this.client.query(query.sql, query.parameters.map(storable))
      return { rows: rows as R[], numAffectedRows: BigInt(rowCount) }
    } catch (error) {
      throw fromPostgresError(error, this.#path)
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('the state database is read in pages, not streamed')
  }
}

/** Postgres has no zero bytes in text; messages of programs may. They become the picture of one. */
function storable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(storable)
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u2400') : value
}

function openedReadOnly(path: string): TidegateError {
  return new TidegateError('STATE_READ_ONLY', `the state database was opened for reading only: ${path}`, {
    hint: 'Open it without `readOnly` to write.',
    dataNow: 'Nothing was written.',
  })
}
