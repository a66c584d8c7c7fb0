/**
 * One run over one source:
 * lease → list → recover targets → plan → pin → [judge → stage → seal → commit → publish → index] per batch → close.
 *
 * A kill between any two arrows loses nothing: before the commit the attempt's staging is dropped by the next recovery,
 * after it the log entry is published and indexed by the next recovery.
 */
import {
  TidegateError,
  codeOf,
  isTidegateError,
  messageOf,
  type Destination,
  type FileVersionId,
  type GateSettings,
  type RunRecord,
  type SourceConfig,
} from '@tidegate/core'
import { clearRepairsOfDeadRuns } from './clear-repairs.ts'
import type { WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import type { FileReport } from './file-report.ts'
import { openInspection } from './inspect-pages.ts'
import { holdLease } from './lease.ts'
import { mapParallel } from './parallel.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { datasetsOf, listSource, planSource, type SourcePlan } from './plan-source.ts'
import { processBatch, type BatchSettings } from './process-batch.ts'
import { movedTarget, recoverTarget } from './recover-target.ts'
import { openRepairDesk, type DeskSettings } from './repair-desk.ts'
import { sharedLock } from './shared-lock.ts'
import { statusOf, totalsOf, type SourceReport } from './source-report.ts'

export interface IngestOptions {
  readonly force: boolean
  readonly retry?: ReadonlySet<string> | undefined
  readonly workers: number
  readonly gate: GateSettings
  /** Absolute folders that no source may list: targets, quarantine, state. */
  readonly exclude: readonly string[]
}

/** Ingests one source. Never throws for what belongs to the source: the report's `error` says it. */
export async function ingestSource(
  source: SourceConfig,
  options: IngestOptions,
  effects: PipelineEffects,
): Promise<SourceReport> {
  const run = effects.newId()
  const startedAtMs = effects.clock.nowMs()
  const progress: RunProgress = {
    run,
    startedAtMs,
    files: [],
    filesSeen: 0,
    filesUnchanged: 0,
    recovered: { indexed: 0, published: 0, interruptedRuns: 0 },
    watermark: null,
    opened: false,
  }
  let error: SourceReport['error']
  try {
    await using lease = await holdLease(source.name, effects)
    effects.mark('leased', { source: source.name })
    try {
      await runUnderLease(source, options, { ...effects, signal: lease.signal }, lease, progress)
    } catch (thrown) {
      error = errorOf(thrown, effects.signal)
    }
    // Still under the lease: the next run takes an open record for that of a dead process.
    await closeRun(reportOf(source, progress, effects.clock.nowMs(), error), progress, effects)
  } catch (thrown) {
    error ??= errorOf(thrown, effects.signal)
  }
  return reportOf(source, progress, effects.clock.nowMs(), error)
}

async function closeRun(report: SourceReport, progress: RunProgress, effects: PipelineEffects): Promise<void> {
  if (!progress.opened) return
  await effects.ledger.closeRun(recordOf(report), await effects.noticesOf(report))
  effects.mark('closed', { source: report.source })
}

interface RunProgress {
  readonly run: string
  readonly startedAtMs: number
  readonly files: FileReport[]
  filesSeen: number
  filesUnchanged: number
  recovered: SourceReport['recovered']
  watermark: SourceReport['watermark']
  opened: boolean
}

async function runUnderLease(
  source: SourceConfig,
  options: IngestOptions,
  effects: PipelineEffects,
  lease: { readonly fence: number; refence(): Promise<void> },
  progress: RunProgress,
): Promise<void> {
  const { ledger } = effects
  await ledger.openRun({ id: progress.run, command: 'ingest', source: source.name, startedAtMs: progress.startedAtMs })
  progress.opened = true
  const interruptedRuns = await ledger.closeDeadRuns(source.name, progress.run, effects.clock.nowMs())
  const listing = await listSource(source, options.exclude, effects)
  progress.filesSeen = listing.length
  effects.mark('listed', { source: source.name })
  const destinations = new Map<string, Destination>()
  // Also datasets whose files have left the source: what a killed run committed of them must become visible all the same.
  const datasets = new Set(datasetsOf(source, listing))
  let pinned = await ledger.openBatches(source.name)
  let known = await ledger.knownFiles(source.name)
  for (const batch of pinned) datasets.add(batch.dataset)
  for (const versions of known.values()) {
    for (const version of versions) datasets.add(version.dataset)
  }
  for (const dataset of datasets) {
    const destination = await effects.openDestination(source, dataset, {
      onMissing: options.force || options.retry !== undefined ? 'report' : 'fail',
    })
    const recovery = await recoverTarget(destination, source.name, ledger)
    progress.recovered = {
      indexed: progress.recovered.indexed + recovery.indexed,
      published: progress.recovered.published + recovery.published,
      interruptedRuns,
    }
    for (const file of recovery.unknown) {
      effects.report({
        kind: 'note',
        level: 'warn',
        message: `${destination.location}: ${file} is not listed in its log: another program wrote it, or the log was lost`,
      })
    }
    destinations.set(dataset, destination)
  }
  if (progress.recovered.indexed > 0) {
    await lease.refence()
    pinned = await ledger.openBatches(source.name)
    known = await ledger.knownFiles(source.name)
  }
  await clearRepairsOfDeadRuns(source.name, known, effects)
  effects.mark('recovered', { source: source.name })
  const moved = movedTarget(source.name, known, (dataset) => destinations.get(dataset)?.location)
  if (moved !== undefined) throw moved
  const inspection = openInspection(source.verify, effects)
  const store = { ...effects.store, hash: inspection.hash }
  const plan = await planSource(source, listing, known, pinned, options, { ...effects, store })
  effects.mark('planned', { source: source.name })
  progress.filesUnchanged = plan.unchanged.length + plan.touched.length
  await ledger.updateStamps(
    plan.touched.map(({ file, record }) => ({ id: record.id, stamp: file.stamp, modifiedAtMs: file.modifiedAtMs })),
  )
  for (const pin of plan.stalePins) await ledger.dropBatch(pin)
  progress.files.push(...reportsBeforeReading(source, plan))
  try {
    await runBatches(
      source,
      plan,
      { known, destinations, inspect: inspection.pages },
      options,
      lease.fence,
      effects,
      progress,
    )
  } finally {
    await ledger.recordFailures(failuresOf(source, progress, effects.clock.nowMs()))
  }
  // Batches come in path order, so the last one need not have brought the highest value.
  const highest = (await ledger.listWatermarks()).find((record) => record.source === source.name)
  if (progress.watermark !== null && highest !== undefined)
    progress.watermark = { ...progress.watermark, value: highest.value }
}

interface BatchSurroundings extends Pick<BatchSettings, 'inspect'> {
  readonly known: DeskSettings['known']
  readonly destinations: ReadonlyMap<string, Destination>
}

async function runBatches(
  source: SourceConfig,
  plan: SourcePlan,
  { known, destinations, inspect }: BatchSurroundings,
  options: IngestOptions,
  fence: number,
  effects: PipelineEffects,
  progress: RunProgress,
): Promise<void> {
  if (plan.batches.length === 0) return
  const work = new Map<FileVersionId, WorkItem>(plan.work.map((item) => [item.version.id, item]))
  const byDataset = Map.groupBy(plan.batches, (batch) => batch.dataset)
  const files = plan.batches.flatMap((batch) => batch.files)
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  effects.report({ kind: 'stage-started', stage: 'check', files: files.length, bytes })
  effects.report({ kind: 'stage-started', stage: 'load', files: files.length, bytes })
  const stop = new AbortController()
  const repairs = openRepairDesk({ source, run: progress.run, known, fresh: files }, effects)
  const settings: BatchSettings = {
    source,
    run: progress.run,
    fence,
    gateFlag: options.gate,
    work,
    engine: sharedLock(),
    repairs,
    inspect,
    stop: () => stop.abort(),
    watermark: (watermark) => {
      progress.watermark = watermark
    },
  }
  // Batches of one dataset go one after another, since they share one log; datasets run side by side.
  try {
    await mapParallel([...byDataset], options.workers, ([dataset, batches]) => ingestDataset(dataset, batches))
    // Only here: after a failure nobody knows which of them an entry names.
    await repairs?.clear(new Set(progress.files.flatMap((file) => file.repair?.path ?? [])))
  } finally {
    const totals = totalsOf(progress.files)
    effects.report({ kind: 'stage-ended', stage: 'check', summary: `${amount(totals.rowsRead, 'row')} checked` })
    const loaded = `${amount(totals.loaded, 'file')}, ${amount(totals.rowsLoaded, 'row')} loaded`
    effects.report({ kind: 'stage-ended', stage: 'load', summary: loaded })
  }

  async function ingestDataset(dataset: string, batches: readonly PlannedBatch[]): Promise<void> {
    const destination = destinations.get(dataset)
    if (destination === undefined) throw new Error(`no destination for dataset ${dataset}`)
    for (const batch of batches) {
      effects.signal.throwIfAborted()
      if (stop.signal.aborted) {
        progress.files.push(...batch.files.map((file) => stoppedReport(source, batch, file)))
        continue
      }
      progress.files.push(...(await processBatch(batch, destination, settings, effects)))
    }
  }
}

function amount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : `${noun}s`}`
}

/** Files that are settled without a look inside: settling, unreadable, refused. */
function reportsBeforeReading(source: SourceConfig, plan: SourcePlan): FileReport[] {
  const settling = plan.settling.map((file) =>
    bareReport(source.name, '', file.path, file.sizeBytes, 'waiting', {
      check: 'FILE_SETTLING',
      severity: 'info',
      message: 'written to within the settle window; a later run takes it',
    }),
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
  return [...settling, ...unreadable, ...refused]
}

export function bareReport(
  source: string,
  dataset: string,
  path: string,
  bytes: number,
  status: FileReport['status'],
  reason: FileReport['reasons'][number],
  cause?: FileReport['cause'],
): FileReport {
  return {
    source,
    dataset,
    path,
    status,
    cause,
    bytes,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsQuarantined: 0,
    rowsDropped: 0,
    score: null,
    verdict: null,
    reasons: [reason],
    durationMs: 0,
    batch: null,
    quarantine: null,
  }
}

function stoppedReport(source: SourceConfig, batch: PlannedBatch, file: PlannedBatch['files'][number]): FileReport {
  return bareReport(source.name, batch.dataset, file.path, file.sizeBytes, 'waiting', {
    check: 'RUN_STOPPED',
    severity: 'info',
    message: 'not looked at: a gate with on_fail: fail stopped the run',
  })
}

function failuresOf(
  source: SourceConfig,
  progress: RunProgress,
  nowMs: number,
): Parameters<PipelineEffects['ledger']['recordFailures']>[0] {
  return progress.files
    .filter((file) => file.status === 'failed')
    .map((file) => ({
      source: source.name,
      dataset: file.dataset,
      path: file.path,
      stamp: '',
      run: progress.run,
      code: file.reasons[0]?.check ?? 'FAILED',
      message: file.reasons[0]?.message ?? '',
      failedAtMs: nowMs,
    }))
}

function errorOf(thrown: unknown, signal: AbortSignal): NonNullable<SourceReport['error']> {
  if (signal.aborted)
    return {
      code: 'CANCELLED',
      message: 'stopped on request',
      hint: 'Run the same command again: it continues where this one stopped.',
    }
  if (isTidegateError(thrown)) return { code: thrown.code, message: thrown.message, hint: thrown.hint }
  return { code: codeOf(thrown) ?? 'INTERNAL', message: messageOf(thrown) }
}

function reportOf(
  source: SourceConfig,
  progress: RunProgress,
  endedAtMs: number,
  error: SourceReport['error'],
): SourceReport {
  const files = progress.files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return {
    source: source.name,
    run: progress.run,
    status: error === undefined ? statusOf(files) : error.code === 'CANCELLED' ? 'interrupted' : 'failed',
    startedAtMs: progress.startedAtMs,
    endedAtMs,
    filesSeen: progress.filesSeen,
    filesUnchanged: progress.filesUnchanged,
    recovered: progress.recovered,
    files,
    watermark: progress.watermark,
    totals: totalsOf(files),
    ...(error === undefined ? {} : { error }),
  }
}

function recordOf(report: SourceReport): RunRecord {
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

/** Re-exported for the batch: an abort carries its reason as a TidegateError. */
export function cancelled(): TidegateError {
  return new TidegateError('CANCELLED', 'stopped on request', { retryable: true })
}
