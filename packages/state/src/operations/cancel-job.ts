import type { JobRecord, JobState } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { insertEvents, noteState } from './job-events.ts'
import { QUEUED, toJob } from './jobs.ts'

export async function requestCancel(
  db: Kysely<Schema>,
  id: string,
  by: string,
  nowMs: number,
): Promise<JobRecord | undefined> {
  return db.transaction().execute(async (trx) => cancelOpenJob(trx, id, by, nowMs))
}

/** What runs is only asked to stop: its driver hears it with the next beat. Who asked first is kept. */
export async function cancelOpenJob(
  trx: Transaction<Schema>,
  id: string,
  by: string,
  nowMs: number,
  ofSchedule?: string,
): Promise<JobRecord | undefined> {
  const row = await trx.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined || !OPEN.has(row.state)) return undefined
  if (ofSchedule !== undefined && row.schedule !== ofSchedule) return undefined
  const asked = { cancel_requested_at_ms: nowMs, cancel_requested_by: by }
  if (row.state === 'running') {
    if (row.cancel_requested_at_ms !== null) return toJob(row)
    await trx.updateTable('job').set(asked).where('id', '=', id).execute()
    await insertEvents(trx, id, [{ atMs: nowMs, kind: 'note', data: { note: 'cancel-requested', by } }])
    return toJob({ ...row, ...asked })
  }
  const change = { ...asked, state: 'cancelled' as const, ended_at_ms: nowMs }
  await trx.updateTable('job').set(change).where('id', '=', id).execute()
  await noteState(trx, id, nowMs, { state: 'cancelled', by })
  return toJob({ ...row, ...change })
}

const OPEN: ReadonlySet<JobState> = new Set<JobState>(['queued', 'retrying', 'running'])

/** Its attempts stay and are counted on; what failed before counts no more. */
export async function redriveJob(
  db: Kysely<Schema>,
  id: string,
  by: string,
  nowMs: number,
): Promise<JobRecord | undefined> {
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined || !REDRIVEN.has(row.state)) return undefined
    const change = { ...QUEUED, not_before_ms: nowMs }
    await trx.updateTable('job').set(change).where('id', '=', id).execute()
    await noteState(trx, id, nowMs, { state: 'queued', by })
    return toJob({ ...row, ...change })
  })
}

const REDRIVEN: ReadonlySet<JobState> = new Set<JobState>(['dead', 'cancelled', 'gate-failed', 'partial'])
