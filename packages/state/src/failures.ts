import type { FileFailure, HistoryFilter } from '@tidegate/core'
import type { Kysely } from 'kysely'
import { forEachRow, type RowColumns } from './for-each-row.ts'
import type { FailureTable, Schema } from './schema.ts'

/** One failure per path. `attempts` counts failures of the same stamp in a row; a changed file begins again at 1. */
export async function recordFailures(
  db: Kysely<Schema>,
  failures: readonly Omit<FileFailure, 'attempts'>[],
): Promise<void> {
  if (failures.length === 0) return
  const last = new Map(failures.map((failure) => [`${failure.source}\0${failure.path}`, failure]))
  await db.transaction().execute(async (trx) => {
    await forEachRow(
      trx,
      COLUMNS,
      [...last.values()].map((one) => [
        one.source,
        one.path,
        one.dataset,
        one.stamp,
        one.run,
        one.code,
        one.message,
        one.failedAtMs,
      ]),
      INSERT,
    )
  })
}

const COLUMNS = {
  source: 'text',
  path: 'text',
  dataset: 'text',
  stamp: 'text',
  run: 'text',
  code: 'text',
  message: 'text',
  failed_at_ms: 'bigint',
} as const satisfies RowColumns

const INSERT = `insert into failure (${Object.keys(COLUMNS).join(', ')}, attempts) select new.*, 1 from new where true
on conflict (source, path) do update set
  dataset = excluded.dataset, run = excluded.run, code = excluded.code, message = excluded.message,
  failed_at_ms = excluded.failed_at_ms, stamp = excluded.stamp,
  attempts = case when failure.stamp = excluded.stamp then failure.attempts + 1 else 1 end`

/** Oldest first; with a limit the newest, newest first. */
export async function listFailures(db: Kysely<Schema>, filter: HistoryFilter = {}): Promise<readonly FileFailure[]> {
  const direction = filter.limit === undefined ? 'asc' : 'desc'
  let query = db.selectFrom('failure').selectAll()
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.sinceMs !== undefined) query = query.where('failed_at_ms', '>=', filter.sinceMs)
  if (filter.limit !== undefined) query = query.limit(filter.limit)
  const rows = await query
    .orderBy('failed_at_ms', direction)
    .orderBy('source', direction)
    .orderBy('path', direction)
    .execute()
  return rows.map((row) => toFileFailure(row))
}

export function toFileFailure(row: FailureTable): FileFailure {
  return {
    source: row.source,
    dataset: row.dataset,
    path: row.path,
    stamp: row.stamp,
    run: row.run,
    code: row.code,
    message: row.message,
    failedAtMs: row.failed_at_ms,
    attempts: row.attempts,
  }
}
