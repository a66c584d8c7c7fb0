import { messageOf, TidegateError, type Session } from '@tidegate/core'

/**
 * What a DuckDB connection of `@duckdb/node-api` looks like: no dependency of ours, so that whoever brings no connection
 * needs none.
 */
export interface ConnectionLike {
  run(sql: string): Promise<unknown>
  interrupt(): void
}

/**
 * The session to ask: the given one, or one on the given connection, which stays the caller's to close.
 *
 * @throws `CHECK_SESSION` if it is neither, or if `@tidegate/duckdb` is not installed
 */
export async function sessionOf(given: Session | ConnectionLike): Promise<Session> {
  if (isSession(given)) return given
  if (!isConnection(given))
    throw new TidegateError('CHECK_SESSION', 'this is neither a session nor a DuckDB connection', {
      hint: 'Pass `await openDuckDB()` of @tidegate/duckdb, your own DuckDBConnection of @duckdb/node-api, or `sessionOnDatabase(db)` of @tidegate/duckdb/async.',
    })
  try {
    const { sessionOnConnection } = await import('@tidegate/duckdb')
    return sessionOnConnection(given as unknown as Parameters<typeof sessionOnConnection>[0])
  } catch (error) {
    throw new TidegateError('CHECK_SESSION', `a DuckDB connection needs @tidegate/duckdb: ${messageOf(error)}`, {
      hint: 'Install it: npm install @tidegate/duckdb',
      cause: error,
    })
  }
}

function isSession(given: Session | ConnectionLike): given is Session {
  return isObject(given) && 'dialect' in given && 'query' in given && typeof given.query === 'function'
}

function isConnection(given: Session | ConnectionLike): boolean {
  return isObject(given) && hasMethod(given, 'run') && hasMethod(given, 'interrupt') && hasMethod(given, 'prepare')
}

function hasMethod(value: object, name: string): boolean {
  return name in value && typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
