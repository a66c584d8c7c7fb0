import type { RunRecord, RunsWithoutJob } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { toRunRecord } from '../runs.ts'
import type { RunTable, Schema } from '../schema.ts'
import { isOneOf } from './pages.ts'

/** Runs that are no attempt of a job, newest first. One look through the runs, from `before` on, until there are enough. */
export async function listRunsWithoutJob(
  db: Kysely<Schema>,
  { limit, before, source, statuses, sinceMs }: RunsWithoutJob,
): Promise<readonly RunRecord[]> {
  const conditions = statuses === undefined ? [] : [isOneOf('status', statuses)]
  // Said by itself, too: of a pair SQLite may use no index.
  if (before !== undefined)
    conditions.push(
      sql`started_at_ms <= ${before.startedAtMs}`,
      sql`(started_at_ms, id) < (${before.startedAtMs}, ${before.id})`,
    )
  if (source !== undefined) conditions.push(sql`source = ${source}`)
  if (sinceMs !== undefined) conditions.push(sql`started_at_ms >= ${sinceMs}`)
  conditions.push(sql`not exists (select 1 from attempt where attempt.run = run.id)`)
  const { rows } = await sql<RunTable>`
    select run.* from run where ${sql.join(conditions, sql` and `)}
    order by started_at_ms desc, id desc limit ${limit}`.execute(db)
  return rows.map((row) => toRunRecord(row))
}
