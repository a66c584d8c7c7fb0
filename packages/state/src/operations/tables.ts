import type {
  AccessScope,
  AlertKind,
  AlertSeverity,
  AlertSignal,
  AlertState,
  AttemptOutcome,
  AuditRecord,
  DecisionOutcome,
  DeliveryRecord,
  JobCommand,
  JobEvent,
  JobState,
  JobTrigger,
  ScheduledCommand,
  TickState,
} from '@tidegate/core'
import type { Generated } from 'kysely'

/** The tables of the daemon, as Kysely sees them. Times are Unix milliseconds, UTC; flags are 0 or 1; JSON columns hold text. */
export interface OperationTables {
  schedule: ScheduleTable
  tick: TickTable
  job: JobTable
  attempt: AttemptTable
  job_event: JobEventTable
  ingestion: IngestionTable
  token: TokenTable
  session: SessionTable
  audit: AuditTable
  idempotency: IdempotencyTable
  alert_signal: AlertSignalTable
  alert: AlertTable
  alert_group: AlertGroupTable
  alert_decision: AlertDecisionTable
  alert_revision: AlertRevisionTable
  silence: SilenceTable
  delivery: DeliveryTable
  forgotten: ForgottenTable
}

export interface ScheduleTable {
  id: string
  command: ScheduledCommand
  subject: string
  /** JSON of a `ScheduleConfig`. */
  config: string
  anchor_ms: number
  /** Never goes down. */
  cursor_ms: number
  paused_at_ms: number | null
  paused_by: string | null
  is_current: number
}

export interface TickTable {
  schedule: string
  instant_ms: number
  state: TickState
  reason: string | null
  job: string | null
  count: number
  decided_at_ms: number
}

export interface JobTable {
  id: string
  command: JobCommand
  source: string
  trigger_kind: JobTrigger
  schedule: string | null
  instant_ms: number | null
  created_by: string
  created_at_ms: number
  not_before_ms: number
  args: string
  max_attempts: number
  expiry_ms: number | null
  state: JobState
  failed_attempts: number
  attempts: number
  started_at_ms: number | null
  ended_at_ms: number | null
  error_code: string | null
  error_message: string | null
  cancel_requested_at_ms: number | null
  cancel_requested_by: string | null
  summary: string | null
}

export interface AttemptTable {
  job: string
  attempt: number
  run: string
  owner_id: string
  started_at_ms: number
  heartbeat_at_ms: number
  ended_at_ms: number | null
  outcome: AttemptOutcome
  error_code: string | null
  error_message: string | null
}

export interface JobEventTable {
  job: string
  seq: number
  at_ms: number
  kind: JobEvent['kind']
  data: string
}

export interface IngestionTable {
  id: string
  entry: string
  version: number
  created_by: string
  created_at_ms: number
  updated_by: string
  updated_at_ms: number
}

export interface TokenTable {
  id: string
  /** SHA-256 of the secret, hex. */
  hash: string
  name: string
  scope: AccessScope
  created_by: string
  created_at_ms: number
  expires_at_ms: number | null
  last_used_at_ms: number | null
  revoked_at_ms: number | null
}

export interface SessionTable {
  /** SHA-256 of the cookie's secret. */
  hash: string
  token: string
  csrf: string
  created_at_ms: number
  expires_at_ms: number
}

export interface AuditTable {
  id: string
  at_ms: number
  actor: string
  action: string
  subject: string
  outcome: AuditRecord['outcome']
  detail: string
}

export interface IdempotencyTable {
  actor: string
  key: string
  request: string
  /** Null while the first request is being answered. */
  status: number | null
  body: string | null
  created_at_ms: number
}

export interface AlertSignalTable {
  /** In the order in which they were written. */
  position: Generated<number>
  key: string
  kind: AlertSignal['kind']
  effect: AlertSignal['effect']
  source: string
  dataset: string | null
  severity: AlertSeverity
  run: string | null
  at_ms: number
  detail: string
  folded: number
}

export interface AlertTable {
  id: string
  kind: AlertKind
  source: string
  dataset: string | null
  severity: AlertSeverity
  state: AlertState
  first_at_ms: number
  last_at_ms: number
  count: number
  firing_at_ms: number | null
  acknowledged_at_ms: number | null
  acknowledged_by: string | null
  note: string | null
  resolved_at_ms: number | null
  run: string | null
  detail: string
}

export interface AlertGroupTable {
  channel: string
  key: string
  waiting_since_ms: number | null
  last_sent_at_ms: number | null
  told: string
  decided: string
  news: string
}

export interface AlertDecisionTable {
  alert: string
  channel: string
  at_ms: number
  outcome: DecisionOutcome
  reason: string
  notice: string | null
}

/** One row. */
export interface AlertRevisionTable {
  id: number
  revision: number
}

export interface SilenceTable {
  id: string
  matcher: string
  starts_at_ms: number
  ends_at_ms: number
  created_by: string
  created_at_ms: number
  reason: string
  hidden: number
}

export interface DeliveryTable {
  at_ms: number
  notice: string
  channel: string
  attempt: number
  event: string
  outcome: DeliveryRecord['outcome']
  status: number | null
  message: string | null
  next_at_ms: number | null
}

/** Sums of what pruning took away: what is counted for ever must not go down. */
export interface ForgottenTable {
  name: string
  labels: string
  value: number
}
