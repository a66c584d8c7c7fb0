/**
 * What became of each instant of each schedule.
 *
 *   (1) Only who leads decides: the lease of the scheduler still has the leader's fence, looked at in the transaction that
 *       writes.                                                                                        [decideTicks]
 *   (2) Each instant is decided once, by the first who comes: the cursor is where the decision began.     [judge]
 *       Where a clock was ahead and the cursor went back, a tick that has a job stays as it is and makes no other; one without
 *       gives way.                                                                                    [insertTicks]
 *   (3) Tick, job, cursor and signals are one transaction: no tick without its job, no job without its tick.
 *   (4) A schedule that was paused or left the configuration starts nothing, whenever that was decided.    [judge]
 *   (5) A decision that is refused leaves the others of its transaction as they are.                       [judge]
 */
import {
  SCHEDULER_LEASE,
  type Leadership,
  type Paged,
  type PageRequest,
  type TickDecision,
  type TickRecord,
} from '@tidegate/core'
import { sql, type Kysely, type Transaction } from 'kysely'
import { chunksOf } from '../chunks-of.ts'
import type { Schema } from '../schema.ts'
import { cancelOpenJob } from './cancel-job.ts'
import { insertJobs } from './jobs.ts'
import { pageQuery, toPage, type PageOrder } from './pages.ts'
import { insertSignals } from './signals.ts'
import type { TickTable } from './tables.ts'

/** Rows of one statement. */
const AT_ONCE = 100

export async function decideTicks(
  db: Kysely<Schema>,
  decisions: readonly TickDecision[],
  leader: Leadership,
  nowMs: number,
): Promise<readonly (readonly TickRecord[] | undefined)[]> {
  if (decisions.length === 0) return []
  return db.transaction().execute(async (trx) => {
    const accepted = (await leads(trx, leader)) ? await judge(trx, decisions) : new Set<TickDecision>()
    const valid = [...accepted]
    const written = await insertTicks(
      trx,
      valid.flatMap(({ ticks }) => ticks),
    )
    const started = new Set([...written].map(({ job }) => job))
    await insertJobs(
      trx,
      valid.flatMap(({ jobs }) => jobs.filter(({ id }) => started.has(id))),
    )
    for (const { schedule, cancel } of valid)
      for (const job of cancel) await cancelOpenJob(trx, job, 'schedule', nowMs, schedule)
    await moveCursors(trx, valid)
    await insertSignals(
      trx,
      valid.flatMap(({ signals = [] }) => signals),
    )
    return decisions.map((decision) =>
      accepted.has(decision) ? decision.ticks.filter((tick) => written.has(tick)) : undefined,
    )
  })
}

/** Those whose schedule is as they took it to be; of two for one schedule the first. */
async function judge(trx: Transaction<Schema>, decisions: readonly TickDecision[]): Promise<ReadonlySet<TickDecision>> {
  const byId = new Map(decisions.toReversed().map((decision) => [decision.schedule, decision]))
  const accepted = new Set<TickDecision>()
  for (const ids of chunksOf([...byId.keys()], AT_ONCE)) {
    const rows = await trx
      .selectFrom('schedule')
      .select(['id', 'cursor_ms', 'paused_at_ms', 'is_current'])
      .where('id', 'in', ids)
      .execute()
    for (const row of rows) {
      const decision = byId.get(row.id)
      if (decision?.fromCursorMs !== row.cursor_ms) continue
      const starts = decision.jobs.length > 0
      if (!starts || (row.paused_at_ms === null && row.is_current === 1)) accepted.add(decision)
    }
  }
  // In the order in which they came: it is that of their jobs.
  return new Set(decisions.filter((decision) => accepted.has(decision)))
}

/** Returns those that are written now. */
async function insertTicks(trx: Transaction<Schema>, ticks: readonly TickRecord[]): Promise<ReadonlySet<TickRecord>> {
  const byKey = new Map(ticks.toReversed().map((tick) => [keyOf(tick.schedule, tick.instantMs), tick]))
  const written = new Set<TickRecord>()
  for (const chunk of chunksOf([...byKey.values()].toReversed(), AT_ONCE)) {
    const rows = await trx
      .insertInto('tick')
      .values(chunk.map((tick) => toRow(tick)))
      .onConflict((conflict) =>
        conflict
          .columns(['schedule', 'instant_ms'])
          .doUpdateSet(({ ref }) => ({
            state: ref('excluded.state'),
            reason: ref('excluded.reason'),
            job: ref('excluded.job'),
            count: ref('excluded.count'),
            decided_at_ms: ref('excluded.decided_at_ms'),
          }))
          .where('tick.job', 'is', null),
      )
      .returning(['schedule', 'instant_ms'])
      .execute()
    for (const row of rows) {
      const tick = byKey.get(keyOf(row.schedule, row.instant_ms))
      if (tick !== undefined) written.add(tick)
    }
  }
  return written
}

function keyOf(schedule: string, instantMs: number): string {
  return `${String(instantMs)} ${schedule}`
}

async function moveCursors(trx: Transaction<Schema>, decisions: readonly TickDecision[]): Promise<void> {
  const moved = decisions.filter(({ fromCursorMs, toCursorMs }) => toCursorMs > fromCursorMs)
  for (const chunk of chunksOf(moved, AT_ONCE)) {
    const cases = chunk.map(({ schedule, toCursorMs }) => sql`when ${schedule} then cast(${toCursorMs} as bigint)`)
    await trx
      .updateTable('schedule')
      .set({ cursor_ms: sql<number>`case id ${sql.join(cases, sql` `)} end` })
      .where(
        'id',
        'in',
        chunk.map(({ schedule }) => schedule),
      )
      .execute()
  }
}

/** A lease whose time ran out still counts, as long as nobody took it: so it is renewed, too. */
export async function leads(trx: Transaction<Schema>, { owner, fence }: Leadership): Promise<boolean> {
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

/** There are none but after a clock was ahead, and then few: one look into the index per schedule. */
export async function ticksAhead(db: Kysely<Schema>, limit: number): Promise<readonly TickRecord[]> {
  const rows = await db
    .selectFrom('schedule')
    .innerJoin('tick', (join) =>
      join.onRef('tick.schedule', '=', 'schedule.id').onRef('tick.instant_ms', '>', 'schedule.cursor_ms'),
    )
    .selectAll('tick')
    .where('schedule.is_current', '=', 1)
    .orderBy('tick.instant_ms')
    .orderBy('tick.schedule')
    .limit(limit)
    .execute()
  return rows.map((row) => toTick(row))
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
