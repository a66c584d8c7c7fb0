import type { AlertDecision, AlertGroup, AlertRecord, AlertState, JsonValue, Paged, PageRequest } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import { raiseRevision } from './alert-revision.ts'
import { isOneOf, pageQuery, toPage, type PageOrder } from './pages.ts'
import type { AlertTable } from './tables.ts'

/** Oldest first. */
export async function openAlerts(db: Kysely<Schema>): Promise<readonly AlertRecord[]> {
  const rows = await db
    .selectFrom('alert')
    .selectAll()
    .where(sql<boolean>`state <> 'resolved'`)
    .orderBy('first_at_ms')
    .orderBy('id')
    .execute()
  return rows.map((row) => toAlert(row))
}

export async function getAlert(db: Kysely<Schema>, id: string): Promise<AlertRecord | undefined> {
  const row = await db.selectFrom('alert').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toAlert(row)
}

export async function listAlerts(
  db: Kysely<Schema>,
  filter: PageRequest & { readonly states?: readonly AlertState[] | undefined; readonly source?: string | undefined },
): Promise<Paged<AlertRecord>> {
  const { after, rows } = pageQuery(ORDER, filter)
  let query = db.selectFrom('alert').selectAll().where(after)
  if (filter.states !== undefined) query = query.where(isOneOf('state', filter.states))
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  const found = await query.orderBy('first_at_ms', 'desc').orderBy('id', 'desc').limit(rows).execute()
  return toPage(ORDER, filter, found, toAlert)
}

const ORDER: PageOrder = {
  list: 'alerts',
  columns: [
    { name: 'first_at_ms', type: 'number' },
    { name: 'id', type: 'text' },
  ],
}

/** Who acknowledged first is kept, with what they noted. A pending one can be acknowledged, too: it is not told then. */
export async function acknowledgeAlert(
  db: Kysely<Schema>,
  id: string,
  by: string,
  note: string | null,
  nowMs: number,
): Promise<AlertRecord | undefined> {
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('alert').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined || row.state === 'resolved') return undefined
    if (row.state === 'acknowledged') return toAlert(row)
    const change = {
      state: 'acknowledged' as const,
      acknowledged_at_ms: nowMs,
      acknowledged_by: by,
      note,
    }
    await trx.updateTable('alert').set(change).where('id', '=', id).execute()
    await raiseRevision(trx)
    return toAlert({ ...row, ...change })
  })
}

export async function listGroups(db: Kysely<Schema>): Promise<readonly AlertGroup[]> {
  const rows = await db.selectFrom('alert_group').selectAll().orderBy('channel').orderBy('key').execute()
  return rows.map((row) => ({
    channel: row.channel,
    key: row.key,
    waitingSinceMs: row.waiting_since_ms,
    lastSentAtMs: row.last_sent_at_ms,
    told: JSON.parse(row.told) as AlertGroup['told'],
    decided: JSON.parse(row.decided) as AlertGroup['decided'],
    news: JSON.parse(row.news) as AlertGroup['news'],
  }))
}

/** Oldest first. */
export async function listDecisions(db: Kysely<Schema>, alert: string): Promise<readonly AlertDecision[]> {
  const rows = await db
    .selectFrom('alert_decision')
    .selectAll()
    .where('alert', '=', alert)
    .orderBy('at_ms')
    .orderBy('channel')
    .execute()
  return rows.map(({ channel, at_ms: atMs, outcome, reason, notice }) => ({
    alert,
    channel,
    atMs,
    outcome,
    reason,
    notice,
  }))
}

export function toAlert(row: AlertTable): AlertRecord {
  return {
    id: row.id,
    kind: row.kind,
    source: row.source,
    dataset: row.dataset,
    severity: row.severity,
    state: row.state,
    firstAtMs: row.first_at_ms,
    lastAtMs: row.last_at_ms,
    count: row.count,
    firingAtMs: row.firing_at_ms,
    acknowledgedAtMs: row.acknowledged_at_ms,
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
    resolvedAtMs: row.resolved_at_ms,
    run: row.run,
    detail: JSON.parse(row.detail) as Record<string, JsonValue>,
  }
}
