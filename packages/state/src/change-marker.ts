import { createHash } from 'node:crypto'
import { stringifyJson } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { isPostgres } from './is-postgres.ts'
import type { Schema } from './schema.ts'
import { onSqlite } from './sqlite-dialect.ts'

/**
 * A short text that differs after the history or what the daemon shows of itself changed, for a small part of what reading it
 * costs. Signs of life (heartbeats, renewed leases, tokens in use, sessions, Idempotency-Keys, the audit log, events of jobs)
 * do not change it. It can be compared with those of the same opened database only.
 *
 * It is made of what moves with everything else: the newest entry of each ledger, runs, batches, checks, failures, leases,
 * watermarks, schedules, jobs, ingestions, the steps of alerts, deliveries. SQLite counts commits of others (`data_version`)
 * and rows that this connection changed: while neither moved, nothing is read at all.
 */
export async function changeMarker(db: Kysely<Schema>): Promise<string> {
  if (isPostgres(db)) {
    const { rows } = await sql.raw(WHAT_MOVES).execute(db)
    return markerOf(rows[0])
  }
  return onSqlite(db, (prepare) => {
    // Asked first: what is committed between the two is looked at twice, and never missed.
    const { data_version: others } = prepare('pragma data_version').get() as { readonly data_version: number }
    const { own } = prepare('select total_changes() as own').get() as { readonly own: number }
    const counted = `${others}:${own}`
    const known = KNOWN.get(db)
    if (known?.counted === counted) return known.marker
    const marker = markerOf(prepare(ON_SQLITE).get())
    KNOWN.set(db, { counted, marker })
    return marker
  })
}

const KNOWN = new WeakMap<Kysely<Schema>, { readonly counted: string; readonly marker: string }>()

// Of long tables only what an index answers.
const WHAT_MOVES = `select
  (select json_agg(json_build_array(id, seq) order by id) from ledger) as ledgers,
  (select json_agg(json_build_array(id, status, ended_at_ms) order by started_at_ms, id)
    from (select * from run order by started_at_ms desc limit 50) as newest) as runs,
  (select json_agg(id order by id) from run where status = 'running') as running,
  (select count(*) from run) as all_runs,
  (select json_build_array(count(*), max(pinned_at_ms)) from batch) as batches,
  (select max(checked_at_ms) from check_result) as checks,
  (select json_build_array(count(*), max(failed_at_ms)) from failure) as failures,
  (select json_agg(json_build_array(source, owner_id, fence) order by source) from lease) as leases,
  (select json_agg(json_build_array(source, value, updated_at_ms, records_processed) order by source) from watermark)
    as watermarks,
  (select max(first_used_ms) from contract_version) as contracts,
  (select json_agg(json_build_array(id, cursor_ms, paused_at_ms, is_current) order by id) from schedule) as schedules,
  (select json_agg(json_build_array(id, state, attempts, cancel_requested_at_ms, not_before_ms) order by created_at_ms, id)
    from (select * from job order by created_at_ms desc, id desc limit 50) as newest) as jobs,
  (select json_agg(json_build_array(id, state, attempts, cancel_requested_at_ms) order by id) from job
    where state in ('queued', 'retrying', 'running')) as open_jobs,
  (select count(*) from job) as all_jobs,
  (select count(*) from attempt) as attempts,
  (select json_agg(json_build_array(id, version) order by id) from ingestion) as ingestions,
  (select revision from alert_revision) as alerts,
  (select max(at_ms) from delivery) as deliveries`

const ON_SQLITE = WHAT_MOVES.replaceAll('json_agg(', 'json_group_array(').replaceAll('json_build_array(', 'json_array(')

function markerOf(row: unknown): string {
  return createHash('sha256').update(stringifyJson(row)).digest('base64url').slice(0, 22)
}
