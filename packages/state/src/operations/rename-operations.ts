import { stringifyJson, type AlertMatcher } from '@tidegate/core'
import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { lastVersion, rememberVersion } from './ingestions.ts'

/**
 * Jobs, signals, alerts, silences, schedules with their ticks, and an ingestion made by API get the source's new name. Where
 * the new name has a schedule or an ingestion already, that one stays; a pause comes with the old one.
 */
export async function renameInOperations(trx: Transaction<Schema>, from: string, to: string): Promise<void> {
  for (const table of ['job', 'alert', 'alert_signal'] as const) {
    await trx.updateTable(table).set({ source: to }).where('source', '=', from).execute()
  }
  for (const { id, matcher } of await trx.selectFrom('silence').select(['id', 'matcher']).execute()) {
    const known = JSON.parse(matcher) as AlertMatcher
    if (known.source !== from) continue
    const renamed = stringifyJson({ ...known, source: to })
    await trx.updateTable('silence').set({ matcher: renamed }).where('id', '=', id).execute()
  }
  const taken = await trx.selectFrom('ingestion').select('id').where('id', '=', to).executeTakeFirst()
  const old = await trx.selectFrom('ingestion').select('version').where('id', '=', from).executeTakeFirst()
  if (taken === undefined && old !== undefined) {
    const version = Math.max(old.version, await lastVersion(trx, to)) + 1
    await trx.updateTable('ingestion').set({ id: to, version }).where('id', '=', from).execute()
    await rememberVersion(trx, from, old.version)
  }
  for (const schedule of await trx.selectFrom('schedule').selectAll().where('subject', '=', from).execute()) {
    const id = schedule.id === `${schedule.command}:${from}` ? `${schedule.command}:${to}` : schedule.id
    await renameSchedule(trx, schedule.id, id, to)
  }
}

async function renameSchedule(trx: Transaction<Schema>, from: string, to: string, subject: string): Promise<void> {
  if (from === to) {
    await trx.updateTable('schedule').set({ subject }).where('id', '=', from).execute()
    return
  }
  const [old, known] = [await scheduleOf(trx, from), await scheduleOf(trx, to)]
  if (known === undefined) {
    await trx.updateTable('schedule').set({ id: to, subject }).where('id', '=', from).execute()
  } else {
    await trx.deleteFrom('schedule').where('id', '=', from).execute()
    if (known.paused_at_ms === null && old !== undefined) {
      const { paused_at_ms, paused_by } = old
      await trx.updateTable('schedule').set({ paused_at_ms, paused_by }).where('id', '=', to).execute()
    }
  }
  await trx.updateTable('job').set({ schedule: to }).where('schedule', '=', from).execute()
  await sql`update tick set schedule = ${to} where schedule = ${from} and not exists (
    select 1 from tick as other where other.schedule = ${to} and other.instant_ms = tick.instant_ms)`.execute(trx)
  await trx.deleteFrom('tick').where('schedule', '=', from).execute()
}

async function scheduleOf(
  trx: Transaction<Schema>,
  id: string,
): Promise<{ readonly paused_at_ms: number | null; readonly paused_by: string | null } | undefined> {
  return trx.selectFrom('schedule').select(['paused_at_ms', 'paused_by']).where('id', '=', id).executeTakeFirst()
}
