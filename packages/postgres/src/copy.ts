import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { rawClientOf, type PostgresClient } from './client.ts'
import { toPostgresError } from './postgres-errors.ts'

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * `COPY … FROM STDIN`: sends the bytes of `readable` with back-pressure. An error of `readable` fails the statement, and
 * nothing of it stays.
 *
 * @param sql e.g. `copy "s"."t" ("a", "b") from stdin (format csv, null '\N')`
 * @returns rows that the server counted
 */
export async function copyIn(
  client: PostgresClient,
  sql: string,
  readable: Readable,
  options: CopyOptions = {},
): Promise<number> {
  const { default: streams } = await import('pg-copy-streams')
  const stream = rawClientOf(client).query(streams.from(sql))
  try {
    await pipeline(readable, stream, options.signal === undefined ? {} : { signal: options.signal })
  } catch (error) {
    throw toPostgresError(error, client.where)
  }
  return stream.rowCount
}

/**
 * `COPY … TO STDOUT` into `writable`, with back-pressure.
 *
 * @returns rows that the server counted
 */
export async function copyOut(
  client: PostgresClient,
  sql: string,
  writable: Writable,
  options: CopyOptions = {},
): Promise<number> {
  const { default: streams } = await import('pg-copy-streams')
  const stream = rawClientOf(client).query(streams.to(sql))
  try {
    await pipeline(stream, writable, options.signal === undefined ? {} : { signal: options.signal })
  } catch (error) {
    throw toPostgresError(error, client.where)
  }
  return stream.rowCount
}
