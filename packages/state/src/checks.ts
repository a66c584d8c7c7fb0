import { stringifyJson, type CheckFilter, type CheckRecord, type CheckResult } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { addToDays, countedRecord, countedRow } from './facts/check-days.ts'
import { forEachRow, type Cell, type RowColumns } from './for-each-row.ts'
import type { CheckResultTable, Schema } from './schema.ts'

/** Keeps one result per run, file and check: the last one recorded. */
export async function recordChecks(db: Kysely<Schema>, records: readonly CheckRecord[]): Promise<void> {
  if (records.length === 0) return
  const last = new Map(records.map((record) => [`${record.run}\0${record.file}\0${record.result.id}`, record]))
  await db.transaction().execute(async (trx) => {
    const replaced = await readReplaced(trx, last)
    await addToDays(trx, [...Array.from(last.values(), countedRecord), ...replaced.map((row) => countedRow(row, -1))])
    await forEachRow(
      trx,
      COLUMNS,
      [...last.values()].map((record) => toRow(record)),
      INSERT,
    )
  })
}

/** Mostly none of the files has results of the same run. */
async function readReplaced(
  trx: Kysely<Schema>,
  records: ReadonlyMap<string, CheckRecord>,
): Promise<readonly CheckResultTable[]> {
  const files = new Map(Array.from(records.values(), ({ run, file }) => [`${run}\0${file}`, [run, file]]))
  const known = await forEachRow<CheckResultTable>(
    trx,
    { run: 'text', file: 'text' },
    [...files.values()],
    'select check_result.* from new join check_result on check_result.run = new.run and check_result.file = new.file',
  )
  return known.filter((row) => records.has(`${row.run}\0${row.file}\0${row.check_id}`))
}

const COLUMNS = {
  run: 'text',
  file: 'text',
  check_id: 'text',
  source: 'text',
  dataset: 'text',
  type: 'text',
  columns: 'text',
  failed: 'bigint',
  checked_at_ms: 'bigint',
  result: 'text',
} as const satisfies RowColumns

const INSERT = `insert into check_result (${Object.keys(COLUMNS).join(', ')}) select * from new where true
on conflict (run, file, check_id) do update set
  source = excluded.source, dataset = excluded.dataset, type = excluded.type, columns = excluded.columns,
  failed = excluded.failed, checked_at_ms = excluded.checked_at_ms, result = excluded.result`

/** Oldest first; with a limit the newest, newest first. `failedOnly` includes checks that could not be evaluated. */
export async function listChecks(db: Kysely<Schema>, filter: CheckFilter = {}): Promise<readonly CheckRecord[]> {
  const direction = filter.limit === undefined ? 'asc' : 'desc'
  let query = db.selectFrom('check_result').selectAll()
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.sinceMs !== undefined) query = query.where('checked_at_ms', '>=', filter.sinceMs)
  if (filter.dataset !== undefined) query = query.where('dataset', '=', filter.dataset)
  if (filter.check !== undefined) query = query.where('check_id', '=', filter.check)
  if (filter.file !== undefined) query = query.where('file', '=', filter.file)
  if (filter.run !== undefined) query = query.where('run', '=', filter.run)
  if (filter.failedOnly === true) query = query.where('failed', '=', 1)
  if (filter.after !== undefined) {
    const { checkedAtMs, run, file, check } = filter.after
    const place = sql`(${checkedAtMs}, ${run}, ${file}, ${check})`
    query = query.where(sql<boolean>`(checked_at_ms, run, file, check_id) < ${place}`)
  }
  if (filter.limit !== undefined) query = query.limit(filter.limit)
  const rows = await query
    .orderBy('checked_at_ms', direction)
    .orderBy('run', direction)
    .orderBy('file', direction)
    .orderBy('check_id', direction)
    .execute()
  return rows.map((row) => toCheckRecord(row))
}

export function toCheckRecord(
  row: Pick<CheckResultTable, 'run' | 'source' | 'dataset' | 'file' | 'checked_at_ms' | 'result'>,
): CheckRecord {
  return {
    run: row.run,
    source: row.source,
    dataset: row.dataset,
    file: row.file,
    checkedAtMs: row.checked_at_ms,
    result: JSON.parse(row.result) as CheckResult,
  }
}

function toRow(record: CheckRecord): readonly Cell[] {
  const { run, file, source, dataset, checkedAtMs, result } = record
  const failed = result.outcome === 'passed' ? 0 : 1
  const columns = stringifyJson(result.columns)
  return [run, file, result.id, source, dataset, result.type, columns, failed, checkedAtMs, stringifyJson(result)]
}
