import type pg from 'pg'
import { toPostgresError } from './postgres-errors.ts'

/** One connection. One statement at a time; several at once wait for each other. Every error is coded. */
export interface PostgresClient {
  /** For messages: no user, no password. */
  readonly where: string
  /** `values` are $1, $2, …; without them `sql` may be several statements, and the last one's rows come back. */
  query<Row = Readonly<Record<string, unknown>>>(sql: string, values?: readonly unknown[]): Promise<PostgresResult<Row>>
  /** Whether a transaction is open (`failed`: only a rollback is left), as the server last said. */
  transaction(): 'none' | 'open' | 'failed'
  /** Gives it back to its pool, or ends it. Calling it again does nothing. */
  close(): Promise<void>
}

export interface PostgresResult<Row> {
  readonly rows: readonly Row[]
  /** Rows that the statement returned or changed; 0 where the server says none. */
  readonly rowCount: number
  readonly columns: readonly { readonly name: string; readonly oid: number }[]
}

/** @param end ends the connection, or gives it back to its pool */
export function wrapClient(raw: pg.ClientBase, where: string, end: () => Promise<void>): PostgresClient {
  let closed: Promise<void> | undefined
  const client: PostgresClient = {
    where,
    async query<Row>(sql: string, values?: readonly unknown[]): Promise<PostgresResult<Row>> {
      try {
        const answer: unknown = await (values === undefined ? raw.query(sql) : raw.query(sql, [...values]))
        return toResult<Row>(answer)
      } catch (error) {
        await hearStatus(raw)
        throw toPostgresError(error, where)
      }
    },
    transaction() {
      const status = raw.getTransactionStatus()
      return status === 'T' ? 'open' : status === 'E' ? 'failed' : 'none'
    },
    async close() {
      closed ??= end()
      await closed
    },
  }
  RAW.set(client, raw)
  return client
}

/**
 * The driver gives an error on before the server has said whether a transaction is left open, which comes in a packet of its
 * own. Without that word a pool takes `begin; …` that failed for a connection at rest, and gives it to the next.
 */
async function hearStatus(raw: pg.ClientBase): Promise<void> {
  // An empty statement is answered in a failed transaction, too; on a lost connection it fails, and the status says nothing.
  await raw.query('').catch(() => undefined)
}

/** The driver's own client, for COPY. */
export function rawClientOf(client: PostgresClient): pg.ClientBase {
  const raw = RAW.get(client)
  if (raw === undefined) throw new TypeError('this client was not made by connect or openPool')
  return raw
}

const RAW = new WeakMap<PostgresClient, pg.ClientBase>()

function toResult<Row>(answer: unknown): PostgresResult<Row> {
  const result = (Array.isArray(answer) ? answer.at(-1) : answer) as pg.QueryResult
  return {
    rows: result.rows as readonly Row[],
    rowCount: result.rowCount ?? 0,
    columns: result.fields.map((column) => ({ name: column.name, oid: column.dataTypeID })),
  }
}
