import type { Capped, FactWindow, FileFailure, RunRecord } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { toFileFailure } from '../failures.ts'
import { toRunRecord } from '../runs.ts'
import type { FailureTable, RunTable, Schema } from '../schema.ts'
import { ofSources, within } from './window.ts'

/** Where there are more than `limit`, the newest of each source stay before all others. */
export async function factRuns(
  db: Kysely<Schema>,
  window: FactWindow,
  latest: number,
  limit: number,
): Promise<Capped<RunRecord>> {
  const { rows } = await sql<RunTable & { readonly total: number }>`
    with ranked as (
      select run.*, row_number() over (partition by source order by started_at_ms desc, id desc) as place
      from run where started_at_ms < ${window.untilMs} and ${ofSources('source', window.sources)}
    ),
    chosen as (
      select ranked.*, count(*) over () as total from ranked
      where started_at_ms >= ${window.sinceMs} or place <= ${latest}
      order by case when place <= ${latest} then 0 else 1 end, started_at_ms desc, id desc
      limit ${limit}
    )
    select * from chosen order by started_at_ms desc, id desc`.execute(db)
  return { items: rows.map((row) => toRunRecord(row)), total: rows[0]?.total ?? 0 }
}

export async function factFailures(
  db: Kysely<Schema>,
  window: FactWindow,
  limit: number,
): Promise<Capped<FileFailure>> {
  const { rows } = await sql<FailureTable & { readonly total: number }>`
    select failure.*, count(*) over () as total from failure
    where ${within('failed_at_ms', window)} and ${ofSources('source', window.sources)}
    order by failed_at_ms desc, source desc, path desc limit ${limit}`.execute(db)
  return { items: rows.map((row) => toFileFailure(row)), total: rows[0]?.total ?? 0 }
}
