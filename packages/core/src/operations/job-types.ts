import type { RunStatus } from '../history.ts'
import type { JsonValue } from '../json.ts'

/**
 * A job is one thing that the daemon owes: a run that a tick, a person or a program asked for. It is done in one or more
 * attempts; each attempt of an `ingest` is one run of the pipeline. The HTTP API calls it a run.
 *
 *   queued → running · cancelled
 *   running → ok · nothing-new · gate-failed · partial · retrying · dead · cancelled
 *   retrying → running (when its time has come) · cancelled
 *   running → queued (its process was killed: the next attempt of the same job; costs no retry)
 *   dead · cancelled · gate-failed · partial → queued (somebody drives it again)
 */
export type JobState =
  | 'queued'
  | 'running'
  /** An attempt failed; the next one has its time. */
  | 'retrying'
  | 'ok'
  | 'nothing-new'
  | 'gate-failed'
  | 'partial'
  /** The last attempt failed too (dead letter). */
  | 'dead'
  | 'cancelled'

export type JobCommand = 'ingest' | 'maintain' | 'arrivals' | 'digest' | 'replay' | 'release' | 'discard'

export type JobTrigger = 'schedule' | 'catch-up' | 'arrival' | 'api' | 'cli'

/** Of the tick or request that it was made for; times Unix milliseconds, UTC. */
export interface NewJob {
  /** Sorts by time; of a tick it follows from schedule and instant, so the same tick can only ever make the same job. */
  readonly id: string
  readonly command: JobCommand
  /** The source; `` where the whole project is meant. Jobs of one source run one after another. */
  readonly source: string
  readonly trigger: JobTrigger
  readonly schedule: string | null
  readonly instantMs: number | null
  /** Token or user that asked; `schedule` where nobody did. */
  readonly createdBy: string
  readonly createdAtMs: number
  /** Not started before. */
  readonly notBeforeMs: number
  /** What the command takes: `{ force: true }`, `{ records: [...] }`. */
  readonly args: Readonly<Record<string, JsonValue>>
  readonly maxAttempts: number
  readonly expiryMs: number | null
}

export interface JobRecord extends NewJob {
  readonly state: JobState
  /** Attempts that failed by themselves; an attempt that was killed is none of them. */
  readonly failedAttempts: number
  readonly attempts: number
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly cancelRequestedAtMs: number | null
  readonly cancelRequestedBy: string | null
  /** Short counts for lists: files and rows of the attempt that ended it. */
  readonly summary: Readonly<Record<string, JsonValue>> | null
}

export type AttemptOutcome =
  | 'running'
  /** Its process or its daemon was killed. */
  | 'interrupted'
  | 'cancelled'
  /** It took longer than it may. */
  | 'expired'
  /** Somebody else held the source's lease; tried again, costs no retry. */
  | 'lease-held'
  | Exclude<RunStatus, 'running' | 'interrupted'>

export interface AttemptRecord {
  readonly job: string
  /** From 1. */
  readonly attempt: number
  /** Of the pipeline: the id under which `history` and the pages know it. */
  readonly run: string
  /** The daemon that drives it, as in a lease: `host:pid:start`. */
  readonly owner: string
  readonly startedAtMs: number
  readonly heartbeatAtMs: number
  readonly endedAtMs: number | null
  readonly outcome: AttemptOutcome
  readonly errorCode: string | null
  readonly errorMessage: string | null
}

/** Something that was heard of a job, in order: state changes and progress. The newest 1,000 of a job are kept. */
export interface JobEvent {
  readonly job: string
  /** From 1, without gaps while the job is new. */
  readonly seq: number
  readonly atMs: number
  readonly kind: 'state' | 'progress' | 'note'
  readonly data: Readonly<Record<string, JsonValue>>
}
