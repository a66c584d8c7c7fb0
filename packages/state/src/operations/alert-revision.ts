/** Counts the steps of the alerts: whoever planned one on an older number plans anew. */
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/** 0 before the first. */
export async function alertRevision(db: Kysely<Schema>): Promise<number> {
  const row = await db.selectFrom('alert_revision').select('revision').where('id', '=', 1).executeTakeFirst()
  return row?.revision ?? 0
}

export async function raiseRevision(trx: Transaction<Schema>): Promise<void> {
  const revision = (await alertRevision(trx)) + 1
  await trx
    .insertInto('alert_revision')
    .values({ id: 1, revision })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ revision }))
    .execute()
}
