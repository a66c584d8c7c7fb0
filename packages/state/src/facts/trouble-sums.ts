import type { FactWindow, QuarantineSums, RepairSums } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { isPostgres } from '../is-postgres.ts'
import type { Schema } from '../schema.ts'
import { beginOf, DAY_MS, jsonAt, ofSourceIds, ofSources, sumOf, within } from './window.ts'

export async function sumQuarantine(db: Kysely<Schema>, window: FactWindow): Promise<readonly QuarantineSums[]> {
  const { rows } = await sql<QuarantineRow>`
    select source, dataset, kind, status, coalesce(${jsonAt(db, 'reasons', [0, 'check'], 'text')}, '') as reason,
      ${beginOf('recorded_at_ms', DAY_MS)} as day_ms,
      count(*) as items, ${sumOf(sql`rows`)} as rows, ${sumOf(sql`bytes`)} as bytes
    from quarantine
    where (status = 'open' or (${within('recorded_at_ms', window)})) and recorded_at_ms < ${window.untilMs}
      and ${ofSources('source', window.sources)}
    group by 1, 2, 3, 4, 5, 6
    order by 1, 2, 6, 3, 4, 5`.execute(db)
  return rows.map(({ day_ms: dayMs, ...row }) => ({ ...row, dayMs }))
}

type QuarantineRow = Omit<QuarantineSums, 'dayMs'> & { readonly day_ms: number }

export async function sumRepairs(db: Kysely<Schema>, window: FactWindow): Promise<readonly RepairSums[]> {
  // In this order, which has an index: repaired files are few.
  const join = sql.raw(isPostgres(db) ? 'join' : 'cross join')
  const lost = jsonAt(db, 'repair', ['rowsLost'], 'text')
  const { rows } = await sql<RepairRow>`
    select source_name.name as source, entry.dataset, ${beginOf('entry.decided_at_ms', DAY_MS)} as day_ms,
      ${jsonAt(db, 'repair', ['codes'], 'json')} as codes, ${jsonAt(db, 'repair', ['status'], 'text')} as status,
      count(*) as files, ${sumOf(sql`file.rows_loaded`)} as rows_loaded,
      ${sumOf(sql`case when ${lost} = 'unknown' then 0 else cast(${lost} as bigint) end`)} as rows_lost,
      ${sumOf(sql`case when ${lost} = 'unknown' then 1 else 0 end`)} as unknown_loss,
      ${sumOf(sql`cast(${jsonAt(db, 'repair', ['cellsNulled'], 'text')} as bigint)`)} as cells_nulled
    from source_name ${join} file_version_row as file on file.source_id = source_name.id
    ${join} entry on entry.id = file.entry_id
    where file.repaired_hash is not null and file.outcome < 2
      and ${within('entry.decided_at_ms', window)} and ${ofSourceIds('file.source_id', window.sources)}
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5`.execute(db)
  return rows.map((row) => ({
    source: row.source,
    dataset: row.dataset,
    dayMs: row.day_ms,
    codes: row.codes === null ? '' : (JSON.parse(row.codes) as string[]).join(','),
    status: row.status,
    files: row.files,
    rowsLoaded: row.rows_loaded,
    rowsLost: row.rows_lost,
    unknownLoss: row.unknown_loss,
    cellsNulled: row.cells_nulled,
  }))
}

interface RepairRow {
  readonly source: string
  readonly dataset: string
  readonly day_ms: number
  readonly codes: string | null
  readonly status: RepairSums['status']
  readonly files: number
  readonly rows_loaded: number
  readonly rows_lost: number
  readonly unknown_loss: number
  readonly cells_nulled: number
}
