import type { ClientConfig, Pool, PoolClient } from 'pg'
import { isTidegateError } from '@tidegate/core'
import { wrapClient, type PostgresClient, type PostgresResult } from './client.ts'
import { clientConfig, sessionSettings, type ConnectOptions } from './connect.ts'
import { toPostgresError } from './postgres-errors.ts'
import { maskUrl } from './postgres-url.ts'

export interface PoolOptions extends ConnectOptions {
  /** @defaultValue 4 */
  readonly maxConnections?: number | undefined
  /** A connection that nobody used for so long is closed. @defaultValue 10,000 */
  readonly idleMs?: number | undefined
}

/** Connections made when they are needed. Nothing connects before the first use. */
export interface PostgresPool {
  /** For messages: no user, no password. */
  readonly where: string
  /** `close` of the client gives it back; one that failed, or is in a transaction, is ended instead. */
  acquire(): Promise<PostgresClient>
  /** A connection for the time of `work`. */
  withClient<T>(work: (client: PostgresClient) => Promise<T>): Promise<T>
  query<Row = Readonly<Record<string, unknown>>>(sql: string, values?: readonly unknown[]): Promise<PostgresResult<Row>>
  /** Waits for connections that are in use. Calling it again does nothing. */
  close(): Promise<void>
}

export function openPool(url: string, options: PoolOptions = {}): PostgresPool {
  const where = maskUrl(url)
  const config = clientConfig(url, options)
  const settings = sessionSettings(options)
  // The driver comes with the first connection: see connect.
  let pool: Promise<Pool> | undefined
  let closed: Promise<void> | undefined

  async function acquire(): Promise<PostgresClient> {
    if (closed !== undefined) throw new Error('the pool of connections is closed')
    let raw: PoolClient
    try {
      raw = await (await (pool ??= makePool(config, options, settings))).connect()
    } catch (error) {
      throw toPostgresError(error, where)
    }
    let lost = false
    const onError = (): void => {
      lost = true
    }
    raw.on('error', onError)
    return wrapClient(raw, where, async () => {
      raw.off('error', onError)
      // Also after a failed statement: what it left open ends with the connection.
      raw.release(lost || raw.getTransactionStatus() !== 'I')
    })
  }

  async function withClient<T>(work: (client: PostgresClient) => Promise<T>): Promise<T> {
    const client = await acquire()
    try {
      return await work(client)
    } finally {
      await client.close()
    }
  }

  return {
    where,
    acquire,
    withClient,
    query: async (sql, values) => withClient(async (client) => client.query(sql, values)),
    async close() {
      // A pool that was never needed has nothing to end.
      closed ??= pool?.then(async (made) => made.end()) ?? Promise.resolve()
      await closed.catch((error: unknown) => {
        if (isTidegateError(error)) throw error
      })
    },
  }
}

async function makePool(config: ClientConfig, options: PoolOptions, settings: string): Promise<Pool> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    ...config,
    max: options.maxConnections ?? 4,
    idleTimeoutMillis: options.idleMs ?? 10_000,
    allowExitOnIdle: true,
    verify: (client, done) => {
      client.query(settings).then(
        () => done(),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      )
    },
  })
  // A connection that died while idle is replaced; whoever needs one hears what is wrong.
  pool.on('error', () => undefined)
  return pool
}
