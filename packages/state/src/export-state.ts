import { toJson, type JsonValue } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** One row of one table, as it is stored. */
export interface ExportedRow {
  readonly table: ExportedTable
  readonly row: Readonly<Record<string, JsonValue>>
}

export type ExportedTable =
  | 'lease'
  | 'run'
  | 'check_result'
  | 'failure'
  | 'batch'
  | 'outbox'
  | 'watermark_share'
  | 'contract_version'
  | 'schedule'
  | 'tick'
  | 'job'
  | 'attempt'
  | 'job_event'
  | 'ingestion'
  | 'token'
  | 'audit'
  | 'alert_signal'
  | 'alert'
  | 'alert_group'
  | 'alert_decision'
  | 'silence'
  | 'delivery'
  | 'forgotten'

/**
 * What only the state knows, row by row: leases with their fences, runs, checks, failures, pinned batches, the outbox,
 * watermarks set by hand, the contracts that were used, and what the daemon keeps: schedules with their pauses, ticks, jobs,
 * ingestions made by API, tokens (as hashes), the audit, alerts, silences, deliveries. Browser sessions and idempotency keys
 * end with the database. What the ledgers can restore is left out. Rows written while this reads may be missing.
 */
export async function* exportState(db: Kysely<Schema>): AsyncGenerator<ExportedRow, void> {
  for (const table of TABLES) {
    const rowKey = KEYS[table]
    const kept = table === 'watermark_share' ? sql`ledger_id = 0` : sql`1 = 1`
    const key = sql.join(rowKey.map((column) => sql.ref(column)))
    let last: Readonly<Record<string, unknown>> | undefined
    for (;;) {
      const after = last === undefined ? sql`1 = 1` : sql`(${key}) > (${sql.join(rowKey.map((name) => last?.[name]))})`
      const page = await sql<Record<string, unknown>>`
        select * from ${sql.table(table)} where ${kept} and ${after} order by ${key} limit ${PAGE_ROWS}`.execute(db)
      for (const { position: _own, ...row } of page.rows) yield { table, row: toJson(row) as Record<string, JsonValue> }
      if (page.rows.length < PAGE_ROWS) break
      last = page.rows.at(-1)
    }
  }
}

const PAGE_ROWS = 2000

const KEYS: Readonly<Record<ExportedTable, readonly string[]>> = {
  lease: ['source'],
  run: ['id'],
  check_result: ['run', 'file', 'check_id'],
  failure: ['source', 'path'],
  batch: ['batch'],
  outbox: ['key'],
  watermark_share: ['source', 'ledger_id'],
  contract_version: ['source', 'dataset', 'first_used_ms', 'contract_id'],
  schedule: ['id'],
  tick: ['schedule', 'instant_ms'],
  job: ['id'],
  attempt: ['job', 'attempt'],
  job_event: ['job', 'seq'],
  ingestion: ['id'],
  token: ['id'],
  audit: ['id'],
  // In the order in which they were written; the number itself is of this database.
  alert_signal: ['position'],
  alert: ['id'],
  alert_group: ['channel', 'key'],
  alert_decision: ['alert', 'channel', 'at_ms'],
  silence: ['id'],
  delivery: ['at_ms', 'notice', 'channel', 'attempt'],
  forgotten: ['name', 'labels'],
}

const TABLES = Object.keys(KEYS) as ExportedTable[]
