/** A small past, written through the state's own methods as the pipeline and the runner do. */
import type { CheckRecord, LedgerEntry, LedgerFile, NewJob, RunRecord } from '@tidegate/core'
import type { State } from '@tidegate/state'
import { NOW_MS } from './api-world.ts'

export const LOCATION = '/lake/orders'
const HOUR_MS = 3_600_000

/** The nth batch: one file, ten rows; committed n hours before now. */
export function batchEntry(
  seq: number,
  hoursAgo: number,
  given: Partial<LedgerFile> = {},
  more: Partial<LedgerEntry> = {},
): LedgerEntry {
  const name = given.path ?? `f${String(seq)}.csv`
  const file: LedgerFile = {
    id: `orders/${name}#1`,
    path: name,
    ordinal: 1,
    uri: `/landing/orders/${name}`,
    stamp: `100:${String(seq)}`,
    bytes: 100 * seq,
    modifiedAtMs: NOW_MS - hoursAgo * HOUR_MS - 1000,
    hash: `${seq}`.padStart(64, '0'),
    outcome: 'loaded',
    rowsRead: 10,
    rowsLoaded: 10,
    rowsRejected: 0,
    rowsDropped: 0,
    score: 100,
    verdict: 'admit',
    reasons: [],
    ...given,
  }
  return {
    format: 1,
    seq,
    batch: `batch-${String(seq)}`,
    run: `run-${String(seq)}`,
    attempt: 1,
    fence: 1,
    source: 'orders',
    dataset: 'orders',
    committedAt: new Date(NOW_MS - hoursAgo * HOUR_MS).toISOString(),
    files: [file],
    add:
      file.rowsLoaded === 0
        ? []
        : [
            {
              staged: `_tidegate/staging/${name}.sealed`,
              visible: `${name}.parquet`,
              bytes: 50,
              rows: file.rowsLoaded,
              hash: 'abc',
              files: [file.id],
            },
          ],
    remove: [],
    rejected: [],
    consumes: [],
    schema: { id: 'schema-1', columns: [{ name: 'amount', type: 'BIGINT' }] },
    watermark: { column: 'amount', type: 'BIGINT', value: String(seq) },
    ...more,
  }
}

/** A held file with a copy in quarantine; the record's id has slashes. */
export function heldEntry(seq: number, hoursAgo: number): LedgerEntry {
  const path = `held${String(seq)}.csv`
  const reasons = [
    { check: 'amount:not-null', severity: 'critical' as const, message: 'one row is null', failedRows: 1 },
  ]
  const place = `orders/${path}`
  return batchEntry(
    seq,
    hoursAgo,
    {
      path,
      outcome: 'held',
      rowsLoaded: 0,
      rowsRejected: 10,
      score: 50,
      verdict: 'hold',
      reasons,
      quarantinePath: place,
    },
    {
      rejected: [
        {
          kind: 'original',
          staged: `_tidegate/staging/${path}`,
          visible: place,
          bytes: 100,
          rows: 10,
          hash: 'h',
          file: `orders/${path}#1`,
        },
      ],
    },
  )
}

/** `files` loaded ones, then `held` held ones, each in a batch of its own. */
export async function writeBatches(state: State, files: number, held: number): Promise<void> {
  for (let seq = 1; seq <= files + held; seq += 1)
    await state.indexEntry(LOCATION, seq <= files ? batchEntry(seq, 100 - seq) : heldEntry(seq, 100 - seq))
}

export function aRunRecord(id: string, startedAtMs: number, given: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    command: 'ingest',
    source: 'orders',
    startedAtMs,
    endedAtMs: startedAtMs + 2000,
    status: 'ok',
    filesSeen: 3,
    filesLoaded: 1,
    filesHeld: 0,
    filesSkipped: 0,
    filesFailed: 0,
    rowsRead: 10,
    rowsLoaded: 10,
    rowsRejected: 0,
    bytesRead: 100,
    errorCode: null,
    errorMessage: null,
    watermarkValue: null,
    ...given,
  }
}

export async function writeRun(state: State, run: RunRecord): Promise<void> {
  await state.openRun(run)
  if (run.status !== 'running') await state.closeRun(run)
}

export function aNewJob(id: string, createdAtMs: number, given: Partial<NewJob> = {}): NewJob {
  return {
    id,
    command: 'ingest',
    source: 'orders',
    trigger: 'api',
    schedule: null,
    instantMs: null,
    createdBy: 'token:1',
    createdAtMs,
    notBeforeMs: createdAtMs,
    args: {},
    maxAttempts: 3,
    expiryMs: null,
    ...given,
  }
}

export function aCheck(
  run: string,
  file: string,
  check: string,
  given: Partial<CheckRecord['result']> = {},
): CheckRecord {
  return {
    run,
    source: 'orders',
    dataset: 'orders',
    file,
    checkedAtMs: NOW_MS - HOUR_MS,
    result: {
      id: check,
      type: 'expect_column_values_to_not_be_null',
      columns: ['amount'],
      severity: 'critical',
      dimension: 'completeness',
      outcome: 'passed',
      rowLevel: true,
      message: 'amount is there',
      elementCount: 10,
      unexpectedCount: 0,
      provedBy: 'scan',
      ...given,
    },
  }
}
