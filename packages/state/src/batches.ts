import { stringifyJson, type PinnedBatch } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** Pinning a batch again (the next attempt) replaces what was known of it. */
export async function pinBatch(db: Kysely<Schema>, batch: PinnedBatch): Promise<void> {
  const values = {
    run: batch.run,
    source: batch.source,
    dataset: batch.dataset,
    location: batch.location,
    attempt: batch.attempt,
    files: stringifyJson(batch.files),
    pinned_at_ms: batch.pinnedAtMs,
  }
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('batch')
      .values({ batch: batch.batch, ...values })
      .onConflict((conflict) => conflict.column('batch').doUpdateSet(values))
      .execute()
  })
}

export async function openBatches(db: Kysely<Schema>, source: string): Promise<readonly PinnedBatch[]> {
  const rows = await db
    .selectFrom('batch')
    .selectAll()
    .where('source', '=', source)
    .orderBy('pinned_at_ms')
    .orderBy('batch')
    .execute()
  return rows.map((row) => ({
    batch: row.batch,
    run: row.run,
    source: row.source,
    dataset: row.dataset,
    location: row.location,
    attempt: row.attempt,
    files: JSON.parse(row.files) as PinnedBatch['files'],
    pinnedAtMs: row.pinned_at_ms,
  }))
}

export async function dropBatch(db: Kysely<Schema>, batch: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('batch').where('batch', '=', batch).execute()
  })
}
