import type { DuckDBConnection } from '@duckdb/node-api'
import { TidegateError, type QueryOptions, type Session } from '@tidegate/core'
import { queuedSession } from './queued-session.ts'
import { runStatement } from './run-statement.ts'
import { settingStatements, type EngineSettings } from './settings.ts'

/**
 * Opens a session on a DuckDB of its own, inside this process.
 *
 * For data you trust. Files that came from outside belong in {@link startEngine}'s child process: one INTERNAL error kills
 * a DuckDB instance, and a bad file can take the process with it.
 *
 * @param settings.database `:memory:` (default) or a DuckDB file
 */
export async function openDuckDB(settings: EngineSettings & { readonly database?: string } = {}): Promise<Session> {
  // Loaded where it is needed: most processes have their DuckDB in a child, and loading it is a third of their start.
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(settings.database ?? ':memory:')
  const connection = await instance.connect()
  for (const statement of settingStatements(settings)) await runStatement(connection, statement)
  return sessionOf(connection, () => {
    connection.disconnectSync()
    instance.closeSync()
  })
}

/** A session on a connection that the caller owns and closes. */
export function sessionOnConnection(connection: DuckDBConnection): Session {
  return sessionOf(connection, () => {})
}

export function sessionOf(connection: DuckDBConnection, close: () => void): Session {
  return queuedSession((sql, options) => runCancellable(connection, sql, options), close)
}

async function runCancellable(
  connection: DuckDBConnection,
  sql: string,
  options: QueryOptions | undefined,
): ReturnType<typeof runStatement> {
  const signal = options?.signal
  if (signal?.aborted === true)
    throw new TidegateError('CANCELLED', 'stopped before the statement began', { retryable: true })
  const interrupt = (): void => connection.interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    return await runStatement(connection, sql)
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}
