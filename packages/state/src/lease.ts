/**
 * One writer per source.
 *
 *   (1) At most one owner holds the lease of a source, unless its time ran out or its process died. [acquireLease]
 *   (2) Every acquisition gets a higher fence than all before it, also after a release and a rebuild.
 *       [acquireLease, raiseFence; `highest_fence` is never lowered and its row never deleted]
 *
 * A lease saves work; that no file is loaded twice is the commit log's own test.
 */
import type { LeaseOutcome, LeaseOwner } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

export type IsAlive = (ownerId: string) => boolean | 'unknown'

export async function acquireLease(
  db: Kysely<Schema>,
  isAlive: IsAlive,
  source: string,
  owner: LeaseOwner,
  nowMs: number,
  ttlMs: number,
): Promise<LeaseOutcome> {
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('lease').selectAll().where('source', '=', source).executeTakeFirst()
    if (row !== undefined && row.owner_id !== null && row.expires_ms > nowMs && isAlive(row.owner_id) !== false) {
      const by = { id: row.owner_id, what: row.owner_what }
      return { kind: 'held', by, sinceMs: row.since_ms, expiresAtMs: row.expires_ms }
    }
    const fence = (row?.highest_fence ?? 0) + 1
    const lease = {
      owner_id: owner.id,
      owner_what: owner.what,
      fence,
      highest_fence: fence,
      since_ms: nowMs,
      expires_ms: nowMs + ttlMs,
    }
    await trx
      .insertInto('lease')
      .values({ source, ...lease })
      .onConflict((conflict) => conflict.column('source').doUpdateSet(lease))
      .execute()
    return { kind: 'acquired', fence }
  })
}

/** A lease whose time ran out is still renewed, as long as nobody took it. */
export async function renewLease(
  db: Kysely<Schema>,
  source: string,
  owner: LeaseOwner,
  fence: number,
  nowMs: number,
  ttlMs: number,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const result = await trx
      .updateTable('lease')
      .set({ expires_ms: nowMs + ttlMs })
      .where('source', '=', source)
      .where('owner_id', '=', owner.id)
      .where('fence', '=', fence)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  })
}

export async function releaseLease(
  db: Kysely<Schema>,
  source: string,
  owner: LeaseOwner,
  fence: number,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('lease')
      .set({ owner_id: null, owner_what: '', expires_ms: 0 })
      .where('source', '=', source)
      .where('owner_id', '=', owner.id)
      .where('fence', '=', fence)
      .execute()
  })
}

export async function raiseFence(db: Kysely<Schema>, source: string, atLeast: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const free = { owner_id: null, owner_what: '', fence: 0, since_ms: 0, expires_ms: 0 }
    await trx
      .insertInto('lease')
      .values({ source, ...free, highest_fence: atLeast })
      .onConflict((conflict) =>
        conflict.column('source').doUpdateSet({ highest_fence: atLeast }).where('lease.highest_fence', '<', atLeast),
      )
      .execute()
  })
}

/** Leases that are held now: not released and not expired. */
export async function listLeases(
  db: Kysely<Schema>,
  nowMs: number,
): Promise<readonly { readonly source: string; readonly owner: LeaseOwner; readonly expiresAtMs: number }[]> {
  const rows = await db
    .selectFrom('lease')
    .select(['source', 'owner_id', 'owner_what', 'expires_ms'])
    .where('owner_id', 'is not', null)
    .where('expires_ms', '>', nowMs)
    .orderBy('source')
    .execute()
  return rows.map((row) => ({
    source: row.source,
    owner: { id: row.owner_id ?? '', what: row.owner_what },
    expiresAtMs: row.expires_ms,
  }))
}
