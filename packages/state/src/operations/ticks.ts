/**
 * What became of each instant of each schedule.
 *
 *   (1) Only who leads decides: the lease of the scheduler still has the leader's fence, looked at in the transaction that
 *       writes.                                                                                        [decideTicks]
 *   (2) Each instant is decided once, by the first who comes: the cursor is where the decision began, and a tick that is
 *       there stays as it is and makes no job.                                                         [decideTicks]
 *   (3) Tick, job, cursor and signals are one transaction: no tick without its job, no job without its tick.
 *   (4) A schedule that was paused or left the configuration starts nothing, whenever that was decided.
 */
import {
  SCHEDULER_LEASE,
  type Leadership,
  type Paged,
  type PageRequest,
  type ScheduleStore,
  type TickRecord,
} from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { cancelOpenJob } from './cancel-job.ts'
import { insertJob } from './jobs.ts'
import { pageQuery, toPage, type PageOrder } from './pages.ts'
import { insertSignals } from './signals.ts'
import type { TickTable } from './tables.ts'

export type TickDecision = Parameters<ScheduleStore['decideTicks']>[0]

export async function decideTicks(
  db: Kysely<Schema>,
  decision: TickDecision,
  leader: Leadership,
  nowMs: number,
): Promise<readonly TickRecord[] | undefined> {
  return db.transaction().execute(async (trx) => {
    if (!(await leads(trx, leader))) return undefined
    const { schedule: id, fromCursorMs, toCursorMs, ticks, jobs, cancel, signals = [] } = decision
    const schedule = await trx.selectFrom('schedule').selectAll().where('id', '=', id).executeTakeFirst()
    if (schedule?.cursor_ms !== fromCursorMs) return undefined
    if (jobs.length > 0 && (schedule.paused_at_ms !== null || schedule.is_current === 0)) return undefined
    const written: TickRecord[] = []
    for (const tick of ticks) {
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto('tick')
        .values(toRow(tick))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 1n) written.push(tick)
    }
    const started = new Set(written.map(({ job }) => job))
    for (const job of jobs) if (started.has(job.id)) await insertJob(trx, job)
    for (const job of cancel) await cancelOpenJob(trx, job, 'schedule', nowMs, id)
    const cursor = Math.max(schedule.cursor_ms, toCursorMs)
    await trx.updateTable('schedule').set({ cursor_ms: cursor }).where('id', '=', id).execute()
    await insertSignals(trx, signals)
    return written
  })
}

/** A lease whose time ran out still counts, as long as nobody took it: so it is renewed, too. */
async function leads(trx: Transaction<Schema>, { owner, fence }: Leadership): Promise<boolean> {
  const lease = await trx
    .selectFrom('lease')
    .select('source')
    .where('source', '=', SCHEDULER_LEASE)
    .where('owner_id', '=', owner.id)
    .where('fence', '=', fence)
    .executeTakeFirst()
  return lease !== undefined
}

export async function listTicks(
  db: Kysely<Schema>,
  filter: PageRequest & { readonly schedule?: string | undefined },
): Promise<Paged<TickRecord>> {
  const { after, rows } = pageQuery(ORDER, filter)
  let query = db.selectFrom('tick').selectAll().where(after)
  if (filter.schedule !== undefined) query = query.where('schedule', '=', filter.schedule)
  const found = await query.orderBy('instant_ms', 'desc').orderBy('schedule', 'desc').limit(rows).execute()
  return toPage(ORDER, filter, found, toTick)
}

const ORDER: PageOrder = {
  list: 'ticks',
  columns: [
    { name: 'instant_ms', type: 'number' },
    { name: 'schedule', type: 'text' },
  ],
}

function toRow(tick: TickRecord): TickTable {
  return {
    schedule: tick.schedule,
    instant_ms: tick.instantMs,
    state: tick.state,
    reason: tick.reason,
    job: tick.job,
    count: tick.count,
    decided_at_ms: tick.decidedAtMs,
  }
}

function toTick(row: TickTable): TickRecord {
  return {
    schedule: row.schedule,
    instantMs: row.instant_ms,
    state: row.state,
    reason: row.reason,
    job: row.job,
    count: row.count,
    decidedAtMs: row.decided_at_ms,
  }
}
