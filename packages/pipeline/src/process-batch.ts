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
import { scoreChecks } from '@tidegate/dq'
import { stepBack, type Treatment, type WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import type { FileReport } from './file-report.ts'
import { fillPath } from './dataset-of.ts'
import { heldOf, judgeAgainstTarget } from './judge-against-target.ts'
import type { JudgedFile } from './judge-batch.ts'
import { closeLanes, openLanes } from './lanes.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { learnMissingContract } from './learn-missing-contract.ts'
import type { InspectPages } from './inspect-pages.ts'
import type { RepairDesk } from './repair-desk.ts'
import type { SharedLock } from './shared-lock.ts'
import { treatDamaged } from './treat-damaged.ts'
import { writeBatch } from './write-batch.ts'

export interface BatchSettings {
  readonly source: SourceConfig
  readonly run: string
  readonly fence: number
  readonly gateFlag: GateSettings
  readonly work: Map<FileVersionId, WorkItem>
  /** Batches share the engine child; one that crashed it is tried again with nobody beside it. */
  readonly engine: SharedLock
  /** Called when a gate with `on_fail: fail` held a file: no further batch is begun. */
  readonly stop: () => void
  readonly watermark: (watermark: Watermark) => void
  /** Undefined with `repair: off`. */
  readonly repairs: RepairDesk | undefined
  /** Undefined with `verify: off`. */
  readonly inspect: InspectPages | undefined
}

export async function processBatch(
  batch: PlannedBatch,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  tries: Tries = { alone: false, left: 2 },
): Promise<FileReport[]> {
  try {
    const outcome = await settings.engine.run(tries.alone ? 'alone' : 'beside-others', () =>
      attemptBatch(batch, destination, settings, effects),
    )
    if (outcome.moved.length === 0) return outcome.reports
    const rest = batch.files.filter((file) => !outcome.moved.includes(file))
    const reports = outcome.moved.map((file) => changedReport(settings.source, batch, file))
    if (rest.length === 0) return reports
    const again = { ...batch, batch: effects.newId(), attempt: 1, files: rest }
    return [...reports, ...(await processBatch(again, destination, settings, effects, tries))]
  } catch (error) {
    effects.signal.throwIfAborted()
    const blame = blameOf(error)
    if (blame === 'run') throw error
    await effects.ledger.dropBatch(batch.batch)
    const alone = tries.alone || blame === 'engine'
    if (batch.files.length === 1)
      return isolate(batch, error, blame, destination, settings, effects, { ...tries, alone })
    const middle = Math.ceil(batch.files.length / 2)
    const reports: FileReport[] = []
    for (const files of [batch.files.slice(0, middle), batch.files.slice(middle)]) {
      const half = { ...batch, batch: effects.newId(), attempt: 1, files }
      reports.push(...(await processBatch(half, destination, settings, effects, { alone, left: 2 })))
    }
    return reports
  }
}

interface Tries {
  /** Nobody else may use the engine meanwhile, so that a crash is this batch's own. */
  readonly alone: boolean
  readonly left: number
}

interface Attempt {
  readonly reports: FileReport[]
  /** Files that were written to meanwhile. With any, nothing was committed. */
  readonly moved: readonly FileVersion[]
}

async function attemptBatch(
  batch: PlannedBatch,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
): Promise<Attempt> {
  const contract = await contractFor(batch, settings, effects)
  if (contract.kind !== 'ok')
    return { reports: batch.files.map((file) => reportOfNone(settings.source, batch, file, contract)), moved: [] }
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
  return runBatch(batch, contract.contract, destination, settings, effects)
}

/** The file that failed its batch is alone now. */
async function isolate(
  batch: PlannedBatch,
  error: unknown,
  blame: 'file' | 'engine' | 'moment',
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  tries: Tries,
): Promise<FileReport[]> {
  const [file] = batch.files
  if (file === undefined) return []
  if (blame === 'engine' && tries.left > 1) {
    const next = { ...batch, attempt: batch.attempt + 1 }
    return processBatch(next, destination, settings, effects, { ...tries, left: tries.left - 1 })
  }
  if (blame === 'moment') return [failedReport(settings.source, batch, file, error)]
  const item = settings.work.get(file.id)
  // A file that is held unread cannot be what fails: then nothing can be written at all.
  if (item === undefined || item.treatment.kind !== 'judge') throw error
  const reason: Reason =
    blame === 'engine'
      ? {
          check: 'PQ901',
          severity: 'critical',
          message: `the reader crashed on it ${batch.attempt} times: ${messageOf(error)}`,
        }
      : { check: 'PQ406', severity: 'critical', message: messageOf(error) }
  let treatment: Treatment | undefined
  try {
    treatment = await treatDamaged(file, reason, settings, effects)
  } catch (thrown) {
    effects.signal.throwIfAborted()
    if (blameOf(thrown) !== 'moment') throw thrown
    return [failedReport(settings.source, batch, file, thrown)]
  }
  if (treatment !== undefined) settings.work.set(file.id, { ...item, treatment })
  return processBatch({ ...batch, batch: effects.newId(), attempt: 1 }, destination, settings, effects, tries)
}

async function runBatch(
  batch: PlannedBatch,
  contract: Contract | undefined,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
): Promise<Attempt> {
  const { source, work } = settings
  const lanes = await openLanes(effects)
  await using folder = await effects.openWorkFolder(`${batch.batch}-${batch.attempt}`)
  try {
    const against = { source, contract, gateFlag: settings.gateFlag, destination, work }
    const { repairs, inspect } = settings
    const judged = await judgeAgainstTarget(batch, against, lanes, folder.path, { ...effects, repairs, inspect })
    effects.mark('checked', { source: source.name, batch: batch.batch })
    const items = batch.files.flatMap((file) => work.get(file.id) ?? [])
    for (const item of stepBack(items, heldOf(judged), source.duplicates)) work.set(item.version.id, item)
    const written = await writeBatch(
      batch,
      work,
      judged,
      destination,
      { source, contract, run: settings.run, fence: settings.fence },
      lanes,
      effects,
    )
    if (written.kind === 'changed') {
      await effects.ledger.dropBatch(batch.batch)
      return { reports: [], moved: batch.files.filter((file) => written.ids.has(file.id)) }
    }
    await effects.ledger.recordChecks(checkRecords(batch, judged, settings, effects.clock.nowMs()))
    if (written.entry.watermark !== undefined) settings.watermark(written.entry.watermark)
    const stops = [...judged.values()].some((file) => file.kind === 'readable' && file.verdict.kind === 'hold')
    if (stops && failsTheRun(contract, settings)) settings.stop()
    const reports = written.entry.files.map((file) =>
      reportOfEntry(source, written.entry, file, judged.get(file.id), written.durationMs.get(file.id) ?? 0),
    )
    return { reports, moved: [] }
  } finally {
    await closeLanes(lanes)
  }
}

function filesToJudge(batch: PlannedBatch, { work }: BatchSettings): readonly FileVersion[] {
  return batch.files.filter((file) => work.get(file.id)?.treatment.kind === 'judge')
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
    case 'REPAIR_SOURCE_CHANGED':
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
  const toJudge = filesToJudge(batch, settings)
  // Files that are set aside unread need no contract, and must not be learned from.
  if (toJudge.length === 0) return { kind: 'ok', contract: undefined }
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
    case 'profile': {
      const learned = await learnMissingContract({ ...batch, files: toJudge }, file, source, effects)
      for (const [id, reason] of learned.unreadable) {
        const item = settings.work.get(id)
        if (item !== undefined) settings.work.set(id, { ...item, treatment: { kind: 'hold', reason } })
      }
      return { kind: 'ok', contract: learned.contract }
    }
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

function failedReport(source: SourceConfig, batch: PlannedBatch, file: FileVersion, error: unknown): FileReport {
  const reason: Reason = { check: codeOf(error) ?? 'FAILED', severity: 'critical', message: messageOf(error) }
  return { ...emptyReport(source, batch, file), status: 'failed', reasons: [reason] }
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

function scoresOf(judged: JudgedFile | undefined): Pick<FileReport, 'scores'> {
  if (judged?.kind !== 'readable' || judged.results.length === 0) return {}
  const { byDimension } = scoreChecks(judged.results)
  return {
    scores: Object.fromEntries(Object.entries(byDimension).map(([dimension, { score }]) => [dimension, score ?? 0])),
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
