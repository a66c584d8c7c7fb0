import type {
  CheckRecord,
  CheckResult,
  ContractVersion,
  FileFailure,
  FileRecord,
  QuarantineSums,
  RunRecord,
  SchemaVersionFact,
  WatermarkRecord,
} from '@tidegate/core'
import { readFacts, type Facts } from '../facts.ts'
import type { MonitoredSource } from '../monitored-source.ts'
import { readerOf } from './fact-reader.ts'

/** Noon of an ordinary day. */
export const NOW: number = Date.UTC(2026, 10, 21, 12)
export const MINUTE = 60_000
export const HOUR: number = 60 * MINUTE
export const DAY: number = 24 * HOUR

export function aRun(facts: Partial<RunRecord> = {}): RunRecord {
  const startedAtMs = facts.startedAtMs ?? NOW - HOUR
  return {
    id: `run-${startedAtMs}`,
    command: 'ingest',
    source: 'flights',
    startedAtMs,
    endedAtMs: startedAtMs + 10_000,
    status: 'ok',
    filesSeen: 1,
    filesLoaded: 1,
    filesHeld: 0,
    filesSkipped: 0,
    filesFailed: 0,
    rowsRead: 1000,
    rowsLoaded: 1000,
    rowsRejected: 0,
    bytesRead: 5000,
    errorCode: null,
    errorMessage: null,
    watermarkValue: null,
    ...facts,
  }
}

export function aFile(facts: Partial<FileRecord> = {}): FileRecord {
  const source = facts.source ?? 'flights'
  const path = facts.path ?? 'a.parquet'
  const ordinal = facts.ordinal ?? 1
  return {
    id: `${source}/${path}#${ordinal}`,
    source,
    dataset: source,
    path,
    ordinal,
    uri: `/landing/${path}`,
    stamp: '1:2:3:4',
    bytes: 5000,
    modifiedAtMs: NOW - HOUR,
    hash: '00',
    outcome: 'loaded',
    live: true,
    rowsRead: 1000,
    rowsLoaded: 1000,
    rowsRejected: 0,
    rowsDropped: 0,
    score: 100,
    verdict: 'admit',
    reasons: [],
    duplicateOf: null,
    quarantinePath: null,
    batch: 'b1',
    run: 'r1',
    location: '/lake/flights',
    seq: 1,
    decidedAtMs: NOW - HOUR,
    durationMs: 100,
    ...facts,
  }
}

export function aCheck(
  outcome: CheckResult['outcome'],
  facts: Partial<CheckRecord> = {},
  result: Partial<CheckResult> = {},
): CheckRecord {
  return {
    run: 'r1',
    source: 'flights',
    dataset: 'flights',
    file: 'flights/a.parquet#1',
    checkedAtMs: NOW - HOUR,
    result: {
      id: 'delay:between',
      type: 'expect_column_values_to_be_between',
      columns: ['delay'],
      severity: 'critical',
      dimension: 'validity',
      outcome,
      rowLevel: true,
      message: 'delay between -120 and 1800',
      provedBy: 'scan',
      ...result,
    },
    ...facts,
  }
}

export function aSource(facts: Partial<MonitoredSource> = {}): MonitoredSource {
  return {
    name: 'flights',
    path: 'landing/flights/*.parquet',
    format: 'parquet',
    dataset: '{source}',
    contract: '/p/contracts/flights.yaml',
    targets: [{ kind: 'parquet', layer: 'raw', path: '/p/lake/raw/{dataset}', mode: 'append' }],
    gate: { threshold: 100, onFail: 'quarantine' },
    watermark: null,
    expect: null,
    timezone: 'UTC',
    repair: 'lossless',
    schemaEvolution: 'add_columns',
    duplicates: 'skip',
    schedule: null,
    notify: [],
    ...facts,
  }
}

/** Everything that was recorded; the rest is worked out of it. */
export interface Records {
  readonly runs?: readonly RunRecord[]
  readonly files?: readonly FileRecord[]
  readonly failures?: readonly FileFailure[]
  readonly checks?: readonly CheckRecord[]
  readonly watermarks?: readonly WatermarkRecord[]
  readonly schemas?: readonly SchemaVersionFact[]
  readonly contracts?: readonly ContractVersion[]
  /** Instead of the sums that follow from the files. */
  readonly quarantine?: readonly QuarantineSums[]
}

export interface Asked {
  /** @defaultValue seven days ago */
  readonly sinceMs?: number
  readonly nowMs?: number
  readonly sources?: readonly string[] | undefined
}

/** Facts as a state would give them of these records. */
export function factsOf(
  records: Records = {},
  { sinceMs = NOW - 7 * DAY, nowMs = NOW, sources }: Asked = {},
): Promise<Facts> {
  return readFacts(readerOf(records), { sinceMs, nowMs, sources })
}
