/**
 * Rows from elsewhere. Each may come again: a second import changes nothing.
 *
 * What is here already stays as it is: runs, checks, failures, pinned batches, notices, all that the daemon keeps. Of a lease only
 * the fence comes, and only if it is higher; of watermarks set by hand the newer one wins; a schedule that is paused there
 * is paused here.
 */
import { TidegateError } from '@tidegate/core'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { ExportedRow, ExportedTable } from './export-state.ts'
import { addToDays, countedRow } from './facts/check-days.ts'
import type { ScheduleTable } from './operations/tables.ts'
import type { CheckResultTable, LeaseTable, Schema, WatermarkShareTable } from './schema.ts'
import { combineShares } from './watermark.ts'

export interface ImportCounts {
  /** Rows that came in. */
  readonly imported: number
  /** Rows that were there, or that something newer stands in place of. */
  readonly known: number
}

export async function importRows(
  db: Kysely<Schema>,
  rows: AsyncIterable<ExportedRow> | Iterable<ExportedRow>,
): Promise<ImportCounts> {
  let imported = 0
  let known = 0
  let page: ExportedRow[] = []
  const flush = async (): Promise<void> => {
    if (page.length === 0) return
    await db.transaction().execute(async (trx) => {
      for (const row of page) {
        if (await importRow(trx, row)) imported += 1
        else known += 1
      }
    })
    page = []
  }
  for await (const row of rows) {
    checkRow(row)
    page.push(row)
    if (page.length >= 500) await flush()
  }
  await flush()
  return { imported, known }
}

async function importRow(trx: Transaction<Schema>, { table, row }: ExportedRow): Promise<boolean> {
  if (table === 'lease') return importFence(trx, row as unknown as LeaseTable)
  if (table === 'watermark_share') return importShare(trx, row as unknown as WatermarkShareTable)
  if (table === 'schedule' && (await importPause(trx, row as Partial<ScheduleTable>))) return true
  const columns = Object.keys(row)
  const { numAffectedRows } = await sql`
    insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    values (${sql.join(Object.values(row))}) on conflict do nothing`.execute(trx)
  if (numAffectedRows !== 1n) return false
  if (table === 'check_result') await addToDays(trx, [countedRow(row as unknown as CheckResultTable, 1)])
  return true
}

/** True where the schedule is here and was running. */
async function importPause(trx: Transaction<Schema>, schedule: Partial<ScheduleTable>): Promise<boolean> {
  const { id = '', paused_at_ms = null, paused_by = null } = schedule
  if (paused_at_ms === null) return false
  const { numUpdatedRows } = await trx
    .updateTable('schedule')
    .set({ paused_at_ms, paused_by })
    .where('id', '=', id)
    .where('paused_at_ms', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

async function importFence(trx: Transaction<Schema>, lease: LeaseTable): Promise<boolean> {
  const { source, highest_fence } = lease
  const free = { owner_id: null, owner_what: '', fence: 0, since_ms: 0, expires_ms: 0 }
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('lease')
    .values({ source, ...free, highest_fence })
    .onConflict((conflict) =>
      conflict.column('source').doUpdateSet({ highest_fence }).where('lease.highest_fence', '<', highest_fence),
    )
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** A value set by hand stands in place of what the ledgers say, here as where it comes from. */
async function importShare(trx: Transaction<Schema>, share: WatermarkShareTable): Promise<boolean> {
  const known = await trx
    .selectFrom('watermark_share')
    .select('updated_at_ms')
    .where('source', '=', share.source)
    .where('ledger_id', '=', 0)
    .executeTakeFirst()
  if (known !== undefined && known.updated_at_ms >= share.updated_at_ms) return false
  const row = { ...share, ledger_id: 0 }
  await trx
    .insertInto('watermark_share')
    .values(row)
    .onConflict((conflict) => conflict.columns(['source', 'ledger_id']).doUpdateSet(row))
    .execute()
  await combineShares(trx, share.source)
  return true
}

/** SQLite stores whatever it is given; what comes from a file is looked at first. */
function checkRow({ table, row }: ExportedRow): void {
  const columns = COLUMNS[table] as Readonly<Record<string, string>> | undefined
  if (columns === undefined) throw badRow(`there is no table ${JSON.stringify(table)}`)
  for (const [column, value] of Object.entries(row)) {
    const type = Object.hasOwn(columns, column) ? columns[column] : undefined
    if (type === undefined) throw badRow(`table ${table} has no column ${JSON.stringify(column)}`)
    const fits =
      (value === null && type.endsWith('?')) ||
      (type.startsWith('text') ? typeof value === 'string' : typeof value === 'number' && Number.isSafeInteger(value))
    if (!fits)
      throw badRow(
        `column ${column} of table ${table} holds ${type.replace('?', ' or null')}, not ${JSON.stringify(value)?.slice(0, 80) ?? ''}`,
      )
  }
  const needed = NEEDED[table] ?? Object.keys(columns).filter((column) => columns[column]?.endsWith('?') !== true)
  for (const column of needed) if (!Object.hasOwn(row, column)) throw badRow(`a row of ${table} lacks ${column}`)
}

/** Columns without which a row is none. */
const NEEDED: Readonly<Partial<Record<ExportedTable, readonly string[]>>> = {
  lease: ['source', 'highest_fence'],
  run: ['id', 'command', 'source', 'started_at_ms', 'status', 'owner_id'],
  check_result: [
    'run',
    'file',
    'check_id',
    'source',
    'dataset',
    'type',
    'columns',
    'failed',
    'checked_at_ms',
    'result',
  ],
  failure: ['source', 'path', 'dataset', 'stamp', 'run', 'code', 'message', 'failed_at_ms', 'attempts'],
  batch: ['batch', 'run', 'source', 'dataset', 'location', 'attempt', 'files', 'pinned_at_ms'],
  outbox: ['key', 'channel', 'event', 'payload', 'created_at_ms', 'next_at_ms'],
  watermark_share: ['source', 'type', 'updated_at_ms', 'records_processed', 'metadata'],
}

function columnsOf(texts: string, numbers: string): Readonly<Record<string, string>> {
  const typed = (names: string, type: string): [string, string][] =>
    names.split(' ').map((name) => [name.replace('?', ''), name.endsWith('?') ? `${type}?` : type])
  return Object.fromEntries([...typed(texts, 'text'), ...typed(numbers, 'a whole number')])
}

const COLUMNS: Readonly<Record<ExportedTable, Readonly<Record<string, string>>>> = {
  lease: columnsOf('source owner_id? owner_what', 'fence highest_fence since_ms expires_ms'),
  run: columnsOf(
    'id command source status error_code? error_message? watermark_value? owner_id plan_id?',
    'started_at_ms ended_at_ms? files_seen files_loaded files_held files_skipped files_failed rows_read rows_loaded rows_rejected bytes_read peak_memory_bytes?',
  ),
  check_result: columnsOf('run file check_id source dataset type columns result', 'failed checked_at_ms'),
  failure: columnsOf('source path dataset stamp run code message', 'failed_at_ms attempts'),
  batch: columnsOf('batch run source dataset location files', 'attempt pinned_at_ms'),
  outbox: columnsOf(
    'key channel event payload last_error?',
    'created_at_ms attempts next_at_ms delivered_at_ms? given_up_at_ms?',
  ),
  watermark_share: columnsOf('source value? type metadata', 'ledger_id updated_at_ms records_processed'),
  contract_version: columnsOf('source dataset contract_id run columns checks', 'first_used_ms version'),
  schedule: columnsOf('id command subject config paused_by?', 'anchor_ms cursor_ms paused_at_ms? is_current'),
  tick: columnsOf('schedule state reason? job?', 'instant_ms count decided_at_ms'),
  job: columnsOf(
    'id command source trigger_kind schedule? created_by args state error_code? error_message? cancel_requested_by? summary?',
    'instant_ms? created_at_ms not_before_ms max_attempts expiry_ms? failed_attempts attempts started_at_ms? ended_at_ms? cancel_requested_at_ms?',
  ),
  attempt: columnsOf(
    'job run owner_id outcome error_code? error_message?',
    'attempt started_at_ms heartbeat_at_ms ended_at_ms?',
  ),
  job_event: columnsOf('job kind data', 'seq at_ms'),
  ingestion: columnsOf('id entry created_by updated_by', 'version created_at_ms updated_at_ms'),
  token: columnsOf('id hash name scope created_by', 'created_at_ms expires_at_ms? last_used_at_ms? revoked_at_ms?'),
  audit: columnsOf('id actor action subject outcome detail', 'at_ms'),
  alert_signal: columnsOf('key kind effect source dataset? severity run? detail', 'at_ms folded'),
  alert: columnsOf(
    'id kind source dataset? severity state acknowledged_by? note? run? detail',
    'first_at_ms last_at_ms count firing_at_ms? acknowledged_at_ms? resolved_at_ms?',
  ),
  alert_group: columnsOf('channel key told decided news', 'waiting_since_ms? last_sent_at_ms?'),
  alert_decision: columnsOf('alert channel outcome reason notice?', 'at_ms'),
  silence: columnsOf('id matcher created_by reason', 'starts_at_ms ends_at_ms created_at_ms hidden'),
  delivery: columnsOf('notice channel event outcome message?', 'at_ms attempt status? next_at_ms?'),
  forgotten: columnsOf('name labels', 'value'),
}

function badRow(why: string): TidegateError {
  return new TidegateError('STATE_IMPORT', `this cannot be imported: ${why}`, {
    hint: 'Import what `tidegate state export` wrote, or the SQLite file of the older platform.',
    dataNow: 'Rows before it may have come in; importing again does no harm.',
  })
}
