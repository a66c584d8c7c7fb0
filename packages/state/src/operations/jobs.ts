/** Jobs as they are kept and read; what moves them is in claim-job.ts, end-attempt.ts, adopt-orphans.ts and cancel-job.ts. */
import {
  stringifyJson,
  type AttemptRecord,
  type JobFilter,
  type JobRecord,
  type JsonValue,
  type NewJob,
  type Paged,
} from '@tidegate/core'
import { sql, type Kysely, type Transaction } from 'kysely'
import { chunksOf } from '../chunks-of.ts'
import type { Schema } from '../schema.ts'
import { noteFirstStates } from './job-events.ts'
import { isOneOf, pageQuery, toPage, type PageOrder } from './pages.ts'
import type { AttemptTable, JobTable } from './tables.ts'

export async function createJob(db: Kysely<Schema>, job: NewJob): Promise<boolean> {
  return db.transaction().execute(async (trx) => insertJob(trx, job))
}

export async function insertJob(trx: Transaction<Schema>, job: NewJob): Promise<boolean> {
  return (await insertJobs(trx, [job])).has(job.id)
}

/** Returns the ids of those that were not there. */
export async function insertJobs(trx: Transaction<Schema>, jobs: readonly NewJob[]): Promise<ReadonlySet<string>> {
  const made = new Set<string>()
  for (const chunk of chunksOf(jobs, 100)) {
    const rows = await trx
      .insertInto('job')
      .values(chunk.map((job) => toRow(job)))
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .execute()
    const isNew = new Set(rows.map(({ id }) => id))
    const states = chunk
      .filter(({ id }) => isNew.has(id))
      .map(({ id, createdAtMs, createdBy: by }) => {
        return { job: id, atMs: createdAtMs, data: { state: 'queued' as const, by } }
      })
    await noteFirstStates(trx, states)
    for (const id of isNew) made.add(id)
  }
  return made
}

export async function getJob(db: Kysely<Schema>, id: string): Promise<JobRecord | undefined> {
  const row = await db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toJob(row)
}

export async function listJobs(db: Kysely<Schema>, filter: JobFilter): Promise<Paged<JobRecord>> {
  const { after, rows } = pageQuery(ORDER, filter)
  let query = db.selectFrom('job').selectAll().where(after)
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.schedule !== undefined) query = query.where('schedule', '=', filter.schedule)
  if (filter.states !== undefined) query = query.where(isOneOf('state', filter.states))
  if (filter.triggers !== undefined) query = query.where(isOneOf('trigger_kind', filter.triggers))
  if (filter.sinceMs !== undefined) query = query.where('created_at_ms', '>=', filter.sinceMs)
  const found = await query.orderBy('created_at_ms', 'desc').orderBy('id', 'desc').limit(rows).execute()
  return toPage(ORDER, filter, found, toJob)
}

const ORDER: PageOrder = {
  list: 'jobs',
  columns: [
    { name: 'created_at_ms', type: 'number' },
    { name: 'id', type: 'text' },
  ],
}

export async function openJobs(db: Kysely<Schema>, schedule: string | undefined): Promise<readonly JobRecord[]> {
  // The words themselves, as in the index: SQLite sees it only then.
  let query = db
    .selectFrom('job')
    .selectAll()
    .where(sql<boolean>`state in ('queued', 'retrying', 'running')`)
  if (schedule !== undefined) query = query.where('schedule', '=', schedule)
  const rows = await query.orderBy('created_at_ms').orderBy('id').execute()
  return rows.map((row) => toJob(row))
}

export async function listAttempts(db: Kysely<Schema>, job: string): Promise<readonly AttemptRecord[]> {
  const rows = await db.selectFrom('attempt').selectAll().where('job', '=', job).orderBy('attempt').execute()
  return rows.map((row) => toAttempt(row))
}

/** By job and number. */
export async function attemptsOfRuns(db: Kysely<Schema>, runs: readonly string[]): Promise<readonly AttemptRecord[]> {
  const found: AttemptRecord[] = []
  for (const chunk of chunksOf(runs, 500)) {
    const rows = await db.selectFrom('attempt').selectAll().where('run', 'in', chunk).execute()
    found.push(...rows.map((row) => toAttempt(row)))
  }
  return found.toSorted((a, b) => (a.job === b.job ? a.attempt - b.attempt : a.job < b.job ? -1 : 1))
}

function toRow(job: NewJob): JobTable {
  return {
    id: job.id,
    command: job.command,
    source: job.source,
    trigger_kind: job.trigger,
    schedule: job.schedule,
    instant_ms: job.instantMs,
    created_by: job.createdBy,
    created_at_ms: job.createdAtMs,
    not_before_ms: job.notBeforeMs,
    args: stringifyJson(job.args),
    max_attempts: job.maxAttempts,
    expiry_ms: job.expiryMs,
    ...QUEUED,
    attempts: 0,
  }
}

/** Of a job that waits for its first attempt, or for the first after somebody drove it again. */
export const QUEUED = {
  state: 'queued',
  failed_attempts: 0,
  started_at_ms: null,
  ended_at_ms: null,
  error_code: null,
  error_message: null,
  cancel_requested_at_ms: null,
  cancel_requested_by: null,
  summary: null,
} as const

export function toJob(row: JobTable): JobRecord {
  return {
    id: row.id,
    command: row.command,
    source: row.source,
    trigger: row.trigger_kind,
    schedule: row.schedule,
    instantMs: row.instant_ms,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    notBeforeMs: row.not_before_ms,
    args: JSON.parse(row.args) as Record<string, JsonValue>,
    maxAttempts: row.max_attempts,
    expiryMs: row.expiry_ms,
    state: row.state,
    failedAttempts: row.failed_attempts,
    attempts: row.attempts,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    cancelRequestedAtMs: row.cancel_requested_at_ms,
    cancelRequestedBy: row.cancel_requested_by,
    summary: row.summary === null ? null : (JSON.parse(row.summary) as Record<string, JsonValue>),
  }
}

export function toAttempt(row: AttemptTable): AttemptRecord {
  return {
    job: row.job,
    attempt: row.attempt,
    run: row.run,
    owner: row.owner_id,
    startedAtMs: row.started_at_ms,
    heartbeatAtMs: row.heartbeat_at_ms,
    endedAtMs: row.ended_at_ms,
    outcome: row.outcome,
    errorCode: row.error_code,
    errorMessage: row.error_message,
  }
}
