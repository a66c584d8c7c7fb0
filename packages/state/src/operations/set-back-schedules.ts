/**
 * After a clock was ahead and is right again.
 *
 *   (1) Only who leads sets back, looked at in the transaction that writes.                              [setBackSchedules]
 *   (2) Ticks stay: an instant that became a job while the clock was ahead is not decided again.             [ticks.ts]
 *   (3) Intervals keep their grid: an instant of before is the same instant afterwards.                      [anchor-before.ts]
 */
import type { Leadership, ScheduleRecord } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { anchorBefore } from './anchor-before.ts'
import { toSchedule } from './schedules.ts'
import { leads } from './ticks.ts'

export interface AheadRange {
  readonly fromMs: number
  readonly toMs: number
}

export async function setBackSchedules(
  db: Kysely<Schema>,
  range: AheadRange,
  leader: Leadership,
  nowMs: number,
): Promise<readonly ScheduleRecord[]> {
  return db.transaction().execute(async (trx) => {
    if (!(await leads(trx, leader))) return []
    const rows = await trx
      .selectFrom('schedule')
      .selectAll()
      .where('is_current', '=', 1)
      .where('paused_at_ms', 'is', null)
      .where('cursor_ms', '>', nowMs + range.fromMs)
      .where('cursor_ms', '<=', nowMs + range.toMs)
      .orderBy('id')
      .execute()
    const ahead = rows.map((row) => toSchedule(row))
    for (const { id, anchorMs, config } of ahead) {
      const place = { cursor_ms: nowMs, anchor_ms: anchorBefore(config.trigger, anchorMs, nowMs) }
      await trx.updateTable('schedule').set(place).where('id', '=', id).execute()
    }
    if (ahead.length > 0) await releaseWaiting(trx, nowMs + range.fromMs, nowMs)
    return ahead
  })
}

/** Jobs of an instant to come that never began wait for it; what else was put off by that clock would wait for nothing. */
async function releaseWaiting(trx: Transaction<Schema>, aheadOfMs: number, nowMs: number): Promise<void> {
  await trx
    .updateTable('job')
    .set({ not_before_ms: nowMs })
    .where('state', 'in', ['queued', 'retrying'])
    .where('not_before_ms', '>', aheadOfMs)
    .where(({ eb, and, or }) =>
      or([eb('attempts', '>', 0), and([eb('instant_ms', 'is', null), eb('created_at_ms', '>', aheadOfMs)])]),
    )
    .execute()
}
