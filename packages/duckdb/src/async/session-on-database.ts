import { TidegateError, type QueryOptions, type QueryResult, type Session } from '@tidegate/core'
import { queuedSession } from '../queued-session.ts'
import { toEngineError } from '../sql-error.ts'
import { runAsText } from './run-as-text.ts'

/** The part of duckdb-async's `Database` that is used. Anything of this shape will do. */
export interface AsyncDatabase {
  all(sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]>
  exec(sql: string): Promise<void>
  close(): Promise<void>
}

/**
 * A session on the caller's own duckdb-async `Database`. Values come back as text and are read by their column's type, so
 * that they are those of every other session: exact integers and decimals, times as text.
 *
 * - closing the session leaves the database open: it is the caller's
 * - statements run one after another, on the database's own connection, beside whatever else the caller asks of it
 * - that binding cannot be told to stop one statement: a signal is heeded before a statement begins, not while it runs
 * - settings are the caller's; `SET TimeZone = 'UTC'` makes casts between zones and texts those of other sessions
 */
export function sessionOnDatabase(database: AsyncDatabase): Session {
  let closed = false
  return queuedSession(
    (sql, options) => {
      if (closed) throw new TidegateError('ENGINE_CLOSED', 'the session is closed', { hint: 'Open another one.' })
      return run(database, sql, options)
    },
    () => {
      closed = true
    },
  )
}

async function run(database: AsyncDatabase, sql: string, options: QueryOptions | undefined): Promise<QueryResult> {
  if (options?.signal?.aborted === true)
    throw new TidegateError('CANCELLED', 'stopped before the statement began', { retryable: true })
  try {
    return await runAsText(database, sql)
  } catch (error) {
    throw toEngineError(error, sql)
  }
}
