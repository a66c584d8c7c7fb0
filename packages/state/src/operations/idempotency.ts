/**
 * One request of one actor and key is answered once: of several that come at once, one is `first`. Where a daemon was killed
 * in the middle of a request, the key may be used again after ten minutes.
 */
import type { IdempotencyRecord } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** So long an answer is given again. */
export const ANSWER_KEPT_MS: number = 24 * 3_600_000

/** No request is answered for longer: one that has no answer by then was broken off, and its key is free again. */
export const UNANSWERED_KEPT_MS: number = 10 * 60_000

export async function beginIdempotent(
  db: Kysely<Schema>,
  record: Omit<IdempotencyRecord, 'status' | 'body'>,
): Promise<'first' | IdempotencyRecord> {
  const { actor, key, request, createdAtMs } = record
  return db.transaction().execute(async (trx) => {
    const known = await trx
      .selectFrom('idempotency')
      .selectAll()
      .where('actor', '=', actor)
      .where('key', '=', key)
      .executeTakeFirst()
    const keptMs = known?.status === null ? UNANSWERED_KEPT_MS : ANSWER_KEPT_MS
    if (known !== undefined && createdAtMs - known.created_at_ms < keptMs) {
      const { status, body, created_at_ms } = known
      return { actor, key, request: known.request, status, body, createdAtMs: created_at_ms }
    }
    const row = { request, status: null, body: null, created_at_ms: createdAtMs }
    await trx
      .insertInto('idempotency')
      .values({ actor, key, ...row })
      .onConflict((conflict) => conflict.columns(['actor', 'key']).doUpdateSet(row))
      .execute()
    return 'first'
  })
}

export async function endIdempotent(
  db: Kysely<Schema>,
  actor: string,
  key: string,
  status: number | undefined,
  body: string,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (status === undefined) {
      await trx.deleteFrom('idempotency').where('actor', '=', actor).where('key', '=', key).execute()
      return
    }
    await trx
      .updateTable('idempotency')
      .set({ status, body })
      .where('actor', '=', actor)
      .where('key', '=', key)
      .execute()
  })
}
