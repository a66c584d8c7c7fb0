import { sql, type Kysely } from 'kysely'
import { forgetListings } from './listing.ts'
import type { Schema } from './schema.ts'
import { combineShares } from './watermark.ts'

/**
 * Forgets what a ledger can restore: position, file versions, parts, quarantine, schema versions and its share of the
 * watermarks. Runs, checks, failures, leases with their fences, pinned batches, the outbox and watermarks set by hand
 * stay. Without a location: of all ledgers.
 */
export async function clearIndex(db: Kysely<Schema>, location?: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    let ledgers = trx.selectFrom('ledger').select('id')
    if (location !== undefined) ledgers = ledgers.where('location', '=', location)
    const sources = await trx
      .selectFrom('watermark_share')
      .select('source')
      .distinct()
      .where('ledger_id', 'in', ledgers)
      .execute()
    await trx.deleteFrom('watermark_share').where('ledger_id', 'in', ledgers).execute()
    await sql`delete from part_file where part_id in (select id from part_row where ledger_id in (${ledgers}))`.execute(
      trx,
    )
    await sql`delete from entry_sum where entry_id in (select id from entry where ledger_id in (${ledgers}))`.execute(
      trx,
    )
    for (const table of ['part_row', 'file_version_row', 'entry']) {
      await sql`delete from ${sql.table(table)} where ledger_id in (${ledgers})`.execute(trx)
    }
    // Quarantine and schema versions follow by their foreign keys.
    await trx.deleteFrom('ledger').where('id', 'in', ledgers).execute()
    for (const { source } of sources) await combineShares(trx, source)
    await forgetListings(trx)
  })
}
