/** What a batch tells the run of its files, and the state of its checks. */
import {
  codeOf,
  messageOf,
  type FileVersion,
  type FileVersionId,
  type LedgerEntry,
  type Reason,
  type SourceConfig,
} from '@tidegate/core'
import { scoreChecks } from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { bareReport, type FileReport } from './file-report.ts'
import type { JudgedFile } from './judge-batch.ts'
import type { PlannedBatch } from './plan-batches.ts'
import type { BatchSettings, ContractChoice } from './attempt-batch.ts'

export function reportOfNone(
  source: SourceConfig,
  batch: PlannedBatch,
  file: FileVersion,
  choice: Exclude<ContractChoice, { kind: 'ok' }>,
): FileReport {
  const status = choice.kind === 'none' ? 'waiting' : 'failed'
  return bareReport(source.name, batch.dataset, file.path, file.sizeBytes, status, choice.reason, 'contract')
}

export function changedReport(source: SourceConfig, batch: PlannedBatch, file: FileVersion): FileReport {
  const reason: Reason = {
    check: 'FILE_CHANGING',
    severity: 'info',
    message: 'it was written to while it was read; a later run takes it',
  }
  return bareReport(source.name, batch.dataset, file.path, file.sizeBytes, 'waiting', reason, 'changed')
}

export function failedReport(source: SourceConfig, batch: PlannedBatch, file: FileVersion, error: unknown): FileReport {
  const reason: Reason = { check: codeOf(error) ?? 'FAILED', severity: 'critical', message: messageOf(error) }
  return bareReport(source.name, batch.dataset, file.path, file.sizeBytes, 'failed', reason)
}

export function reportOfEntry(
  source: SourceConfig,
  entry: LedgerEntry,
  file: LedgerEntry['files'][number],
  judged: JudgedFile | undefined,
  durationMs: number,
): FileReport {
  const status = file.outcome === 'skipped' ? 'duplicate' : file.outcome
  const cause =
    judged?.kind === 'readable' ? 'checks' : file.duplicateOf === undefined ? 'unreadable' : ('duplicate' as const)
  return {
    source: source.name,
    dataset: entry.dataset,
    path: file.path,
    status,
    ...(status === 'held' ? { cause } : {}),
    rowsRead: file.rowsRead,
    rowsLoaded: file.rowsLoaded,
    rowsQuarantined: file.rowsRejected,
    rowsDropped: file.rowsDropped,
    bytes: file.bytes,
    ...writtenOf(entry, file),
    score: file.score,
    ...scoresOf(judged),
    verdict: file.verdict,
    reasons: file.reasons,
    durationMs,
    batch: entry.batch,
    quarantine: file.quarantinePath ?? null,
    ...(file.repair === undefined ? {} : { repair: file.repair }),
  }
}

function writtenOf(entry: LedgerEntry, { id }: LedgerEntry['files'][number]): Pick<FileReport, 'bytesWritten'> {
  if (entry.add.length === 0) return {}
  const own = entry.add.filter(({ files }) => files[0] === id)
  return { bytesWritten: own.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function scoresOf(judged: JudgedFile | undefined): Pick<FileReport, 'scores'> {
  if (judged?.kind !== 'readable' || judged.results.length === 0) return {}
  const { byDimension } = scoreChecks(judged.results)
  return {
    scores: Object.fromEntries(Object.entries(byDimension).map(([dimension, { score }]) => [dimension, score ?? 0])),
  }
}

export function checkRecords(
  batch: PlannedBatch,
  judged: ReadonlyMap<FileVersionId, JudgedFile>,
  settings: BatchSettings,
  nowMs: number,
): Parameters<PipelineEffects['ledger']['recordChecks']>[0] {
  return [...judged].flatMap(([id, file]) =>
    file.kind === 'readable'
      ? file.results.map((result) => ({
          run: settings.run,
          source: settings.source.name,
          dataset: batch.dataset,
          file: id,
          checkedAtMs: nowMs,
          result,
        }))
      : [],
  )
}
