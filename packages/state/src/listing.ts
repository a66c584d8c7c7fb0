/** What the last listing saw of a source's folders: a help for the next one, which can do without. */
import type { Ledger, ListingChange } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import { forEachRow } from './for-each-row.ts'
import type { Schema } from './schema.ts'

export async function lastListing(
  db: Kysely<Schema>,
  source: string,
): Promise<Awaited<ReturnType<Ledger['lastListing']>>> {
  const [listing, folders] = await db
    .transaction()
    .execute(async (trx) => [
      await trx.selectFrom('listing').selectAll().where('source', '=', source).executeTakeFirst(),
      await trx.selectFrom('listed_folder').selectAll().where('source', '=', source).execute(),
    ])
  if (listing === undefined) return undefined
  return {
    scope: listing.scope,
    fullAtMs: listing.full_at_ms,
    isTrusted: listing.trusted === 1,
    folders: folders.map((row) => ({
      folder: row.folder,
      stamp: row.stamp ?? undefined,
      sinceMs: row.since_ms,
      isDone: row.done === 1,
    })),
  }
}

export async function saveListing(db: Kysely<Schema>, source: string, change: ListingChange): Promise<void> {
  const { scope, fullAtMs, isTrusted, folders, gone } = change
  await db.transaction().execute(async (trx) => {
    await forEachRow(
      trx,
      { source: 'text', scope: 'text', full_at_ms: 'bigint', trusted: 'bigint' },
      [[source, scope, fullAtMs, isTrusted ? 1 : 0]],
      `insert into listing (source, scope, full_at_ms, trusted) select * from new where true
on conflict (source) do update set scope = excluded.scope, full_at_ms = excluded.full_at_ms, trusted = excluded.trusted`,
    )
    await forEachRow(
      trx,
      { source: 'text', folder: 'text' },
      gone.map((folder) => [source, folder]),
      `delete from listed_folder where (source, folder) in (select source, folder from new)`,
    )
    await forEachRow(
      trx,
      { source: 'text', folder: 'text', stamp: 'text', since_ms: 'bigint', done: 'bigint' },
      folders.map(({ folder, stamp, sinceMs, isDone }) => [source, folder, stamp ?? null, sinceMs, isDone ? 1 : 0]),
      `insert into listed_folder (source, folder, stamp, since_ms, done) select * from new where true
on conflict (source, folder) do update set stamp = excluded.stamp, since_ms = excluded.since_ms, done = excluded.done`,
    )
  })
}

/** What a listing passed over is only known as long as the index is. */
export async function forgetListings(trx: Transaction<Schema>, sources?: readonly string[]): Promise<void> {
  for (const table of ['listing', 'listed_folder'] as const) {
    const all = trx.deleteFrom(table)
    await (sources === undefined ? all : all.where('source', 'in', sources)).execute()
  }
}
