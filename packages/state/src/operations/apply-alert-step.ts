/**
 * One step of the alert engine.
 *
 *   (1) A step is applied whole, or refused whole.
 *   (2) It is refused when another step, an acknowledgement or a silence came since it was planned: nothing is told that
 *       somebody had just silenced, and no alert goes back to an older state.
 *   (3) A decision that says what the last one of its alert and channel says is not written again.
 */
import { stringifyJson, type AlertDecision, type AlertGroup, type AlertRecord, type AlertStore } from '@tidegate/core'
import { sql, type Kysely, type Transaction } from 'kysely'
import { forEachRow, type RowColumns } from '../for-each-row.ts'
import { insertNotices } from '../outbox.ts'
import type { Schema } from '../schema.ts'
import { alertRevision, raiseRevision } from './alert-revision.ts'
import { foldSignals } from './signals.ts'

export type AlertStep = Parameters<AlertStore['applyAlertStep']>[0]

export async function applyAlertStep(db: Kysely<Schema>, step: AlertStep): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if ((await alertRevision(trx)) !== step.basedOn) return false
    await writeAlerts(trx, step.alerts)
    await writeGroups(trx, step.groups)
    await writeDecisions(trx, step.decisions)
    await insertNotices(trx, step.notices)
    await foldSignals(trx, step.folded)
    for (const [id, hidden] of Object.entries(step.silenced)) {
      await trx
        .updateTable('silence')
        .set({ hidden: sql`hidden + ${hidden}` })
        .where('id', '=', id)
        .execute()
    }
    await raiseRevision(trx)
    return true
  })
}

async function writeAlerts(trx: Transaction<Schema>, alerts: readonly AlertRecord[]): Promise<void> {
  const rows = alerts.map((alert) => [
    alert.id,
    alert.kind,
    alert.source,
    alert.dataset,
    alert.severity,
    alert.state,
    alert.firstAtMs,
    alert.lastAtMs,
    alert.count,
    alert.firingAtMs,
    alert.acknowledgedAtMs,
    alert.acknowledgedBy,
    alert.note,
    alert.resolvedAtMs,
    alert.run,
    stringifyJson(alert.detail),
  ])
  await forEachRow(trx, ALERT_COLUMNS, rows, upsert('alert', ALERT_COLUMNS, ['id']))
}

const ALERT_COLUMNS: RowColumns = {
  id: 'text',
  kind: 'text',
  source: 'text',
  dataset: 'text',
  severity: 'text',
  state: 'text',
  first_at_ms: 'bigint',
  last_at_ms: 'bigint',
  count: 'bigint',
  firing_at_ms: 'bigint',
  acknowledged_at_ms: 'bigint',
  acknowledged_by: 'text',
  note: 'text',
  resolved_at_ms: 'bigint',
  run: 'text',
  detail: 'text',
}

async function writeGroups(trx: Transaction<Schema>, groups: readonly AlertGroup[]): Promise<void> {
  const rows = groups.map((group) => [
    group.channel,
    group.key,
    group.waitingSinceMs,
    group.lastSentAtMs,
    stringifyJson(group.told),
    stringifyJson(group.decided),
    stringifyJson(group.news),
  ])
  await forEachRow(trx, GROUP_COLUMNS, rows, upsert('alert_group', GROUP_COLUMNS, ['channel', 'key']))
}

const GROUP_COLUMNS: RowColumns = {
  channel: 'text',
  key: 'text',
  waiting_since_ms: 'bigint',
  last_sent_at_ms: 'bigint',
  told: 'text',
  decided: 'text',
  news: 'text',
}

async function writeDecisions(trx: Transaction<Schema>, decisions: readonly AlertDecision[]): Promise<void> {
  const rows = decisions.map(({ alert, channel, atMs, outcome, reason, notice }) => [
    alert,
    channel,
    atMs,
    outcome,
    reason,
    notice,
  ])
  await forEachRow(
    trx,
    DECISION_COLUMNS,
    rows,
    `insert into alert_decision (alert, channel, at_ms, outcome, reason, notice)
select alert, channel, at_ms, outcome, reason, notice from new where not exists (
  select 1 from alert_decision as last
  where last.alert = new.alert and last.channel = new.channel and last.outcome = new.outcome and last.reason = new.reason
    and coalesce(last.notice, '') = coalesce(new.notice, '')
    and last.at_ms = (select max(at_ms) from alert_decision as any_of
      where any_of.alert = new.alert and any_of.channel = new.channel))
on conflict (alert, channel, at_ms) do update set outcome = excluded.outcome, reason = excluded.reason, notice = excluded.notice`,
  )
}

const DECISION_COLUMNS: RowColumns = {
  alert: 'text',
  channel: 'text',
  at_ms: 'bigint',
  outcome: 'text',
  reason: 'text',
  notice: 'text',
}

function upsert(table: string, columns: RowColumns, key: readonly string[]): string {
  const names = Object.keys(columns)
  const set = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`)
  return `insert into ${table} (${names.join(', ')}) select ${names.join(', ')} from new where true
on conflict (${key.join(', ')}) do update set ${set.join(', ')}`
}
