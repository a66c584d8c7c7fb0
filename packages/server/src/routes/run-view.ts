/** Runs as the API shows them: jobs of the daemon, and runs that the command line made. */
import type { AttemptRecord, JobRecord, JobState, JobTrigger, RunRecord, RunStatus } from '@tidegate/core'
import { z } from 'zod'
import { count, instant, isoOf, isoOrNull, maybe } from './fields.ts'

export const JOB_STATES: readonly [JobState, ...JobState[]] = [
  'queued',
  'running',
  'retrying',
  'ok',
  'nothing-new',
  'gate-failed',
  'partial',
  'dead',
  'cancelled',
]

export const TRIGGERS: readonly [JobTrigger, ...JobTrigger[]] = ['schedule', 'catch-up', 'arrival', 'api', 'cli']

/** What a run of the command line is in the words of jobs. There is no second attempt: one that failed, or was killed, gave up. */
const STATE_OF: Readonly<Record<RunStatus, JobState>> = {
  running: 'running',
  ok: 'ok',
  'nothing-new': 'nothing-new',
  'gate-failed': 'gate-failed',
  partial: 'partial',
  failed: 'dead',
  interrupted: 'dead',
}

export function stateOfStatus(status: RunStatus): JobState {
  return STATE_OF[status]
}

/** Statuses of runs that are one of these states here. */
export function statusesOf(states: readonly JobState[]): readonly RunStatus[] {
  return STATUSES.filter((status) => states.includes(STATE_OF[status]))
}

const STATUSES = Object.keys(STATE_OF) as [RunStatus, ...RunStatus[]]

export interface RunView {
  readonly id: string
  readonly command: string
  readonly source: string
  readonly state: JobState
  readonly trigger: JobRecord['trigger']
  readonly schedule: string | null
  readonly instant: string | null
  readonly createdBy: string
  readonly createdAt: string
  readonly notBefore: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly attemptCount: number
  readonly failedAttempts: number
  readonly maxAttempts: number
  readonly expiryMs: number | null
  readonly args: JobRecord['args']
  readonly cancelRequestedAt: string | null
  readonly error: ErrorView | null
  readonly summary: JobRecord['summary']
}

interface ErrorView {
  readonly code: string
  readonly message: string | null
}

export interface PipelineRunView {
  readonly id: string
  readonly command: string
  readonly status: RunRecord['status']
  readonly startedAt: string
  readonly endedAt: string | null
  readonly filesSeen: number
  readonly filesLoaded: number
  readonly filesHeld: number
  readonly filesSkipped: number
  readonly filesFailed: number
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly bytesRead: number
  readonly watermark: string | null
  readonly peakMemoryBytes: number | null
  readonly plan: string | null
}

export interface AttemptView {
  readonly attempt: number
  readonly run: string
  readonly outcome: string
  readonly startedAt: string
  readonly heartbeatAt: string
  readonly endedAt: string | null
  readonly error: ErrorView | null
  readonly counts: PipelineRunView | null
}

export interface RunDetail extends RunView {
  readonly attempts: readonly AttemptView[]
}

/** A run of the command line ends without a second attempt: `dead` is what a failed one is called here too. */
const run = z
  .object({
    id: z.string().meta({ examples: ['20261121T081500-3f9a1c2b'] }),
    command: z.string().meta({ examples: ['ingest', 'replay', 'maintain'] }),
    source: z.string().meta({ description: 'Empty where the whole project is meant.' }),
    state: z.enum(JOB_STATES),
    trigger: z.enum(TRIGGERS),
    schedule: maybe(z.string()),
    instant: maybe(instant('The instant of the schedule that it was made for.')),
    createdBy: z.string(),
    createdAt: instant('When it was asked for.'),
    notBefore: instant('It does not start earlier; of `retrying` the time of the next attempt.'),
    startedAt: maybe(instant('Of its first attempt.')),
    endedAt: maybe(instant('When it came to its state, where that is an end.')),
    attemptCount: count('Attempts so far, those that were killed included.'),
    failedAttempts: count('Attempts that failed by themselves.'),
    maxAttempts: z.int().min(1),
    expiryMs: maybe(z.int()),
    args: z.record(z.string(), z.json()),
    cancelRequestedAt: maybe(instant('When somebody asked it to stop.')),
    error: maybe(z.object({ code: z.string(), message: maybe(z.string()) })),
    summary: maybe(z.record(z.string(), z.json())).meta({ description: 'Short counts of the attempt that ended it.' }),
  })
  .meta({ id: 'Run', description: 'Something the daemon owes, or the command line did. See the table of states.' })

export const runSchema: z.ZodType<RunView> = run as unknown as z.ZodType<RunView>

const pipelineRun = z
  .object({
    id: z.string(),
    command: z.string(),
    status: z.enum(STATUSES),
    startedAt: instant('Its begin.'),
    endedAt: maybe(instant('Its end.')),
    filesSeen: count('Files that were listed.'),
    filesLoaded: count('Files that came in.'),
    filesHeld: count('Files that went to quarantine.'),
    filesSkipped: count('Files that were skipped.'),
    filesFailed: count('Files that could not be judged.'),
    rowsRead: count('Rows read.'),
    rowsLoaded: count('Rows loaded.'),
    rowsRejected: count('Rows rejected.'),
    bytesRead: count('Bytes read.'),
    watermark: maybe(z.string()),
    peakMemoryBytes: maybe(z.int()),
    plan: maybe(z.string()).meta({ description: 'Id of the plan that it carried out.' }),
  })
  .meta({ id: 'PipelineRun', description: 'One execution of the pipeline, with its counts.' })

const attempt = z
  .object({
    attempt: z.int().min(1),
    run: z.string().meta({ description: 'Under this id the history and the pages know it.' }),
    outcome: z.string().meta({
      examples: ['running', 'ok', 'failed', 'interrupted', 'lease-held'],
    }),
    startedAt: instant('Its begin.'),
    heartbeatAt: instant('When its driver was heard last.'),
    endedAt: maybe(instant('Its end.')),
    error: maybe(z.object({ code: z.string(), message: maybe(z.string()) })),
    counts: maybe(pipelineRun).meta({ description: 'Null while the pipeline has not begun, or where it is none.' }),
  })
  .meta({ id: 'Attempt', description: 'One try of a run.' })

export const runDetailSchema: z.ZodType<RunDetail> = run
  .extend({ attempts: z.array(attempt).meta({ description: 'Oldest first.' }) })
  .meta({ id: 'RunDetail', description: 'A run with its attempts.' }) as unknown as z.ZodType<RunDetail>

export function toRun(job: JobRecord): RunView {
  return {
    id: job.id,
    command: job.command,
    source: job.source,
    state: job.state,
    trigger: job.trigger,
    schedule: job.schedule,
    instant: isoOrNull(job.instantMs),
    createdBy: job.createdBy,
    createdAt: isoOf(job.createdAtMs),
    notBefore: isoOf(job.notBeforeMs),
    startedAt: isoOrNull(job.startedAtMs),
    endedAt: isoOrNull(job.endedAtMs),
    attemptCount: job.attempts,
    failedAttempts: job.failedAttempts,
    maxAttempts: job.maxAttempts,
    expiryMs: job.expiryMs,
    args: job.args,
    cancelRequestedAt: isoOrNull(job.cancelRequestedAtMs),
    error: errorOf(job.errorCode, job.errorMessage),
    summary: job.summary,
  }
}

/** A run of the pipeline that belongs to no job. */
export function toCliRun(run: RunRecord): RunView {
  const hasFailed = run.status === 'failed' || run.status === 'interrupted'
  return {
    id: run.id,
    command: run.command,
    source: run.source,
    state: stateOfStatus(run.status),
    trigger: 'cli',
    schedule: null,
    instant: null,
    createdBy: 'cli',
    createdAt: isoOf(run.startedAtMs),
    notBefore: isoOf(run.startedAtMs),
    startedAt: isoOf(run.startedAtMs),
    endedAt: isoOrNull(run.endedAtMs),
    attemptCount: 1,
    failedAttempts: hasFailed ? 1 : 0,
    maxAttempts: 1,
    expiryMs: null,
    args: {},
    cancelRequestedAt: null,
    error: errorOf(run.errorCode, run.errorMessage),
    summary: {
      filesLoaded: run.filesLoaded,
      filesHeld: run.filesHeld,
      filesFailed: run.filesFailed,
      rowsLoaded: run.rowsLoaded,
      rowsRejected: run.rowsRejected,
    },
  }
}

export function toAttempt(attempt: AttemptRecord, run: RunRecord | undefined): AttemptView {
  return {
    attempt: attempt.attempt,
    run: attempt.run,
    outcome: attempt.outcome,
    startedAt: isoOf(attempt.startedAtMs),
    heartbeatAt: isoOf(attempt.heartbeatAtMs),
    endedAt: isoOrNull(attempt.endedAtMs),
    error: errorOf(attempt.errorCode, attempt.errorMessage),
    counts: run === undefined ? null : toCounts(run),
  }
}

export function cliAttempt(run: RunRecord): AttemptView {
  return {
    attempt: 1,
    run: run.id,
    outcome: run.status,
    startedAt: isoOf(run.startedAtMs),
    heartbeatAt: isoOf(run.endedAtMs ?? run.startedAtMs),
    endedAt: isoOrNull(run.endedAtMs),
    error: errorOf(run.errorCode, run.errorMessage),
    counts: toCounts(run),
  }
}

function toCounts(run: RunRecord): PipelineRunView {
  return {
    id: run.id,
    command: run.command,
    status: run.status,
    startedAt: isoOf(run.startedAtMs),
    endedAt: isoOrNull(run.endedAtMs),
    filesSeen: run.filesSeen,
    filesLoaded: run.filesLoaded,
    filesHeld: run.filesHeld,
    filesSkipped: run.filesSkipped,
    filesFailed: run.filesFailed,
    rowsRead: run.rowsRead,
    rowsLoaded: run.rowsLoaded,
    rowsRejected: run.rowsRejected,
    bytesRead: run.bytesRead,
    watermark: run.watermarkValue,
    peakMemoryBytes: run.peakMemoryBytes ?? null,
    plan: run.plan ?? null,
  }
}

function errorOf(code: string | null, message: string | null): RunView['error'] {
  return code === null ? null : { code, message }
}
