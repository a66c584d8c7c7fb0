/** What a run says of its source: from what happened to values. */
import { codeOf, isTidegateError, messageOf, type FileFailure, type RunRecord, type SourceConfig } from '@tidegate/core'
import { bareReport, type FileReport } from './file-report.ts'
import type { SourcePlan } from './plan-source.ts'
import { statusOf, totalsOf, type SourceReport, type TargetReport } from './source-report.ts'

/** What a run has done so far. */
export interface RunProgress {
  readonly run: string
  readonly startedAtMs: number
  readonly files: FileReport[]
  readonly targets: TargetReport[]
  filesSeen: number
  filesUnchanged: number
  filesTooOld: number
  foldersPassed: number
  filesCleaned: number
  filesMoved: number
  recovered: SourceReport['recovered']
  watermark: SourceReport['watermark']
  opened: boolean
}

export function beginProgress(run: string, startedAtMs: number): RunProgress {
  return {
    run,
    startedAtMs,
    files: [],
    targets: [],
    filesSeen: 0,
    filesUnchanged: 0,
    filesTooOld: 0,
    foldersPassed: 0,
    filesCleaned: 0,
    filesMoved: 0,
    recovered: { indexed: 0, published: 0, interruptedRuns: 0 },
    watermark: null,
    opened: false,
  }
}

/** Files that are settled without a look inside: settling, unreadable, refused. */
export function reportsBeforeReading(source: SourceConfig, plan: SourcePlan): FileReport[] {
  const settling = plan.settling.map((file) =>
    bareReport(source.name, '', file.path, file.sizeBytes, 'waiting', {
      check: 'FILE_SETTLING',
      severity: 'info',
      message: 'written to within the settle window; a later run takes it',
    }),
  )
  const waiting = plan.waiting.map(({ file, reason }) =>
    bareReport(source.name, '', file.path, file.sizeBytes, 'waiting', reason),
  )
  const unreadable = plan.unreadable.map((file) =>
    bareReport(source.name, '', file.path, 0, 'failed', {
      check: file.code,
      severity: 'critical',
      message: file.message,
    }),
  )
  const refused = plan.work.flatMap((item) =>
    item.treatment.kind === 'refuse'
      ? [
          bareReport(
            source.name,
            item.version.dataset,
            item.version.path,
            item.version.sizeBytes,
            'failed',
            item.treatment.reason,
          ),
        ]
      : [],
  )
  return [...settling, ...waiting, ...unreadable, ...refused]
}

export function failuresOf(
  source: SourceConfig,
  run: string,
  files: readonly FileReport[],
  nowMs: number,
): readonly Omit<FileFailure, 'attempts'>[] {
  return files
    .filter((file) => file.status === 'failed')
    .map((file) => ({
      source: source.name,
      dataset: file.dataset,
      path: file.path,
      stamp: '',
      run,
      code: file.reasons[0]?.check ?? 'FAILED',
      message: file.reasons[0]?.message ?? '',
      failedAtMs: nowMs,
    }))
}

export function errorOf(thrown: unknown, signal: AbortSignal): NonNullable<SourceReport['error']> {
  if (signal.aborted)
    return {
      code: 'CANCELLED',
      message: 'stopped on request',
      hint: 'Run the same command again: it continues where this one stopped.',
    }
  if (isTidegateError(thrown)) return { code: thrown.code, message: thrown.message, hint: thrown.hint }
  return { code: codeOf(thrown) ?? 'INTERNAL', message: messageOf(thrown) }
}

export function reportOf(
  source: SourceConfig,
  progress: RunProgress,
  endedAtMs: number,
  error: SourceReport['error'],
): SourceReport {
  const files = progress.files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return {
    source: source.name,
    run: progress.run,
    status: runStatus(files, progress.targets, error),
    startedAtMs: progress.startedAtMs,
    endedAtMs,
    filesSeen: progress.filesSeen,
    filesUnchanged: progress.filesUnchanged,
    filesTooOld: progress.filesTooOld,
    foldersPassed: progress.foldersPassed,
    filesCleaned: progress.filesCleaned,
    filesMoved: progress.filesMoved,
    recovered: progress.recovered,
    files,
    watermark: progress.watermark,
    totals: totalsOf(files),
    ...(progress.targets.length === 0 ? {} : { targets: progress.targets }),
    ...(error === undefined ? {} : { error }),
  }
}

/** One target that failed does not spoil what the others did. */
function runStatus(
  files: readonly FileReport[],
  targets: readonly TargetReport[],
  error: SourceReport['error'],
): SourceReport['status'] {
  if (error !== undefined) return error.code === 'CANCELLED' ? 'interrupted' : 'failed'
  return targets.some((target) => target.error !== undefined) ? 'partial' : statusOf(files)
}

export function recordOf(report: SourceReport): RunRecord {
  const { totals } = report
  return {
    id: report.run,
    command: 'ingest',
    source: report.source,
    startedAtMs: report.startedAtMs,
    endedAtMs: report.endedAtMs,
    status: report.status,
    filesSeen: report.filesSeen,
    filesLoaded: totals.loaded,
    filesHeld: totals.held,
    filesSkipped: totals.duplicate,
    filesFailed: totals.failed,
    rowsRead: totals.rowsRead,
    rowsLoaded: totals.rowsLoaded,
    rowsRejected: totals.rowsQuarantined,
    bytesRead: totals.bytes,
    errorCode: report.error?.code ?? null,
    errorMessage: report.error?.message ?? null,
    watermarkValue: report.watermark?.value ?? null,
  }
}
