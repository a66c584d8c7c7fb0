/**
 * Notices wait here until they are delivered, at least once.
 *
 *   (1) A key is accepted once, also after its delivery.                          [insertNotices; rows stay]
 *   (2) A notice that was taken is not offered again for {@link TAKEN_FOR_MS}, so two loops do not both send it; if its
 *       taker dies, it comes back.                                                [takeNotices]
 *   (3) Nothing is given up: failed deliveries are tried again, at most an hour apart.  [markFailed]
 */
import { stringifyJson, type JsonValue, type OutboxNotice } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import { chunksOf } from './chunks-of.ts'
import type { Schema } from './schema.ts'

/** A notice to deliver now. */
export interface PendingNotice extends OutboxNotice {
  /** Failed deliveries so far. */
  readonly attempts: number
}

export const TAKEN_FOR_MS = 60_000

export async function insertNotices(trx: Transaction<Schema>, notices: readonly OutboxNotice[]): Promise<void> {
  const rows = notices.map((notice) => ({
    key: notice.key,
    channel: notice.channel,
    event: notice.event,
    payload: stringifyJson(notice.payload),
    created_at_ms: notice.createdAtMs,
    next_at_ms: notice.createdAtMs,
    attempts: 0,
    delivered_at_ms: null,
    last_error: null,
  }))
  for (const chunk of chunksOf(rows, 100)) {
    await trx
      .insertInto('outbox')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** Oldest first. */
export async function takeNotices(db: Kysely<Schema>, limit: number, nowMs: number): Promise<readonly PendingNotice[]> {
  return db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom('outbox')
      .selectAll()
      .where('delivered_at_ms', 'is', null)
      .where('next_at_ms', '<=', nowMs)
      .orderBy('created_at_ms')
      .orderBy('key')
      .limit(limit)
      .execute()
    for (const { key } of rows) {
      await trx
        .updateTable('outbox')
        .set({ next_at_ms: nowMs + TAKEN_FOR_MS })
        .where('key', '=', key)
        .execute()
    }
    return rows.map((row) => ({
      key: row.key,
      channel: row.channel,
      event: row.event,
      payload: JSON.parse(row.payload) as Record<string, JsonValue>,
      createdAtMs: row.created_at_ms,
      attempts: row.attempts,
    }))
  })
}

export async function markDelivered(db: Kysely<Schema>, key: string, nowMs: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('outbox')
      .set({ delivered_at_ms: nowMs, last_error: null })
      .where('key', '=', key)
      .where('delivered_at_ms', 'is', null)
      .execute()
  })
}

export async function markFailed(db: Kysely<Schema>, key: string, nowMs: number, error: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('outbox')
      .select('attempts')
      .where('key', '=', key)
      .where('delivered_at_ms', 'is', null)
      .executeTakeFirst()
    if (row === undefined) return
    const attempts = row.attempts + 1
    await trx
      .updateTable('outbox')
      .set({ attempts, last_error: error, next_at_ms: nowMs + retryDelayMs(attempts) })
      .where('key', '=', key)
      .execute()
  })
}

/** 5 s after the first failure, doubled after each further one, at most one hour. */
export function retryDelayMs(attempts: number): number {
  return Math.min(5000 * 2 ** Math.min(attempts - 1, 20), 3_600_000)
}
