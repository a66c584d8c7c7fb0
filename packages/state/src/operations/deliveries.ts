import type { DeliveryRecord, Paged, PageRequest } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import { pageQuery, toPage, type PageOrder } from './pages.ts'

/** Written once: the same attempt at the same moment is the same. */
export async function addDelivery(db: Kysely<Schema>, record: DeliveryRecord): Promise<void> {
  const { atMs, nextAtMs, ...rest } = record
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('delivery')
      .values({ ...rest, at_ms: atMs, next_at_ms: nextAtMs })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
}

export async function listDeliveries(
  db: Kysely<Schema>,
  filter: PageRequest & { readonly notice?: string | undefined; readonly channel?: string | undefined },
): Promise<Paged<DeliveryRecord>> {
  const { after, rows } = pageQuery(ORDER, filter)
  let query = db.selectFrom('delivery').selectAll().where(after)
  if (filter.notice !== undefined) query = query.where('notice', '=', filter.notice)
  if (filter.channel !== undefined) query = query.where('channel', '=', filter.channel)
  const found = await query
    .orderBy('at_ms', 'desc')
    .orderBy('notice', 'desc')
    .orderBy('channel', 'desc')
    .orderBy('attempt', 'desc')
    .limit(rows)
    .execute()
  return toPage(ORDER, filter, found, (row) => ({
    notice: row.notice,
    channel: row.channel,
    event: row.event,
    attempt: row.attempt,
    atMs: row.at_ms,
    outcome: row.outcome,
    status: row.status,
    message: row.message,
    nextAtMs: row.next_at_ms,
  }))
}

const ORDER: PageOrder = {
  list: 'deliveries',
  columns: [
    { name: 'at_ms', type: 'number' },
    { name: 'notice', type: 'text' },
    { name: 'channel', type: 'text' },
    { name: 'attempt', type: 'number' },
  ],
}
