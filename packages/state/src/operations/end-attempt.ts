/**
 * How an attempt ends, and what becomes of its job.
 *
 *   (1) An attempt ends once: who was taken over is told so and changes nothing.     [endAttempt]
 *   (2) A job that somebody asked to stop is not started again by itself, however its attempt ended.
 */
import { stringifyJson, type AttemptEnd, type JobRecord, type JobState } from '@tidegate/core'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { IsAlive } from '../lease.ts'
import type { Schema } from '../schema.ts'
import { noteState } from './job-events.ts'
import { toJob } from './jobs.ts'
import { insertSignals } from './signals.ts'
import type { JobTable } from './tables.ts'

export async function endAttempt(
  db: Kysely<Schema>,
  job: string,
  attempt: number,
  end: AttemptEnd,
  nowMs: number,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { outcome, errorCode, errorMessage, summary, next, signals = [] } = end
    const { numUpdatedRows } = await trx
      .updateTable('attempt')
      .set({ outcome, ended_at_ms: nowMs, error_code: errorCode, error_message: errorMessage })
      .where('job', '=', job)
      .where('attempt', '=', attempt)
      .where('outcome', '=', 'running')
      .executeTakeFirst()
    if (numUpdatedRows !== 1n) return false
    await insertSignals(trx, signals)
    const row = await trx.selectFrom('job').selectAll().where('id', '=', job).executeTakeFirst()
    if (row === undefined) return true
    const state = nextState(row, next.state)
    const notBeforeMs = next.notBeforeMs ?? row.not_before_ms
    await trx
      .updateTable('job')
      .set({
        state,
        not_before_ms: notBeforeMs,
        failed_attempts: row.failed_attempts + (next.countsAsFailure ? 1 : 0),
        ended_at_ms: isWaiting(state) ? null : nowMs,
        error_code: errorCode,
        error_message: errorMessage,
        summary: summary === null ? row.summary : stringifyJson(summary),
      })
      .where('id', '=', job)
      .execute()
    const waits = isWaiting(state) ? { notBeforeMs } : {}
    await noteState(trx, job, nowMs, { state, attempt, outcome, errorCode, ...waits })
    return true
  })
}

export async function adoptOrphans(
  db: Kysely<Schema>,
  isAlive: IsAlive,
  nowMs: number,
  staleMs: number,
): Promise<readonly JobRecord[]> {
  const running = db.selectFrom('attempt').selectAll().where(RUNNING)
  // As in claimJob: the lock only for those who found something.
  const isOrphan = (attempt: { readonly owner_id: string; readonly heartbeat_at_ms: number }): boolean =>
    attempt.heartbeat_at_ms < nowMs - staleMs || isAlive(attempt.owner_id) === false
  if (!(await running.execute()).some((attempt) => isOrphan(attempt))) return []
  return db.transaction().execute(async (trx) => {
    const adopted: JobRecord[] = []
    const found = trx.selectFrom('attempt').selectAll().where(RUNNING)
    for (const attempt of await found.orderBy('started_at_ms').orderBy('job').execute()) {
      if (!isOrphan(attempt)) continue
      await trx
        .updateTable('attempt')
        .set({ outcome: 'interrupted', ended_at_ms: nowMs })
        .where('job', '=', attempt.job)
        .where('attempt', '=', attempt.attempt)
        .execute()
      const job = await freeJob(trx, attempt.job, attempt.attempt, nowMs)
      if (job !== undefined) adopted.push(job)
    }
    return adopted
  })
}

// The word itself, as in the index: SQLite sees it only then.
const RUNNING = sql<boolean>`outcome = 'running'`

async function freeJob(
  trx: Transaction<Schema>,
  id: string,
  attempt: number,
  nowMs: number,
): Promise<JobRecord | undefined> {
  const row = await trx.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
  if (row?.state !== 'running') return undefined
  const state = nextState(row, 'queued')
  const change = { state, ended_at_ms: isWaiting(state) ? null : nowMs }
  await trx.updateTable('job').set(change).where('id', '=', id).execute()
  await noteState(trx, id, nowMs, { state, attempt, outcome: 'interrupted' })
  return toJob({ ...row, ...change })
}

function nextState(row: JobTable, wanted: JobState): JobState {
  return isWaiting(wanted) && row.cancel_requested_at_ms !== null ? 'cancelled' : wanted
}

function isWaiting(state: JobState): boolean {
  return state === 'queued' || state === 'retrying'
}
