/**
 * Schedules as the state keeps them.
 *
 *   (1) An edit moves no cursor down. The end of a pause may, where a clock was ahead: what was started then has its tick,
 *       and is not started again.                                                          [saveSchedules, pauseSchedule]
 *   (2) An edit, a return to the configuration and the end of a pause run nothing of the past: the cursor moves to now.
 */
import { stringifyJson, type ScheduleConfig, type ScheduleRecord } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import { anchorBefore } from './anchor-before.ts'
import type { ScheduleTable } from './tables.ts'

export type WantedSchedule = Pick<ScheduleRecord, 'id' | 'command' | 'subject' | 'config'>

/** In the order of their ids, also those that the configuration does not have any more. */
export async function listSchedules(db: Kysely<Schema>): Promise<readonly ScheduleRecord[]> {
  const rows = await db.selectFrom('schedule').selectAll().orderBy('id').execute()
  return rows.map((row) => toSchedule(row))
}

export async function saveSchedules(
  db: Kysely<Schema>,
  wanted: readonly WantedSchedule[],
  nowMs: number,
): Promise<readonly ScheduleRecord[]> {
  return db.transaction().execute(async (trx) => {
    const known = new Map((await trx.selectFrom('schedule').selectAll().execute()).map((row) => [row.id, row]))
    for (const schedule of wanted) {
      const row = known.get(schedule.id)
      known.delete(schedule.id)
      const said = { command: schedule.command, subject: schedule.subject, config: stringifyJson(schedule.config) }
      if (row === undefined) {
        const fresh = { anchor_ms: nowMs, cursor_ms: nowMs, paused_at_ms: null, paused_by: null, is_current: 1 }
        await trx
          .insertInto('schedule')
          .values({ id: schedule.id, ...said, ...fresh })
          .execute()
        continue
      }
      const isSame = row.is_current === 1 && ruleOf(row) === ruleOf({ ...row, ...said })
      if (isSame && row.config === said.config) continue
      const place = isSame ? {} : { anchor_ms: nowMs, cursor_ms: Math.max(row.cursor_ms, nowMs), is_current: 1 }
      await trx
        .updateTable('schedule')
        .set({ ...said, ...place })
        .where('id', '=', schedule.id)
        .execute()
    }
    for (const { id, is_current } of known.values()) {
      if (is_current === 1) await trx.updateTable('schedule').set({ is_current: 0 }).where('id', '=', id).execute()
    }
    return listSchedules(trx)
  })
}

export async function pauseSchedule(
  db: Kysely<Schema>,
  id: string,
  by: string | null,
  nowMs: number,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('schedule').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined) return false
    // Who paused first is the one to ask.
    if ((by === null) === (row.paused_at_ms === null)) return true
    const change =
      by === null
        ? { paused_at_ms: null, paused_by: null, cursor_ms: nowMs, anchor_ms: anchorOf(row, nowMs) }
        : { paused_at_ms: nowMs, paused_by: by }
    await trx.updateTable('schedule').set(change).where('id', '=', id).execute()
    return true
  })
}

function anchorOf({ config, anchor_ms }: ScheduleTable, nowMs: number): number {
  return anchorBefore(toConfig(config).trigger, anchor_ms, nowMs)
}

/** Which instants there are and which of them are run late: what an edit starts anew. How a run is retried is no part of it. */
function ruleOf({ command, subject, config }: Pick<ScheduleTable, 'command' | 'subject' | 'config'>): string {
  const { trigger, catchUp, catchUpLimit, catchUpWindowMs, startingDeadlineMs } = JSON.parse(config) as ScheduleConfig
  const parts = Object.entries(trigger).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return stringifyJson([command, subject, parts, catchUp, catchUpLimit, catchUpWindowMs, startingDeadlineMs ?? null])
}

export function toSchedule(row: ScheduleTable): ScheduleRecord {
  return {
    id: row.id,
    command: row.command,
    subject: row.subject,
    config: toConfig(row.config),
    anchorMs: row.anchor_ms,
    cursorMs: row.cursor_ms,
    pausedAtMs: row.paused_at_ms,
    pausedBy: row.paused_by,
    isCurrent: row.is_current === 1,
  }
}

function toConfig(json: string): ScheduleConfig {
  const config = JSON.parse(json) as ScheduleConfig
  // What was undefined has no key in JSON; the type wants it there.
  return { ...config, startingDeadlineMs: config.startingDeadlineMs, expiryMs: config.expiryMs }
}
