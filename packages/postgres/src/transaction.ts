import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresClient } from './client.ts'
import { sqlStateOf } from './postgres-errors.ts'

export interface TransactionOptions {
  /** @defaultValue read committed */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable' | undefined
  readonly readOnly?: boolean | undefined
  /** How often a transaction that met another one (40001, 40P01) is done again from its beginning. @defaultValue 0 */
  readonly retries?: number | undefined
}

/**
 * `work` between begin and commit; a rollback when it throws. With `retries`, `work` is called again: it must not have
 * effects outside the transaction.
 */
export async function inTransaction<T>(
  client: PostgresClient,
  work: (client: PostgresClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(client, work, options)
    } catch (error) {
      if (attempt >= (options.retries ?? 0) || !isSerializationFailure(error)) throw error
      // The random part keeps transactions out of step.
      await sleep(Math.min(5 * 2 ** attempt, 200) * (0.5 + Math.random()))
    }
  }
}

/** The server chose this transaction to give way; done again from its beginning it may succeed. */
export function isSerializationFailure(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === '40001' || state === '40P01'
}

async function once<T>(
  client: PostgresClient,
  work: (client: PostgresClient) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  await client.query(
    `begin isolation level ${options.isolation ?? 'read committed'} ${options.readOnly === true ? 'read only' : 'read write'}`,
  )
  try {
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    // Where the connection is gone, the server rolls back by itself.
    if (client.transaction() !== 'none') await client.query('rollback').catch(() => undefined)
    throw error
  }
}
