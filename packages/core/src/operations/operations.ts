/** What the daemon keeps beside the ledger: only the state knows it, no target can restore it. */
import type { LeaseOwner, RunRecord, RunStatus } from '../history.ts'
import type { JsonValue } from '../json.ts'
import type { AuditRecord, IdempotencyRecord, IngestionRecord, SessionRecord, TokenRecord } from './access-types.ts'
import type { OutboxNotice } from '../history.ts'
import type {
  AlertDecision,
  AlertGroup,
  AlertRecord,
  AlertSignal,
  AlertState,
  DeliveryRecord,
  SilenceRecord,
} from './alert-types.ts'
import type { AttemptOutcome, AttemptRecord, JobEvent, JobRecord, JobState, JobTrigger, NewJob } from './job-types.ts'
import type { MetricStore } from './metric-types.ts'
import type { ScheduleRecord, TickRecord } from './schedule-types.ts'

/** A page of a list, newest first. `next` is given back to get the following one; null at the end. */
export interface Paged<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

export interface PageRequest {
  /** 1–1000. */
  readonly limit: number
  /** `next` of the page before. @throws `STATE_BAD_CURSOR` where it is none of ours */
  readonly after?: string | undefined
}

/** Who leads: the holder of the lease `~scheduler` with its fence. Writes of a leader that lost it are refused. */
export interface Leadership {
  readonly owner: LeaseOwner
  readonly fence: number
}

/** What becomes of the instants of one schedule after `fromCursorMs` and up to `toCursorMs`. */
export interface TickDecision {
  readonly schedule: string
  readonly fromCursorMs: number
  readonly toCursorMs: number
  readonly ticks: readonly TickRecord[]
  readonly jobs: readonly NewJob[]
  /** Of this schedule and still running: asked to stop (`overlap: replace`). */
  readonly cancel: readonly string[]
  readonly signals?: readonly AlertSignal[] | undefined
}

export interface ScheduleStore {
  listSchedules(): Promise<readonly ScheduleRecord[]>
  /**
   * Makes the kept schedules those of the configuration. New: anchor and cursor at `nowMs`. Rule edited: anchor and cursor
   * move to `nowMs`. Gone: `isCurrent` false. A pause stays.
   */
  saveSchedules(
    schedules: readonly Pick<ScheduleRecord, 'id' | 'command' | 'subject' | 'config'>[],
    nowMs: number,
  ): Promise<readonly ScheduleRecord[]>
  /**
   * Null resumes: the cursor moves to `nowMs`, so that nothing of the pause is caught up, also where it was ahead of the clock.
   * False: no such schedule.
   */
  pauseSchedule(id: string, by: string | null, nowMs: number): Promise<boolean>
  /**
   * In one transaction, only while the leadership stands; of each schedule only where its cursor is still `fromCursorMs`, and
   * jobs only where it is current and not paused: writes ticks (a (schedule, instant) that became a job stays as it is), makes
   * the jobs of those that were written now, moves the cursor. A refused one spoils no other. Meant for some hundred decisions at a time.
   *
   * Returns what was written, in the order of the decisions; undefined where somebody else was there first.
   */
  decideTicks(
    decisions: readonly TickDecision[],
    leader: Leadership,
    nowMs: number,
  ): Promise<readonly (readonly TickRecord[] | undefined)[]>
  /**
   * After a clock was ahead: cursors of schedules that run and are ahead of `nowMs` by more than `range.fromMs` and at most
   * `range.toMs` move back to `nowMs`, anchors not after it. Ticks stay: what was started is never started again. What that
   * clock put off until a time to come (retries, runs by hand) may start now.
   *
   * In one transaction. Returns the schedules as they were; none where the leadership is lost.
   */
  setBackSchedules(
    range: { readonly fromMs: number; readonly toMs: number },
    leader: Leadership,
    nowMs: number,
  ): Promise<readonly ScheduleRecord[]>
  /** Ticks of instants that their schedule's cursor has not reached: there are some only after a clock was ahead. Oldest first. */
  ticksAhead(limit: number): Promise<readonly TickRecord[]>
  listTicks(filter: PageRequest & { readonly schedule?: string | undefined }): Promise<Paged<TickRecord>>
}

export interface JobFilter extends PageRequest {
  readonly source?: string | undefined
  readonly schedule?: string | undefined
  readonly states?: readonly JobState[] | undefined
  readonly triggers?: readonly JobTrigger[] | undefined
  readonly sinceMs?: number | undefined
}

/** Which runs of the pipeline that belong to no job. */
export interface RunsWithoutJob {
  readonly limit: number
  /** Those that come after this one in the list. */
  readonly before?: Pick<RunRecord, 'startedAtMs' | 'id'> | undefined
  readonly source?: string | undefined
  readonly statuses?: readonly RunStatus[] | undefined
  readonly sinceMs?: number | undefined
}

/** How an attempt ended, and what becomes of its job. */
export interface AttemptEnd {
  readonly outcome: Exclude<AttemptOutcome, 'running'>
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly summary: Readonly<Record<string, JsonValue>> | null
  readonly next: { readonly state: JobState; readonly notBeforeMs: number | null; readonly countsAsFailure: boolean }
  /** Written with it. */
  readonly signals?: readonly AlertSignal[] | undefined
}

export interface JobStore {
  /** False where a job of this id is there already: nothing was written then. */
  createJob(job: NewJob): Promise<boolean>
  getJob(id: string): Promise<JobRecord | undefined>
  listJobs(filter: JobFilter): Promise<Paged<JobRecord>>
  /** Jobs that wait or run, oldest first. */
  openJobs(schedule?: string): Promise<readonly JobRecord[]>
  listAttempts(job: string): Promise<readonly AttemptRecord[]>
  /** Attempts whose run of the pipeline is one of these. */
  attemptsOfRuns(runs: readonly string[]): Promise<readonly AttemptRecord[]>
  /** Runs of the pipeline that are no attempt of a job, newest first. */
  listRunsWithoutJob(filter: RunsWithoutJob): Promise<readonly RunRecord[]>
  /** One run of the pipeline, by whatever it was started. */
  getRun(id: string): Promise<RunRecord | undefined>
  /**
   * Takes the oldest job that may start now: `queued` or `retrying`, its time has come, and no other job of its source
   * runs. Makes its next attempt. Undefined: there is none. Two daemons never take the same one.
   */
  claimJob(claim: {
    readonly owner: LeaseOwner
    readonly run: (job: JobRecord) => string
    readonly nowMs: number
  }): Promise<{ readonly job: JobRecord; readonly attempt: AttemptRecord } | undefined>
  /** What the driver of an attempt has to know: `lost` where another daemon took the job over. */
  beatAttempt(job: string, attempt: number, nowMs: number): Promise<'ok' | 'cancel' | 'lost'>
  /** False where the attempt had ended before (taken over). */
  endAttempt(job: string, attempt: number, end: AttemptEnd, nowMs: number): Promise<boolean>
  /**
   * Attempts that nobody drives any more (their owner is known to be dead, or the last beat is older than `staleMs`) end as
   * `interrupted`; their jobs are `queued` again. Returns those jobs.
   */
  adoptOrphans(nowMs: number, staleMs: number): Promise<readonly JobRecord[]>
  /** Waiting ones are cancelled at once, running ones asked. Undefined: there is none, or it is over. */
  requestCancel(id: string, by: string, nowMs: number): Promise<JobRecord | undefined>
  /** `dead`, `cancelled`, `gate-failed` or `partial` → `queued`, with fresh attempts. Undefined: not in such a state. */
  redriveJob(id: string, by: string, nowMs: number): Promise<JobRecord | undefined>
  addJobEvents(job: string, events: readonly Omit<JobEvent, 'job' | 'seq'>[]): Promise<void>
  /** Those with a higher `seq`, in order. */
  listJobEvents(job: string, afterSeq: number, limit: number): Promise<readonly JobEvent[]>
}

export interface IngestionStore {
  listIngestions(): Promise<readonly IngestionRecord[]>
  getIngestion(id: string): Promise<IngestionRecord | undefined>
  /** False where one of this id is there. */
  createIngestion(record: Omit<IngestionRecord, 'version'>): Promise<boolean>
  /** @returns the record as it is now; `conflict` where its version is another by now; undefined where it is gone */
  updateIngestion(
    id: string,
    change: { readonly entry: IngestionRecord['entry']; readonly by: string; readonly ifVersion?: number | undefined },
    nowMs: number,
  ): Promise<IngestionRecord | 'conflict' | undefined>
  deleteIngestion(id: string, ifVersion?: number): Promise<'deleted' | 'conflict' | undefined>
}

export interface AccessStore {
  createToken(token: TokenRecord): Promise<void>
  getToken(id: string): Promise<TokenRecord | undefined>
  listTokens(): Promise<readonly TokenRecord[]>
  revokeToken(id: string, nowMs: number): Promise<boolean>
  /** Written at most once a minute. */
  touchToken(id: string, nowMs: number): Promise<void>
  createSession(session: SessionRecord): Promise<void>
  getSession(hash: string): Promise<SessionRecord | undefined>
  deleteSession(hash: string): Promise<void>
  addAudit(record: AuditRecord): Promise<void>
  listAudit(
    filter: PageRequest & { readonly actor?: string | undefined; readonly action?: string | undefined },
  ): Promise<Paged<AuditRecord>>
  /** `first`: go on, and call `endIdempotent`. Else what is known of the earlier request with this key. */
  beginIdempotent(record: Omit<IdempotencyRecord, 'status' | 'body'>): Promise<'first' | IdempotencyRecord>
  /** A status of undefined forgets the key: the request had no lasting effect. */
  endIdempotent(actor: string, key: string, status: number | undefined, body: string): Promise<void>
}

/** What one step of the alert engine changes. */
export interface AlertChanges {
  /** Those that are new or changed. */
  readonly alerts: readonly AlertRecord[]
  readonly groups: readonly AlertGroup[]
  readonly decisions: readonly AlertDecision[]
  readonly notices: readonly OutboxNotice[]
  /** Keys of the signals that are folded in. */
  readonly folded: readonly string[]
  /** Messages that each silence held back in this step. */
  readonly silenced: Readonly<Record<string, number>>
}

export interface AlertStore {
  /** Ignores keys that it has. */
  addSignals(signals: readonly AlertSignal[]): Promise<void>
  /** Signals that were not folded into alerts yet, oldest first. */
  pendingSignals(limit: number): Promise<readonly AlertSignal[]>
  openAlerts(): Promise<readonly AlertRecord[]>
  getAlert(id: string): Promise<AlertRecord | undefined>
  listAlerts(
    filter: PageRequest & { readonly states?: readonly AlertState[] | undefined; readonly source?: string | undefined },
  ): Promise<Paged<AlertRecord>>
  listGroups(): Promise<readonly AlertGroup[]>
  /**
   * One step of the alert engine, in one transaction and only if nobody made one since `basedOn` (see `alertRevision`):
   * alerts as they are now, groups, decisions, notices for the outbox, and the signals that are folded in. False: read anew.
   */
  applyAlertStep(step: AlertChanges & { readonly basedOn: number }): Promise<boolean>
  alertRevision(): Promise<number>
  /** Undefined: no such alert, or it is resolved. Counts as a step (`alertRevision` grows). */
  acknowledgeAlert(id: string, by: string, note: string | null, nowMs: number): Promise<AlertRecord | undefined>
  listDecisions(alert: string): Promise<readonly AlertDecision[]>
  createSilence(silence: Omit<SilenceRecord, 'hidden'>): Promise<void>
  /** Those that are over too, for a week. */
  listSilences(): Promise<readonly SilenceRecord[]>
  /** Ends it now. False: there is none, or it is over. */
  endSilence(id: string, nowMs: number): Promise<boolean>
  addDelivery(record: DeliveryRecord): Promise<void>
  listDeliveries(
    filter: PageRequest & { readonly notice?: string | undefined; readonly channel?: string | undefined },
  ): Promise<Paged<DeliveryRecord>>
}

/** A notice to deliver now. */
export interface DueNotice extends OutboxNotice {
  /** Failed deliveries so far. */
  readonly attempts: number
}

/** Notices wait here until they are delivered or given up. */
export interface OutboxStore {
  /**
   * Notices to deliver now, oldest first, but those of the channels in `except`. They are not offered again for a minute:
   * mark them within it.
   */
  takeNotices(limit: number, nowMs: number, except?: readonly string[]): Promise<readonly DueNotice[]>
  markDelivered(key: string, nowMs: number): Promise<void>
  /** Offered again at `nextAtMs`; null gives it up. */
  markFailed(key: string, nowMs: number, error: string, nextAtMs: number | null): Promise<void>
  /** When the next notice is due; null where none waits. */
  nextNoticeAtMs(): Promise<number | null>
  /** When notices were put into the outbox since then, for the limits of channels. Oldest first. */
  sentSince(sinceMs: number): Promise<readonly { readonly channel: string; readonly atMs: number }[]>
}

export interface Operations
  extends ScheduleStore, JobStore, IngestionStore, AccessStore, AlertStore, OutboxStore, MetricStore {}

/** The lease that the leading scheduler holds. No source can have this name. */
export const SCHEDULER_LEASE = '~scheduler'
