/**
 * How a job comes to its next attempt.
 *
 *   (1) Two daemons never take the same job: the choice and its mark are one transaction, and all of them write one after
 *       another.                                                                                   [claimJob]
 *   (2) Of one source at most one job runs. Jobs of the whole project (no source) wait for those of the same schedule, where
 *       they have none for those of the same command that have none either.                           [WAITING]
 *   (3) A job has at most one running attempt; its number is the one after its last.                   [take]
 */
import type { AttemptRecord, JobRecord, JobStore } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import { noteState } from './job-events.ts'
import { toAttempt, toJob } from './jobs.ts'
import type { JobTable } from './tables.ts'

export type JobClaim = Parameters<JobStore['claimJob']>[0]

export interface ClaimedJob {
  readonly job: JobRecord
  readonly attempt: AttemptRecord
}

export async function claimJob(db: Kysely<Schema>, claim: JobClaim): Promise<ClaimedJob | undefined> {
  // `run` may belong to another thread: it is asked before the lock is taken. Whoever found nothing takes no lock at all.
  const nameRun = claim.run as (job: JobRecord) => string | Promise<string>
  for (;;) {
    const candidate = await nextJob(db, claim.nowMs)
    if (candidate === undefined) return undefined
    const claimed = await take(db, candidate, await nameRun(toJob(candidate)), claim)
    // Somebody was faster: that one is taken, so there is an end to it.
    if (claimed !== undefined) return claimed
  }
}

async function take(
  db: Kysely<Schema>,
  candidate: JobTable,
  run: string,
  { owner, nowMs }: JobClaim,
): Promise<ClaimedJob | undefined> {
  return db.transaction().execute(async (trx) => {
    const found = await nextJob(trx, nowMs)
    if (found?.id !== candidate.id || found.attempts !== candidate.attempts) return undefined
    const attempt = {
      job: found.id,
      attempt: found.attempts + 1,
      run,
      owner_id: owner.id,
      started_at_ms: nowMs,
      heartbeat_at_ms: nowMs,
      ended_at_ms: null,
      outcome: 'running' as const,
      error_code: null,
      error_message: null,
    }
    const change = {
      state: 'running' as const,
      attempts: attempt.attempt,
      started_at_ms: found.started_at_ms ?? nowMs,
      ended_at_ms: null,
    }
    await trx.insertInto('attempt').values(attempt).execute()
    await trx.updateTable('job').set(change).where('id', '=', found.id).execute()
    await noteState(trx, found.id, nowMs, { state: 'running', attempt: attempt.attempt, run })
    return { job: toJob({ ...found, ...change }), attempt: toAttempt(attempt) }
  })
}

async function nextJob(db: Kysely<Schema>, nowMs: number): Promise<JobTable | undefined> {
  return db
    .selectFrom('job')
    .selectAll()
    .where(WAITING)
    .where('not_before_ms', '<=', nowMs)
    .orderBy('not_before_ms')
    .orderBy('created_at_ms')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

// The words themselves, as in the indexes: SQLite sees those only then.
const WAITING = sql<boolean>`job.state in ('queued', 'retrying') and not exists (
  select 1 from job as other where other.source = job.source and other.state = 'running'
    and (job.source <> '' or case when job.schedule is null
      then other.schedule is null and other.command = job.command
      else other.schedule = job.schedule end))`

export async function beatAttempt(
  db: Kysely<Schema>,
  job: string,
  attempt: number,
  nowMs: number,
): Promise<'ok' | 'cancel' | 'lost'> {
  return db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('attempt')
      .set({ heartbeat_at_ms: nowMs })
      .where('job', '=', job)
      .where('attempt', '=', attempt)
      .where('outcome', '=', 'running')
      .executeTakeFirst()
    if (numUpdatedRows !== 1n) return 'lost'
    const asked = await trx.selectFrom('job').select('cancel_requested_at_ms').where('id', '=', job).executeTakeFirst()
    return asked === undefined || asked.cancel_requested_at_ms === null ? 'ok' : 'cancel'
  })
}
