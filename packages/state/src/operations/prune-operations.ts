/**
 * What the daemon kept and nobody asks for any more.
 *
 *   (1) What still goes on stays, whatever its age: open jobs and alerts, signals that were not folded in, notices that wait.
 *   (2) A tick goes only when its schedule's cursor is past it: an instant that was decided is never decided again.
 *   (3) Sums that only grow take up what goes.                                                            [metric-sums.ts]
 */
import type { AlertState } from '@tidegate/core'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { forgetDeliveries, forgetTicks } from '../facts/metric-sums.ts'
import type { Schema } from '../schema.ts'
import { ANSWER_KEPT_MS } from './idempotency.ts'

export interface PrunedOperations {
  /** With their attempts and events. */
  readonly jobs: number
  readonly ticks: number
  /** Resolved ones, with the decisions over them. */
  readonly alerts: number
  /** Deliveries, audit, signals, silences, sessions, idempotency keys. */
  readonly records: number
}

export async function pruneOperations(
  db: Kysely<Schema>,
  beforeMs: number,
  nowMs: number,
  dryRun: boolean,
): Promise<PrunedOperations> {
  const clear = async (table: string, which: RawBuilder<boolean>): Promise<number> => {
    if (!dryRun) return Number((await sql`delete from ${sql.table(table)} where ${which}`.execute(db)).numAffectedRows)
    const { rows } = await sql<{
      many: number | string
    }>`select count(*) as many from ${sql.table(table)} where ${which}`.execute(db)
    return Number(rows[0]?.many ?? 0)
  }
  const goneTicks = sql<boolean>`instant_ms < ${beforeMs} and decided_at_ms < ${beforeMs} and not exists (
    select 1 from schedule where schedule.id = tick.schedule and schedule.cursor_ms < tick.instant_ms)`
  const goneDeliveries = sql<boolean>`at_ms < ${beforeMs} and not exists (
    select 1 from outbox where outbox.key = delivery.notice and delivered_at_ms is null and given_up_at_ms is null)`
  if (!dryRun) {
    await forgetTicks(db, goneTicks)
    await forgetDeliveries(db, goneDeliveries)
  }
  // Before the outbox itself is pruned: who waits is known by it.
  let records = await clear('delivery', goneDeliveries)
  const ticks = await clear('tick', goneTicks)

  const goneJob = sql<boolean>`ended_at_ms < ${beforeMs} and state not in ('queued', 'retrying', 'running')`
  if (!dryRun) {
    for (const table of ['attempt', 'job_event']) await clear(table, sql`job in (select id from job where ${goneJob})`)
  }
  const jobs = await clear('job', goneJob)

  const goneAlert = sql<boolean>`resolved_at_ms < ${beforeMs} and state = 'resolved'`
  if (!dryRun) await clear('alert_decision', sql`alert in (select id from alert where ${goneAlert})`)
  const alerts = await clear('alert', goneAlert)
  records += await clear('alert_signal', sql`at_ms < ${beforeMs} and folded = 1`)
  if (!dryRun) await pruneGroups(db, beforeMs)

  records += await clear('audit', sql`at_ms < ${beforeMs}`)
  records += await clear('silence', sql`ends_at_ms < ${Math.min(beforeMs, nowMs - SILENCE_SHOWN_MS)}`)
  records += await clear('session', sql`expires_at_ms <= ${nowMs}`)
  records += await clear('idempotency', sql`created_at_ms <= ${nowMs - ANSWER_KEPT_MS}`)
  return { jobs, ticks, alerts, records }
}

const SILENCE_SHOWN_MS = 7 * 24 * 3_600_000

/** Groups that wait for nothing, and whose alerts are all gone. */
async function pruneGroups(db: Kysely<Schema>, beforeMs: number): Promise<void> {
  const open = new Set((await db.selectFrom('alert').select('id').execute()).map(({ id }) => id))
  const groups = await db
    .selectFrom('alert_group')
    .selectAll()
    .where('waiting_since_ms', 'is', null)
    .where('last_sent_at_ms', '<', beforeMs)
    .where('news', '=', '[]')
    .execute()
  for (const { channel, key, told } of groups) {
    if (Object.keys(JSON.parse(told) as Record<string, AlertState>).some((id) => open.has(id))) continue
    await db.deleteFrom('alert_group').where('channel', '=', channel).where('key', '=', key).execute()
  }
}
