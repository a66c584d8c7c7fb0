import type { Dimension, FileOutcome, RunRecord, RunStatus, Severity } from '@tidegate/core'
import type { Generated } from 'kysely'
import type { OperationTables } from './operations/tables.ts'

/** The tables, as Kysely sees them. Times are Unix milliseconds, UTC; flags are 0 or 1; JSON columns hold text. */
export interface Schema extends OperationTables {
  lease: LeaseTable
  run: RunTable
  ledger: LedgerTable
  file_version: FileVersionTable
  file_version_by_time: FileVersionTable
  part: PartTable
  quarantine: QuarantineTable
  schema_version: SchemaVersionTable
  watermark: WatermarkTable
  watermark_share: WatermarkShareTable
  batch: BatchTable
  failure: FailureTable
  check_result: CheckResultTable
  outbox: OutboxTable
  load_history: LoadHistoryView
  listing: ListingTable
  listed_folder: ListedFolderTable
  contract_version: ContractVersionTable
  check_day: CheckDayTable
}

export interface LeaseTable {
  source: string
  /** Null while the lease is free. */
  owner_id: string | null
  owner_what: string
  /** Of the lease given last. */
  fence: number
  /** Highest fence given or seen in a ledger. Never goes down. */
  highest_fence: number
  since_ms: number
  expires_ms: number
}

export interface RunTable {
  id: string
  command: RunRecord['command']
  source: string
  started_at_ms: number
  ended_at_ms: number | null
  status: RunStatus
  files_seen: number
  files_loaded: number
  files_held: number
  files_skipped: number
  files_failed: number
  rows_read: number
  rows_loaded: number
  rows_rejected: number
  bytes_read: number
  error_code: string | null
  error_message: string | null
  watermark_value: string | null
  /** The process that opened it, as in a lease. */
  owner_id: string
  peak_memory_bytes: number | null
  plan_id: string | null
}

export interface LedgerTable {
  id: Generated<number>
  location: string
  /** Highest entry indexed. */
  seq: number
}

/** A view; what is written is `file_version_row`. */
export interface FileVersionTable {
  ledger_id: number
  id: string
  source: string
  dataset: string
  path: string
  ordinal: number
  uri: string
  stamp: string
  bytes: number
  modified_at_ms: number
  /** See hash-bytes.ts. */
  hash: Buffer
  outcome: FileOutcome
  live: number
  rows_read: number
  rows_loaded: number
  /** In quarantine now. */
  rows_rejected: number
  rows_dropped: number
  /** Rows that are in the target now. */
  rows_live: number
  rows_replayed: number
  rows_discarded: number
  rows_superseded: number
  score: number | null
  verdict: string
  reasons: string
  duplicate_of: string | null
  quarantine_path: string | null
  /** JSON of a `FileRepair`. */
  repair: string | null
  /** Of the copy that was read. */
  repaired_hash: string | null
  batch: string
  run: string
  seq: number
  decided_at_ms: number
  duration_ms: number | null
}

/** A view; what is written is `part_row` and `part_file`. */
export interface PartTable {
  ledger_id: number
  visible: string
  seq: number
  live: number
  bytes: number
  rows: number
  hash: Buffer
  /** One line per file version, in order: its id and, where the ledger says it, how many rows. */
  files: string | null
}

export interface QuarantineTable {
  ledger_id: number
  id: string
  source: string
  dataset: string
  file: string
  kind: 'held' | 'rows'
  path: string | null
  rows: number
  bytes: number
  hash: string | null
  reasons: string
  status: 'open' | 'replayed' | 'released' | 'discarded' | 'superseded'
  batch: string
  run: string
  seq: number
  recorded_at_ms: number
  closed_at_ms: number | null
  closed_run: string | null
  note: string | null
}

export interface SchemaVersionTable {
  ledger_id: number
  source: string
  dataset: string
  schema_id: string
  columns: string
  first_seen_ms: number
  seq: number
}

export interface WatermarkTable {
  source: string
  value: string
  type: string
  updated_at_ms: number
  records_processed: number
  metadata: string
}

/** What one ledger says of a source's watermark; ledger 0 is what was set by hand. `watermark` is made of these. */
export interface WatermarkShareTable {
  source: string
  ledger_id: number
  /** Null once a value set by hand took its place; the records still count. */
  value: string | null
  type: string
  updated_at_ms: number
  records_processed: number
  metadata: string
}

export interface BatchTable {
  batch: string
  run: string
  source: string
  dataset: string
  location: string
  attempt: number
  files: string
  pinned_at_ms: number
}

export interface FailureTable {
  source: string
  path: string
  dataset: string
  stamp: string
  run: string
  code: string
  message: string
  failed_at_ms: number
  attempts: number
}

export interface CheckResultTable {
  run: string
  file: string
  check_id: string
  source: string
  dataset: string
  type: string
  columns: string
  /** 1 unless it passed: a check that could not be evaluated counts as failed. */
  failed: number
  checked_at_ms: number
  result: string
}

export interface OutboxTable {
  key: string
  channel: string
  event: string
  payload: string
  created_at_ms: number
  attempts: number
  /** Not offered before: after a failure or while somebody is delivering it. */
  next_at_ms: number
  delivered_at_ms: number | null
  /** Nobody tries any more: a dead letter. */
  given_up_at_ms: number | null
  last_error: string | null
}

export interface LoadHistoryView {
  id: string
  source_name: string
  load_start: string
  load_end: string | null
  records_processed: number
  status: 'success' | 'held' | 'failed' | 'partial' | 'running'
  error_message: string | null
  watermark_value: string | null
}

export interface ListingTable {
  source: string
  scope: string
  full_at_ms: number
  trusted: number
}

export interface ListedFolderTable {
  source: string
  folder: string
  stamp: string | null
  since_ms: number
  done: number
}

export interface ContractVersionTable {
  source: string
  dataset: string
  first_used_ms: number
  contract_id: string
  run: string
  version: number
  /** JSON lists of `ContractColumnFact` and `ContractCheckFact`. */
  columns: string
  checks: string
}

/** See facts/check-days.ts. */
export interface CheckDayTable {
  source: string
  dataset: string
  check_id: string
  type: string
  columns: string
  severity: Severity
  dimension: Dimension
  day_ms: number
  passed: number
  failed: number
  errors: number
  unexpected_rows: number
  last_ms: number
}
