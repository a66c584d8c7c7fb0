/**
 * What was heard of a job.
 *
 *   (1) Each state that a job enters is written in the transaction in which it enters it.     [noteState]
 *   (2) `seq` only grows, also where old events were dropped: who asks for what comes after one it has seen misses nothing
 *       that is still there.                                                                   [addJobEvents]
 */
import { stringifyJson, type JobEvent, type JobState, type JsonValue } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import { chunksOf } from '../chunks-of.ts'
import type { Schema } from '../schema.ts'

export const KEPT_EVENTS = 1000

type NewEvent = Omit<JobEvent, 'job' | 'seq'>

/** Nothing where there is no such job. */
export async function addJobEvents(db: Kysely<Schema>, job: string, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await db.transaction().execute(async (trx) => {
    const known = await trx.selectFrom('job').select('id').where('id', '=', job).executeTakeFirst()
    if (known !== undefined) await insertEvents(trx, job, events)
  })
}

export async function noteState(
  trx: Transaction<Schema>,
  job: string,
  atMs: number,
  data: { readonly state: JobState } & Readonly<Record<string, JsonValue>>,
): Promise<void> {
  await insertEvents(trx, job, [{ atMs, kind: 'state', data }])
}

/** As {@link noteState}, of jobs that are made now, all at once. */
export async function noteFirstStates(
  trx: Transaction<Schema>,
  states: readonly {
    readonly job: string
    readonly atMs: number
    readonly data: { readonly state: JobState } & Readonly<Record<string, JsonValue>>
  }[],
): Promise<void> {
  for (const chunk of chunksOf(states, 200)) {
    const rows = chunk.map(({ job, atMs, data }) => {
      return { job, seq: 1, at_ms: atMs, kind: 'state' as const, data: stringifyJson(data) }
    })
    await trx
      .insertInto('job_event')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

export async function insertEvents(trx: Transaction<Schema>, job: string, events: readonly NewEvent[]): Promise<void> {
  const newest = await trx
    .selectFrom('job_event')
    .select('seq')
    .where('job', '=', job)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const first = (newest?.seq ?? 0) + 1
  const rows = events.map(({ atMs, kind, data }, index) => ({
    job,
    seq: first + index,
    at_ms: atMs,
    kind,
    data: stringifyJson(data),
  }))
  const last = first + rows.length - 1
  for (const chunk of chunksOf(rows.slice(-KEPT_EVENTS), 200)) {
    await trx.insertInto('job_event').values(chunk).execute()
  }
  if (last <= KEPT_EVENTS) return
  await trx
    .deleteFrom('job_event')
    .where('job', '=', job)
    .where('seq', '<=', last - KEPT_EVENTS)
    .execute()
}

export async function listJobEvents(
  db: Kysely<Schema>,
  job: string,
  afterSeq: number,
  limit: number,
): Promise<readonly JobEvent[]> {
  const rows = await db
    .selectFrom('job_event')
    .selectAll()
    .where('job', '=', job)
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    job: row.job,
    seq: row.seq,
    atMs: row.at_ms,
    kind: row.kind,
    data: JSON.parse(row.data) as Record<string, JsonValue>,
  }))
}
