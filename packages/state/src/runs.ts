/**
 * A run is one execution of a command for one source.
 *
 *   (1) A run that ended keeps its outcome: only `running` and `interrupted` give way. [closeRun]
 *   (2) A run's outcome, its signals and its notices commit together or not at all.     [closeRun]
 *   (3) Runs of other processes that may be alive stay untouched.                      [closeDeadRuns]
 */
import { TidegateError, type HistoryFilter, type RunEnding, type RunRecord } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import type { IsAlive } from './lease.ts'
import { insertSignals } from './operations/signals.ts'
import { insertNotices } from './outbox.ts'
import type { RunTable, Schema } from './schema.ts'

export async function openRun(
  db: Kysely<Schema>,
  run: Pick<RunRecord, 'id' | 'command' | 'source' | 'startedAtMs'>,
  ownerId: string,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const inserted = await trx
      .insertInto('run')
      .values(toRow({ ...NOTHING_YET, ...run }, ownerId))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (inserted.numInsertedOrUpdatedRows === 1n) return
    throw new TidegateError('STATE_RUN_EXISTS', `a run of this id exists already: ${run.id}`, {
      hint: 'Every run needs an id of its own.',
      dataNow: 'Nothing was written.',
    })
  })
}

export async function closeRun(
  db: Kysely<Schema>,
  run: RunRecord,
  { signals = [], notices = [] }: RunEnding,
  ownerId: string,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await writeOutcome(trx, run, ownerId)
    await insertSignals(trx, signals)
    await insertNotices(trx, notices)
  })
}

/** Returns false when the run had ended before. */
export async function writeOutcome(trx: Transaction<Schema>, run: RunRecord, ownerId: string): Promise<boolean> {
  const row = toRow(run, ownerId)
  const { id: _id, owner_id: _owner, ...outcome } = row
  const result = await trx
    .insertInto('run')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(outcome).where('run.status', 'in', ['running', 'interrupted']),
    )
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/**
 * The caller holds the source's lease, so other running runs of its own command are dead. Runs of other commands take
 * no lease: they count as dead only when their process is known to be gone.
 */
export async function closeDeadRuns(
  db: Kysely<Schema>,
  isAlive: IsAlive,
  source: string,
  exceptRun: string,
  nowMs: number,
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const own = await trx.selectFrom('run').select('command').where('id', '=', exceptRun).executeTakeFirst()
    const command = own?.command ?? 'ingest'
    const running = await trx
      .selectFrom('run')
      .select(['id', 'command', 'owner_id'])
      .where('source', '=', source)
      .where('status', '=', 'running')
      .where('id', '!=', exceptRun)
      .execute()
    const dead = running.filter((run) => run.command === command || isAlive(run.owner_id) === false)
    for (const { id } of dead) {
      await trx.updateTable('run').set({ status: 'interrupted', ended_at_ms: nowMs }).where('id', '=', id).execute()
    }
    return dead.length
  })
}

/** Oldest first; with a limit the newest, newest first. */
export async function listRuns(db: Kysely<Schema>, filter: HistoryFilter = {}): Promise<readonly RunRecord[]> {
  const direction = filter.limit === undefined ? 'asc' : 'desc'
  let query = db.selectFrom('run').selectAll()
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.sinceMs !== undefined) query = query.where('started_at_ms', '>=', filter.sinceMs)
  if (filter.limit !== undefined) query = query.limit(filter.limit)
  const rows = await query.orderBy('started_at_ms', direction).orderBy('id', direction).execute()
  return rows.map((row) => toRunRecord(row))
}

export async function getRun(db: Kysely<Schema>, id: string): Promise<RunRecord | undefined> {
  const row = await db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toRunRecord(row)
}

export const NOTHING_YET: Omit<RunRecord, 'id' | 'command' | 'source' | 'startedAtMs'> = {
  endedAtMs: null,
  status: 'running',
  filesSeen: 0,
  filesLoaded: 0,
  filesHeld: 0,
  filesSkipped: 0,
  filesFailed: 0,
  rowsRead: 0,
  rowsLoaded: 0,
  rowsRejected: 0,
  bytesRead: 0,
  errorCode: null,
  errorMessage: null,
  watermarkValue: null,
  peakMemoryBytes: null,
  plan: null,
}

export function toRunRecord(row: RunTable): RunRecord {
  return {
    id: row.id,
    command: row.command,
    source: row.source,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    status: row.status,
    filesSeen: row.files_seen,
    filesLoaded: row.files_loaded,
    filesHeld: row.files_held,
    filesSkipped: row.files_skipped,
    filesFailed: row.files_failed,
    rowsRead: row.rows_read,
    rowsLoaded: row.rows_loaded,
    rowsRejected: row.rows_rejected,
    bytesRead: row.bytes_read,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    watermarkValue: row.watermark_value,
    peakMemoryBytes: row.peak_memory_bytes,
    plan: row.plan_id,
  }
}

function toRow(run: RunRecord, ownerId: string): RunTable {
  return {
    id: run.id,
    command: run.command,
    source: run.source,
    started_at_ms: run.startedAtMs,
    ended_at_ms: run.endedAtMs,
    status: run.status,
    files_seen: run.filesSeen,
    files_loaded: run.filesLoaded,
    files_held: run.filesHeld,
    files_skipped: run.filesSkipped,
    files_failed: run.filesFailed,
    rows_read: run.rowsRead,
    rows_loaded: run.rowsLoaded,
    rows_rejected: run.rowsRejected,
    bytes_read: run.bytesRead,
    error_code: run.errorCode,
    error_message: run.errorMessage,
    watermark_value: run.watermarkValue,
    owner_id: ownerId,
    peak_memory_bytes: run.peakMemoryBytes ?? null,
    plan_id: run.plan ?? null,
  }
}
