import { stringifyJson } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { isPostgres } from './is-postgres.ts'
import type { Schema } from './schema.ts'
import { onSqlite } from './sqlite-dialect.ts'

/**
 * A short text that differs after the database changed, for a small part of what reading it costs. It can be compared with
 * those of the same opened database only.
 *
 * SQLite counts itself: commits of others (`data_version`) and rows that this connection changed. On Postgres it is made of
 * what moves with everything that is written: the newest entry of each ledger, runs, checks, failures, leases, watermarks, schedules,
 * jobs, ingestions, the steps of alerts, deliveries.
 */
export async function changeMarker(db: Kysely<Schema>): Promise<string> {
  if (isPostgres(db)) {
    const { rows } = await sql`select
      (select json_agg(json_build_array(id, seq) order by id) from ledger) as ledgers,
      (select json_agg(json_build_array(id, status, ended_at_ms) order by started_at_ms, id)
        from (select * from run order by started_at_ms desc limit 50) as newest) as runs,
      (select json_agg(id order by id) from run where status = 'running') as running,
      (select json_build_array(count(*), max(ended_at_ms)) from run) as ended,
      (select json_build_array(count(*), max(checked_at_ms)) from check_result) as checks,
      (select json_build_array(count(*), max(failed_at_ms)) from failure) as failures,
      (select json_agg(json_build_array(source, owner_id, fence) order by source) from lease) as leases,
      (select json_agg(json_build_array(source, value, updated_at_ms) order by source) from watermark) as watermarks,
      (select max(first_used_ms) from contract_version) as contracts,
      (select json_agg(json_build_array(id, cursor_ms, paused_at_ms, is_current) order by id) from schedule) as schedules,
      (select json_agg(json_build_array(id, state, attempts, cancel_requested_at_ms, not_before_ms) order by created_at_ms, id)
        from (select * from job order by created_at_ms desc, id desc limit 50) as newest) as jobs,
      (select json_agg(json_build_array(id, state, attempts, cancel_requested_at_ms) order by id) from job
        where state in ('queued', 'retrying', 'running')) as open_jobs,
      (select json_build_array(count(*), max(ended_at_ms)) from job) as ended_jobs,
      (select json_agg(json_build_array(id, version) order by id) from ingestion) as ingestions,
      (select revision from alert_revision) as alerts,
      (select max(at_ms) from delivery) as deliveries`.execute(db)
    return stringifyJson(rows[0])
  }
  return onSqlite(db, (prepare) => {
    const { data_version: others } = prepare('pragma data_version').get() as { readonly data_version: number }
    const { own } = prepare('select total_changes() as own').get() as { readonly own: number }
    return `${others}:${own}`
  })
}
