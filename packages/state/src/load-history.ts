/** Loads as programs for the older platform record them. Each is a run with the command `load`. */
import { randomUUID } from 'node:crypto'
import { TidegateError, type RunStatus } from '@tidegate/core'
import type { Kysely } from 'kysely'
import { NOTHING_YET, openRun, toRunRecord, writeOutcome } from './runs.ts'
import type { Schema } from './schema.ts'

/**
 * The status words of the view `load_history`. They stand for the run statuses:
 * `success` ok and nothing-new · `held` gate-failed · `failed` failed and interrupted · `partial` and `running` the same.
 */
export type LoadStatus = 'success' | 'held' | 'failed' | 'partial' | 'running'

export interface LoadCompletion {
  readonly recordsProcessed: number
  readonly status: Exclude<LoadStatus, 'running'>
  readonly errorMessage?: string | undefined
  /** Written into the history only; `updateWatermark` moves the watermark. */
  readonly watermarkValue?: string | undefined
}

export interface LoadRecord {
  readonly id: string
  readonly source: string
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly recordsProcessed: number
  readonly status: LoadStatus
  readonly errorMessage: string | null
  readonly watermarkValue: string | null
}

export interface LoadFilter {
  readonly source?: string | undefined
  /** @defaultValue all */
  readonly limit?: number | undefined
}

export async function startLoad(db: Kysely<Schema>, source: string, nowMs: number, ownerId: string): Promise<string> {
  const id = `load-${randomUUID()}`
  await openRun(db, { id, command: 'load', source, startedAtMs: nowMs }, ownerId)
  return id
}

export async function completeLoad(
  db: Kysely<Schema>,
  id: string,
  completion: LoadCompletion,
  nowMs: number,
): Promise<void> {
  const status = RUN_STATUS[completion.status] as RunStatus | undefined
  if (status === undefined) throw badStatus(completion.status)
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('run')
      .selectAll()
      .where('id', '=', id)
      .where('command', '=', 'load')
      .executeTakeFirst()
    if (row === undefined) throw unknownLoad(id)
    const run = {
      ...NOTHING_YET,
      ...toRunRecord(row),
      status,
      endedAtMs: nowMs,
      rowsLoaded: completion.recordsProcessed,
      errorMessage: completion.errorMessage ?? null,
      watermarkValue: completion.watermarkValue ?? null,
    }
    if (!(await writeOutcome(trx, run, row.owner_id))) throw alreadyComplete(id)
  })
}

/** Newest first: what the view `load_history` shows, with times as Unix milliseconds. */
export async function getLoadHistory(db: Kysely<Schema>, filter: LoadFilter = {}): Promise<readonly LoadRecord[]> {
  let query = db
    .selectFrom('run')
    .innerJoin('load_history as history', 'history.id', 'run.id')
    .select([
      'run.id',
      'run.source',
      'run.started_at_ms',
      'run.ended_at_ms',
      'history.records_processed',
      'history.status',
      'history.error_message',
      'history.watermark_value',
    ])
  if (filter.source !== undefined) query = query.where('run.source', '=', filter.source)
  if (filter.limit !== undefined) query = query.limit(filter.limit)
  const rows = await query.orderBy('run.started_at_ms', 'desc').orderBy('run.id', 'desc').execute()
  return rows.map((row) => ({
    id: row.id,
    source: row.source,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    recordsProcessed: row.records_processed,
    status: row.status,
    errorMessage: row.error_message,
    watermarkValue: row.watermark_value,
  }))
}

const RUN_STATUS: Readonly<Record<LoadCompletion['status'], RunStatus>> = Object.freeze({
  __proto__: null,
  success: 'ok',
  held: 'gate-failed',
  failed: 'failed',
  partial: 'partial',
}) as Readonly<Record<LoadCompletion['status'], RunStatus>>

function badStatus(status: string): TidegateError {
  return new TidegateError('STATE_BAD_INPUT', `no status of a load: ${JSON.stringify(status)}`, {
    hint: 'Use success, held, failed or partial.',
    dataNow: 'Nothing was written.',
  })
}

function unknownLoad(id: string): TidegateError {
  return new TidegateError('STATE_UNKNOWN_LOAD', `no load has this id: ${id}`, {
    hint: 'Pass the id that `startLoad` returned, to the same state database.',
    dataNow: 'Nothing was written.',
  })
}

function alreadyComplete(id: string): TidegateError {
  return new TidegateError('STATE_LOAD_COMPLETE', `this load was completed before: ${id}`, {
    hint: 'Complete each load once; begin another with `startLoad`.',
    dataNow: 'The first outcome stands.',
  })
}
