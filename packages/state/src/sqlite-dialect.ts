import type Sqlite from 'better-sqlite3'
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from 'kysely'
import { TidegateError } from '@tidegate/core'
import { retryBusy } from './retry-busy.ts'
import { toStateError } from './state-errors.ts'

export interface DialectOptions {
  readonly database: Sqlite.Database
  /** For messages. */
  readonly path: string
  readonly readOnly: boolean
  readonly busyTimeoutMs: number
}

/**
 * Kysely over one better-sqlite3 connection. It differs from Kysely's own driver in this:
 *
 * - A transaction begins with `BEGIN IMMEDIATE`. A plain `begin` takes the write lock at the first write, and when
 *   another process wrote in between, that fails at once, whatever the busy timeout is.
 * - One transaction or query at a time: the connection is handed out in turn, so two transactions of one process wait
 *   for each other instead of meeting inside one.
 * - Statements are prepared once.
 * - Waiting for another process does not block the event loop.
 */
export function sqliteDialect(options: DialectOptions): Dialect {
  return {
    createAdapter: (): SqliteAdapter => new SqliteAdapter(),
    createDriver: (): Driver => new ImmediateDriver(options),
    createQueryCompiler: (): SqliteQueryCompiler => new SqliteQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>): DatabaseIntrospector => new SqliteIntrospector(db),
  }
}

export type Prepare = (sql: string) => Sqlite.Statement

/**
 * Work on the connection itself, in one go, for what Kysely is too slow for: it builds and compiles every statement. Errors
 * become ours. On the connection of `db`, so inside its transaction if it is one.
 */
export async function onSqlite<T, S>(db: Kysely<S>, work: (prepare: Prepare) => T): Promise<T> {
  const query = CompiledQuery.raw('work on the connection itself')
  WORK.set(query, work)
  const { rows } = await db.executeQuery(query)
  return rows[0] as T
}

const WORK = new WeakMap<CompiledQuery, (prepare: Prepare) => unknown>()

class ImmediateDriver implements Driver {
  readonly #options: DialectOptions
  readonly #connection: CachingConnection
  /** Settles when everybody who asked for the connection so far has returned it. */
  #turn: Promise<void> = Promise.resolve()
  #endTurn: () => void = () => undefined

  constructor(options: DialectOptions) {
    this.#options = options
    this.#connection = new CachingConnection(options)
  }

  async init(): Promise<void> {
    // The database was opened, checked and migrated before.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    await before
    this.#endTurn = resolve
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    this.#endTurn()
  }

  async beginTransaction(): Promise<void> {
    const { database, path, readOnly, busyTimeoutMs } = this.#options
    if (readOnly) throw openedReadOnly(path)
    try {
      database.pragma('busy_timeout = 0')
      await retryBusy(busyTimeoutMs, () => this.#connection.run('begin immediate'))
    } catch (error) {
      throw toStateError(error, path)
    } finally {
      database.pragma(`busy_timeout = ${String(busyTimeoutMs)}`)
    }
  }

  async commitTransaction(): Promise<void> {
    try {
      this.#connection.run('commit')
    } catch (error) {
      throw toStateError(error, this.#options.path)
    }
  }

  async rollbackTransaction(): Promise<void> {
    // After a full disk or an I/O error SQLite has rolled back by itself.
    if (this.#options.database.inTransaction) this.#connection.run('rollback')
  }

  async destroy(): Promise<void> {
    await this.#turn
    this.#options.database.close()
  }
}

class CachingConnection implements DatabaseConnection {
  readonly #options: DialectOptions
  readonly #statements = new Map<string, Sqlite.Statement>()

  constructor(options: DialectOptions) {
    this.#options = options
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const work = WORK.get(query)
      if (work !== undefined) return { rows: [work((sql) => this.#prepare(sql)) as R] }
      const statement = this.#prepare(query.sql)
      if (statement.reader) return { rows: statement.all(query.parameters) as R[] }
      const { changes, lastInsertRowid } = statement.run(query.parameters)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    } catch (error) {
      throw toStateError(error, this.#options.path)
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('the state database is read in pages, not streamed')
  }

  run(sql: string): void {
    this.#prepare(sql).run()
  }

  #prepare(sql: string): Sqlite.Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#options.database.prepare(sql)
    // Inserts of odd sizes make new texts for ever; dropping the oldest bounds them.
    if (this.#statements.size >= STATEMENT_LIMIT) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest)
        break
      }
    }
    this.#statements.set(sql, statement)
    return statement
  }
}

const STATEMENT_LIMIT = 250

function openedReadOnly(path: string): TidegateError {
  return new TidegateError('STATE_READ_ONLY', `the state database was opened for reading only: ${path}`, {
    hint: 'Open it without `readOnly` to write.',
    dataNow: 'Nothing was written.',
  })
}
