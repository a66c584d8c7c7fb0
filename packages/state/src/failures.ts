import type { FileFailure, HistoryFilter } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** One failure per path. `attempts` counts failures of the same stamp in a row; a changed file begins again at 1. */
export async function recordFailures(
  db: Kysely<Schema>,
  failures: readonly Omit<FileFailure, 'attempts'>[],
): Promise<void> {
  if (failures.length === 0) return
  await db.transaction().execute(async (trx) => {
    for (const failure of failures) {
      const values = {
        dataset: failure.dataset,
        stamp: failure.stamp,
        run: failure.run,
        code: failure.code,
        message: failure.message,
        failed_at_ms: failure.failedAtMs,
      }
      await trx
        .insertInto('failure')
        .values({ source: failure.source, path: failure.path, ...values, attempts: 1 })
        .onConflict((conflict) =>
          conflict.columns(['source', 'path']).doUpdateSet({
            ...values,
            attempts: sql<number>`case when failure.stamp = excluded.stamp then failure.attempts + 1 else 1 end`,
          }),
        )
        .execute()
    }
  })
}

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
  return rows.map((row) => ({
    source: row.source,
    dataset: row.dataset,
    path: row.path,
    stamp: row.stamp,
    run: row.run,
    code: row.code,
    message: row.message,
    failedAtMs: row.failed_at_ms,
    attempts: row.attempts,
  }))
}
