import { stringifyJson, type CheckFilter, type CheckRecord, type CheckResult } from '@tidegate/core'
import type { Kysely } from 'kysely'
import { chunksOf } from './chunks-of.ts'
import type { CheckResultTable, Schema } from './schema.ts'

/** Keeps one result per run, file and check: the last one recorded. */
export async function recordChecks(db: Kysely<Schema>, records: readonly CheckRecord[]): Promise<void> {
  if (records.length === 0) return
  await db.transaction().execute(async (trx) => {
    for (const chunk of chunksOf(records, 100)) {
      await trx
        .insertInto('check_result')
        .values(chunk.map((record) => toRow(record)))
        .onConflict((conflict) =>
          conflict.columns(['run', 'file', 'check_id']).doUpdateSet((excluded) => ({
            source: excluded.ref('excluded.source'),
            dataset: excluded.ref('excluded.dataset'),
            type: excluded.ref('excluded.type'),
            columns: excluded.ref('excluded.columns'),
            failed: excluded.ref('excluded.failed'),
            checked_at_ms: excluded.ref('excluded.checked_at_ms'),
            result: excluded.ref('excluded.result'),
          })),
        )
        .execute()
    }
  })
}

/** Oldest first; with a limit the newest, newest first. `failedOnly` includes checks that could not be evaluated. */
export async function listChecks(db: Kysely<Schema>, filter: CheckFilter = {}): Promise<readonly CheckRecord[]> {
  const direction = filter.limit === undefined ? 'asc' : 'desc'
  let query = db.selectFrom('check_result').selectAll()
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.sinceMs !== undefined) query = query.where('checked_at_ms', '>=', filter.sinceMs)
  if (filter.dataset !== undefined) query = query.where('dataset', '=', filter.dataset)
  if (filter.check !== undefined) query = query.where('check_id', '=', filter.check)
  if (filter.file !== undefined) query = query.where('file', '=', filter.file)
  if (filter.failedOnly === true) query = query.where('failed', '=', 1)
  if (filter.limit !== undefined) query = query.limit(filter.limit)
  const rows = await query
    .orderBy('checked_at_ms', direction)
    .orderBy('run', direction)
    .orderBy('file', direction)
    .orderBy('check_id', direction)
    .execute()
  return rows.map((row) => ({
    run: row.run,
    source: row.source,
    dataset: row.dataset,
    file: row.file,
    checkedAtMs: row.checked_at_ms,
    result: JSON.parse(row.result) as CheckResult,
  }))
}

function toRow(record: CheckRecord): CheckResultTable {
  return {
    run: record.run,
    file: record.file,
    check_id: record.result.id,
    source: record.source,
    dataset: record.dataset,
    type: record.result.type,
    columns: stringifyJson(record.result.columns),
    failed: record.result.outcome === 'passed' ? 0 : 1,
    checked_at_ms: record.checkedAtMs,
    result: stringifyJson(record.result),
  }
}
