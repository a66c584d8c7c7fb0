/**
 * One batch from its pin to its entry. A batch that fails because of one of its files is halved until that file is alone;
 * alone it gets a second chance, then it is held with what is known (design §6).
 */
import {
  codeOf,
  messageOf,
  type Contract,
  type Destination,
  type FileVersion,
  type FileVersionId,
  type GateSettings,
  type LedgerEntry,
  type Reason,
  type SourceConfig,
  type Watermark,
} from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import type { FileReport } from './file-report.ts'
import { fillPath } from './dataset-of.ts'
import { judgeBatch, type JudgedFile } from './judge-batch.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { learnMissingContract } from './learn-missing-contract.ts'
import { writeBatch } from './write-batch.ts'

export interface BatchSettings {
  readonly source: SourceConfig
  readonly run: string
  readonly fence: number
  readonly gateFlag: GateSettings
  readonly work: Map<FileVersionId, WorkItem>
  /** Called when a gate with `on_fail: fail` held a file: no further batch is begun. */
  readonly stop: () => void
  readonly watermark: (watermark: Watermark) => void
}

export async function processBatch(
  batch: PlannedBatch,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  attemptsLeft = 2,
): Promise<FileReport[]> {
  const contract = await contractFor(batch, settings, effects)
  if (contract.kind !== 'ok') return batch.files.map((file) => reportOfNone(settings.source, batch, file, contract))
  await effects.ledger.pinBatch({
    batch: batch.batch,
    run: settings.run,
    source: settings.source.name,
    dataset: batch.dataset,
    location: destination.location,
    attempt: batch.attempt,
    files: batch.files.map((file) => ({ path: file.path, hash: file.contentHash, ordinal: file.ordinal })),
    pinnedAtMs: effects.clock.nowMs(),
  })
  effects.mark('pinned', { source: settings.source.name, batch: batch.batch })
  try {
    return await runBatch(batch, contract.contract, destination, settings, effects)
  } catch (error) {
    effects.signal.throwIfAborted()
    const blame = blameOf(error)
    if (blame === 'run') throw error
    await effects.ledger.dropBatch(batch.batch)
    if (batch.files.length > 1) {
      const middle = Math.ceil(batch.files.length / 2)
      const halves = [batch.files.slice(0, middle), batch.files.slice(middle)]
      const reports: FileReport[] = []
      for (const files of halves) {
        reports.push(
          ...(await processBatch(
            { ...batch, batch: effects.newId(), attempt: 1, files },
            destination,
            settings,
            effects,
          )),
        )
      }
      return reports
    }
    return isolate(batch, error, blame, destination, settings, effects, attemptsLeft)
  }
}

/** The file that failed its batch is alone now. */
async function isolate(
  batch: PlannedBatch,
  error: unknown,
  blame: 'file' | 'engine' | 'moment',
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  attemptsLeft: number,
): Promise<FileReport[]> {
  const [file] = batch.files
  if (file === undefined) return []
  if (blame === 'engine' && attemptsLeft > 1) {
    return processBatch({ ...batch, attempt: batch.attempt + 1 }, destination, settings, effects, attemptsLeft - 1)
  }
  if (blame === 'moment') {
    const reason: Reason = { check: codeOf(error) ?? 'FAILED', severity: 'critical', message: messageOf(error) }
    return [{ ...emptyReport(settings.source, batch, file), status: 'failed', reasons: [reason] }]
  }
  const item = settings.work.get(file.id)
  if (item === undefined) throw error
  const reason: Reason =
    blame === 'engine'
      ? {
          check: 'PQ901',
          severity: 'critical',
          message: `the reader crashed on it ${batch.attempt} times: ${messageOf(error)}`,
        }
      : { check: 'PQ406', severity: 'critical', message: messageOf(error) }
  settings.work.set(file.id, { ...item, treatment: { kind: 'hold', reason } })
  return processBatch({ ...batch, batch: effects.newId(), attempt: 1 }, destination, settings, effects, 1)
}

async function runBatch(
  batch: PlannedBatch,
  contract: Contract | undefined,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
): Promise<FileReport[]> {
  const { source, work } = settings
  const toJudge = batch.files.filter((file) => work.get(file.id)?.treatment.kind === 'judge')
  const session = await effects.openSession()
  await using folder = await effects.openWorkFolder(`${batch.batch}-${batch.attempt}`)
  try {
    const judged = await judgeBatch(
      { ...batch, files: toJudge },
      { source, contract, gateFlag: settings.gateFlag },
      session,
      folder.path,
      effects,
    )
    effects.mark('checked', { source: source.name, batch: batch.batch })
    const written = await writeBatch(
      batch,
      work,
      judged,
      destination,
      { source, contract, run: settings.run, fence: settings.fence },
      session,
      effects,
    )
    if (written.kind === 'changed') {
      await effects.ledger.dropBatch(batch.batch)
      const rest = batch.files.filter((file) => !written.ids.has(file.id))
      const moved = batch.files
        .filter((file) => written.ids.has(file.id))
        .map((file) => changedReport(source, batch, file))
      const again =
        rest.length === 0
          ? []
          : await processBatch(
              { ...batch, batch: effects.newId(), attempt: 1, files: rest },
              destination,
              settings,
              effects,
            )
      return [...moved, ...again]
    }
    await effects.ledger.recordChecks(checkRecords(batch, judged, settings, effects.clock.nowMs()))
    if (written.entry.watermark !== undefined) settings.watermark(written.entry.watermark)
    const stops = [...judged.values()].some((file) => file.kind === 'readable' && file.verdict.kind === 'hold')
    if (stops && failsTheRun(contract, settings)) settings.stop()
    return written.entry.files.map((file) =>
      reportOfEntry(source, written.entry, file, judged.get(file.id), written.durationMs.get(file.id) ?? 0),
    )
  } finally {
    await session.close().catch(() => {})
  }
}

function failsTheRun(contract: Contract | undefined, { source, gateFlag }: BatchSettings): boolean {
  const onFail =
    gateFlag.on_fail ?? source.gate.source.on_fail ?? contract?.gate?.on_fail ?? source.gate.defaults.on_fail
  return onFail === 'fail'
}

/**
 * Whose fault a failure is: the file's (its bytes make a statement fail), the engine's (it died; perhaps the file's), the
 * moment's (gone, locked: tried again by the next run), or the whole run's (disk full, ledger, cancelled).
 */
function blameOf(error: unknown): 'file' | 'engine' | 'moment' | 'run' {
  switch (codeOf(error)) {
    case 'ENGINE_SQL':
      return 'file'
    case 'ENGINE_CRASHED':
      return 'engine'
    case 'SOURCE_GONE':
    case 'SOURCE_UNREADABLE':
    case 'SOURCE_NOT_A_FILE':
    case 'ENGINE_OUT_OF_MEMORY':
    case 'LEDGER_CONFLICT':
      return 'moment'
    default:
      return 'run'
  }
}

type ContractChoice =
  | { readonly kind: 'ok'; readonly contract: Contract | undefined }
  | { readonly kind: 'none' | 'invalid'; readonly reason: Reason }

async function contractFor(
  batch: PlannedBatch,
  settings: BatchSettings,
  effects: PipelineEffects,
): Promise<ContractChoice> {
  const { source } = settings
  const file = fillPath(source.contract, source.name, batch.dataset)
  const found = await effects.readContract(file)
  if (found.kind === 'ok') return found
  if (found.kind === 'problems') {
    return {
      kind: 'invalid',
      reason: { check: 'CONTRACT_INVALID', severity: 'critical', message: `${file}: ${found.problems.join('; ')}` },
    }
  }
  switch (source.onMissingContract) {
    case 'admit':
      return { kind: 'ok', contract: undefined }
    case 'profile':
      return { kind: 'ok', contract: await learnMissingContract(batch, file, source, effects) }
    case 'hold':
      return {
        kind: 'none',
        reason: {
          check: 'CONTRACT_MISSING',
          severity: 'critical',
          message: `no contract ${file}; learn one with: tidegate profile ${source.name}`,
        },
      }
  }
}

function reportOfNone(
  source: SourceConfig,
  batch: PlannedBatch,
  file: FileVersion,
  choice: Exclude<ContractChoice, { kind: 'ok' }>,
): FileReport {
  return {
    ...emptyReport(source, batch, file),
    status: choice.kind === 'none' ? 'waiting' : 'failed',
    cause: 'contract',
    reasons: [choice.reason],
  }
}

function changedReport(source: SourceConfig, batch: PlannedBatch, file: FileVersion): FileReport {
  const reason: Reason = {
    check: 'FILE_CHANGING',
    severity: 'info',
    message: 'it was written to while it was read; a later run takes it',
  }
  return { ...emptyReport(source, batch, file), status: 'waiting', cause: 'changed', reasons: [reason] }
}

function emptyReport(source: SourceConfig, batch: PlannedBatch, file: FileVersion): FileReport {
  return {
    source: source.name,
    dataset: batch.dataset,
    path: file.path,
    status: 'failed',
    bytes: file.sizeBytes,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsQuarantined: 0,
    rowsDropped: 0,
    score: null,
    verdict: null,
    reasons: [],
    durationMs: 0,
    batch: null,
    quarantine: null,
  }
}

function reportOfEntry(
  source: SourceConfig,
  entry: LedgerEntry,
  file: LedgerEntry['files'][number],
  judged: JudgedFile | undefined,
  durationMs: number,
): FileReport {
  const status = file.outcome === 'skipped' ? 'duplicate' : file.outcome
  const byRules = judged?.kind === 'readable'
  return {
    source: source.name,
    dataset: entry.dataset,
    path: file.path,
    status,
    ...(status === 'held' ? { cause: byRules ? ('checks' as const) : ('unreadable' as const) } : {}),
    rowsRead: file.rowsRead,
    rowsLoaded: file.rowsLoaded,
    rowsQuarantined: file.rowsRejected,
    rowsDropped: file.rowsDropped,
    bytes: file.bytes,
    score: file.score,
    verdict: file.verdict,
    reasons: file.reasons,
    durationMs,
    batch: entry.batch,
    quarantine: file.quarantinePath ?? null,
  }
}

function checkRecords(
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
