/**
 * Notices wait here until they are delivered, at least once.
 *
 *   (1) A key is accepted once, also after its delivery.                          [insertNotices; rows stay]
 *   (2) A notice that was taken is not offered again for {@link TAKEN_FOR_MS}, so two loops do not both send it; if its
 *       taker dies, it comes back.                                                [takeNotices]
 *   (3) Failed deliveries are tried again until somebody gives them up; what was given up is kept.  [markFailed]
 */
import { stringifyJson, type DueNotice, type JsonValue, type OutboxNotice } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import { chunksOf } from './chunks-of.ts'
import type { Schema } from './schema.ts'

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
    given_up_at_ms: null,
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
export async function takeNotices(
  db: Kysely<Schema>,
  limit: number,
  nowMs: number,
  except: readonly string[] = [],
): Promise<readonly DueNotice[]> {
  return db.transaction().execute(async (trx) => {
    let query = trx
      .selectFrom('outbox')
      .selectAll()
      .where('delivered_at_ms', 'is', null)
      .where('given_up_at_ms', 'is', null)
      .where('next_at_ms', '<=', nowMs)
    if (except.length > 0) query = query.where('channel', 'not in', except)
    const rows = await query.orderBy('created_at_ms').orderBy('key').limit(limit).execute()
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

/** A late answer, after it was delivered or given up, counts for nothing. */
export async function markFailed(
  db: Kysely<Schema>,
  key: string,
  nowMs: number,
  error: string,
  nextAtMs: number | null,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('outbox')
      .select('attempts')
      .where('key', '=', key)
      .where('delivered_at_ms', 'is', null)
      .where('given_up_at_ms', 'is', null)
      .executeTakeFirst()
    if (row === undefined) return
    const attempts = row.attempts + 1
    const change = nextAtMs === null ? { given_up_at_ms: nowMs } : { next_at_ms: nextAtMs }
    await trx
      .updateTable('outbox')
      .set({ attempts, last_error: error, ...change })
      .where('key', '=', key)
      .execute()
  })
}

export async function nextNoticeAtMs(db: Kysely<Schema>): Promise<number | null> {
  const row = await db
    .selectFrom('outbox')
    .select('next_at_ms')
    .where('delivered_at_ms', 'is', null)
    .where('given_up_at_ms', 'is', null)
    .orderBy('next_at_ms')
    .limit(1)
    .executeTakeFirst()
  return row?.next_at_ms ?? null
}

export async function sentSince(
  db: Kysely<Schema>,
  sinceMs: number,
): Promise<readonly { readonly channel: string; readonly atMs: number }[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['channel', 'created_at_ms'])
    .where('created_at_ms', '>=', sinceMs)
    .orderBy('created_at_ms')
    .orderBy('key')
    .execute()
  return rows.map((row) => ({ channel: row.channel, atMs: row.created_at_ms }))
}
