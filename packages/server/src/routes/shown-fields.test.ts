/** Which field of a record is which field of its view. A new field of core that nobody decided about does not compile here. */
import type { AttemptRecord, FileRecord, JobRecord, RunRecord } from '@tidegate/core'
import { expect, test } from 'vitest'
import { aNewJob, aRunRecord } from '../testing/api-past.ts'
import { fileSchema, type FileView } from './file-view.ts'
import {
  cliAttempt,
  runDetailSchema,
  toAttempt,
  toCliRun,
  toRun,
  type AttemptView,
  type PipelineRunView,
  type RunView,
} from './run-view.ts'

/** Null: left out on purpose. */
type Shown<Item, View> = Readonly<Record<keyof Item, keyof View | null>>

const OF_A_JOB = {
  id: 'id',
  command: 'command',
  source: 'source',
  state: 'state',
  trigger: 'trigger',
  schedule: 'schedule',
  instantMs: 'instant',
  createdBy: 'createdBy',
  createdAtMs: 'createdAt',
  notBeforeMs: 'notBefore',
  startedAtMs: 'startedAt',
  endedAtMs: 'endedAt',
  attempts: 'attemptCount',
  failedAttempts: 'failedAttempts',
  maxAttempts: 'maxAttempts',
  expiryMs: 'expiryMs',
  args: 'args',
  errorCode: 'error',
  errorMessage: 'error',
  cancelRequestedAtMs: 'cancelRequestedAt',
  // In the audit log, which not everybody may read.
  cancelRequestedBy: null,
  summary: 'summary',
} satisfies Shown<JobRecord, RunView>

const OF_AN_ATTEMPT = {
  // It stands in its job.
  job: null,
  attempt: 'attempt',
  run: 'run',
  // Names a machine and a process.
  owner: null,
  startedAtMs: 'startedAt',
  heartbeatAtMs: 'heartbeatAt',
  endedAtMs: 'endedAt',
  outcome: 'outcome',
  errorCode: 'error',
  errorMessage: 'error',
} satisfies Shown<AttemptRecord, AttemptView>

const OF_A_RUN = {
  id: 'id',
  command: 'command',
  // Of the job or the run around it, as are code and message.
  source: null,
  errorCode: null,
  errorMessage: null,
  startedAtMs: 'startedAt',
  endedAtMs: 'endedAt',
  status: 'status',
  filesSeen: 'filesSeen',
  filesLoaded: 'filesLoaded',
  filesHeld: 'filesHeld',
  filesSkipped: 'filesSkipped',
  filesFailed: 'filesFailed',
  rowsRead: 'rowsRead',
  rowsLoaded: 'rowsLoaded',
  rowsRejected: 'rowsRejected',
  bytesRead: 'bytesRead',
  watermarkValue: 'watermark',
  peakMemoryBytes: 'peakMemoryBytes',
  plan: 'plan',
} satisfies Shown<RunRecord, PipelineRunView>

const OF_A_FILE = {
  id: 'id',
  source: 'source',
  dataset: 'dataset',
  path: 'path',
  ordinal: 'ordinal',
  outcome: 'outcome',
  live: 'live',
  verdict: 'verdict',
  score: 'score',
  reasons: 'reasons',
  bytes: 'bytes',
  hash: 'sha256',
  modifiedAtMs: 'modifiedAt',
  decidedAtMs: 'decidedAt',
  durationMs: 'durationMs',
  rowsRead: 'rowsRead',
  rowsLoaded: 'rowsLoaded',
  rowsRejected: 'rowsRejected',
  rowsDropped: 'rowsDropped',
  rowsReplayed: 'rowsReplayed',
  rowsDiscarded: 'rowsDiscarded',
  rowsSuperseded: 'rowsSuperseded',
  duplicateOf: 'duplicateOf',
  repair: 'repair',
  run: 'run',
  batch: 'batch',
  // Where things lie on this machine, and how its store and its log name them.
  uri: null,
  stamp: null,
  quarantinePath: null,
  location: null,
  seq: null,
} satisfies Shown<FileRecord, FileView>

test('what a view shows of a record is under the name that is said here, and nothing else is in it', () => {
  const run = aRunRecord('r', 1_000)
  const job: JobRecord = {
    ...aNewJob('j', 1_000),
    state: 'ok',
    attempts: 1,
    failedAttempts: 0,
    startedAtMs: 1_000,
    endedAtMs: 2_000,
    errorCode: null,
    errorMessage: null,
    cancelRequestedAtMs: null,
    cancelRequestedBy: null,
    summary: null,
  }
  const attempt: AttemptRecord = {
    job: 'j',
    attempt: 1,
    run: 'r',
    owner: 'o',
    startedAtMs: 1_000,
    heartbeatAtMs: 1_000,
    endedAtMs: null,
    outcome: 'running',
    errorCode: null,
    errorMessage: null,
  }
  expect(keysOf(toRun(job))).toEqual(shown(OF_A_JOB))
  expect(keysOf(toCliRun(run))).toEqual(shown(OF_A_JOB))
  expect(keysOf(toAttempt(attempt, undefined))).toEqual(shown({ ...OF_AN_ATTEMPT, its: 'counts' }))
  const { counts, ...own } = cliAttempt(run)
  expect(keysOf(own)).toEqual(shown(OF_AN_ATTEMPT))
  expect(keysOf(counts ?? {})).toEqual(shown(OF_A_RUN))
  // No schema leaves out, either, what its view has.
  const detail = { ...toRun(job), attempts: [toAttempt(attempt, run)] }
  expect(runDetailSchema.parse(detail)).toEqual(detail)
  expect(keysOf((fileSchema as unknown as { shape: object }).shape)).toEqual(shown(OF_A_FILE))
})

function keysOf(value: object): readonly string[] {
  return Object.keys(value).toSorted()
}

function shown(fields: Readonly<Record<string, string | null>>): readonly string[] {
  return [...new Set(Object.values(fields).flatMap((name) => name ?? []))].toSorted()
}
