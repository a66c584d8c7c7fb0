import { stringifyJson, type AuditRecord, type JsonValue, type Paged, type PageRequest } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import { pageQuery, toPage, type PageOrder } from './pages.ts'

/** An id that is there is known: nothing is written twice, and nothing is ever changed. */
export async function addAudit(db: Kysely<Schema>, record: AuditRecord): Promise<void> {
  const { id, atMs, actor, action, subject, outcome, detail } = record
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('audit')
      .values({ id, at_ms: atMs, actor, action, subject, outcome, detail: stringifyJson(detail) })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
}

export async function listAudit(
  db: Kysely<Schema>,
  filter: PageRequest & { readonly actor?: string | undefined; readonly action?: string | undefined },
): Promise<Paged<AuditRecord>> {
  const { after, rows } = pageQuery(ORDER, filter)
  let query = db.selectFrom('audit').selectAll().where(after)
  if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor)
  if (filter.action !== undefined) query = query.where('action', '=', filter.action)
  const found = await query.orderBy('at_ms', 'desc').orderBy('id', 'desc').limit(rows).execute()
  return toPage(ORDER, filter, found, (row) => ({
    id: row.id,
    atMs: row.at_ms,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    outcome: row.outcome,
    detail: JSON.parse(row.detail) as Record<string, JsonValue>,
  }))
}

const ORDER: PageOrder = {
  list: 'audit',
  columns: [
    { name: 'at_ms', type: 'number' },
    { name: 'id', type: 'text' },
  ],
}
