/**
 * One attempt at a batch, in two halves: judging, which only reads and may go on while the batch before it is written; and
 * writing, when it is its turn. What it holds meanwhile, sessions and work folder, is given back when it is disposed.
 */
import {
  type Contract,
  type Destination,
  type FileVersion,
  type FileVersionId,
  type GateSettings,
  type Reason,
  type SourceConfig,
  type Watermark,
} from '@tidegate/core'
import { checkRecords, reportOfEntry, reportOfNone } from './batch-reports.ts'
import { contractVersion } from './contract-version.ts'
import { fillPath } from './dataset-of.ts'
import { stepBack, type WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import type { FileReport } from './file-report.ts'
import type { InspectPages } from './inspect-pages.ts'
import type { JudgedFile } from './judge-batch.ts'
import { heldOf, judgeAgainstTarget } from './judge-against-target.ts'
import { closeLanes, openLanes, type Lanes } from './lanes.ts'
import { learnMissingContract } from './learn-missing-contract.ts'
import type { PlannedBatch } from './plan-batches.ts'
import type { Glance } from './prepare-file.ts'
import type { RepairDesk } from './repair-desk.ts'
import type { SharedLock } from './shared-lock.ts'
import { rehearseBatch, writeBatch, type WriteSettings } from './write-batch.ts'

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
  /** The source's watermark when the run began, for `watermark.filter`. Undefined: there was none. */
  readonly watermarkAtStart?: Watermark | undefined
  /** Called when a batch is judged and its writing begins: the engine has room for the next one's judging. */
  readonly judged?: (() => void) | undefined
  /** Undefined with `repair: off`. */
  readonly repairs: RepairDesk | undefined
  /** Undefined with `verify: off`. */
  readonly inspect: InspectPages | undefined
  /** What was seen of the files while they were hashed. */
  readonly glance?: Glance | undefined
}

export interface BatchAttempt extends AsyncDisposable {
  write(): Promise<AttemptOutcome>
  /** Does all of `write` but the commit, and drops it. */
  rehearse(): Promise<void>
}

export interface AttemptOutcome {
  readonly reports: FileReport[]
  /** Files that were written to meanwhile. With any, nothing was committed. */
  readonly moved: readonly FileVersion[]
  /** Why another writer's entry made it void. With it, nothing was committed. */
  readonly overtaken?: string | undefined
}

/** Reads the contract, pins the batch and judges its files. */
export async function openAttempt(
  batch: PlannedBatch,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  pin: 'pinned' | 'unpinned' = 'pinned',
): Promise<BatchAttempt> {
  const contract = await contractFor(batch, settings, effects)
  if (contract.kind !== 'ok') {
    const reports = batch.files.map((file) => reportOfNone(settings.source, batch, file, contract))
    return {
      write: async () => ({ reports, moved: [] }),
      rehearse: async () => {},
      [Symbol.asyncDispose]: async () => {},
    }
  }
  if (pin === 'pinned') {
    await noteContract(batch, contract.contract, settings, effects)
    await pinBatch(batch, destination, settings, effects)
  }
  await using held = new AsyncDisposableStack()
  const lanes = held.adopt(await openLanes(effects), closeLanes)
  const folder = held.use(await effects.openWorkFolder(`${batch.batch}-${batch.attempt}`))
  const judged = await judge(batch, contract.contract, destination, settings, { lanes, folder: folder.path }, effects)
  const context: Judged = { batch, contract: contract.contract, destination, settings, judged, lanes }
  const kept = held.move()
  return {
    write: () => write(context, effects),
    rehearse: () => rehearse(context, effects),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

interface Judged {
  readonly batch: PlannedBatch
  readonly contract: Contract | undefined
  readonly destination: Destination
  readonly settings: BatchSettings
  readonly judged: ReadonlyMap<FileVersionId, JudgedFile>
  readonly lanes: Lanes
}

async function noteContract(
  { dataset }: PlannedBatch,
  contract: Contract | undefined,
  { source, run }: BatchSettings,
  { ledger, clock }: PipelineEffects,
): Promise<void> {
  if (contract === undefined) return
  const firstUsedMs = clock.nowMs()
  await ledger.recordContract(contractVersion(contract, { source: source.name, dataset, firstUsedMs, run }))
}

async function pinBatch(
  batch: PlannedBatch,
  { location }: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
): Promise<void> {
  await effects.ledger.pinBatch({
    batch: batch.batch,
    run: settings.run,
    source: settings.source.name,
    dataset: batch.dataset,
    location,
    attempt: batch.attempt,
    files: batch.files.map((file) => ({ path: file.path, hash: file.contentHash, ordinal: file.ordinal })),
    pinnedAtMs: effects.clock.nowMs(),
  })
  effects.mark('pinned', { source: settings.source.name, batch: batch.batch })
}

async function judge(
  batch: PlannedBatch,
  contract: Contract | undefined,
  destination: Destination,
  { source, work, gateFlag, repairs, inspect, glance }: BatchSettings,
  { lanes, folder }: { readonly lanes: Lanes; readonly folder: string },
  effects: PipelineEffects,
): Promise<ReadonlyMap<FileVersionId, JudgedFile>> {
  const against = { source, contract, gateFlag, destination, work }
  const judging = { ...effects, repairs, inspect, glance }
  const judged = await judgeAgainstTarget(batch, against, lanes, folder, judging)
  effects.mark('checked', { source: source.name, batch: batch.batch })
  return judged
}

/** Files whose twin is held step up, and the reverse. */
function settleTwins({ batch, settings: { source, work }, judged }: Judged): void {
  const items = batch.files.flatMap((file) => work.get(file.id) ?? [])
  for (const item of stepBack(items, heldOf(judged), source.duplicates)) work.set(item.version.id, item)
}

function writeSettings({ contract, settings }: Judged): WriteSettings {
  const { source, run, fence, watermarkAtStart } = settings
  return { source, contract, run, fence, watermarkAtStart }
}

async function rehearse(context: Judged, effects: PipelineEffects): Promise<void> {
  const { batch, settings, judged, destination, lanes } = context
  settleTwins(context)
  await rehearseBatch(batch, settings.work, judged, destination, writeSettings(context), lanes, effects)
}

async function write(context: Judged, effects: PipelineEffects): Promise<AttemptOutcome> {
  const { batch, contract, settings, judged, destination, lanes } = context
  const { source, work } = settings
  settleTwins(context)
  const written = await writeBatch(batch, work, judged, destination, writeSettings(context), lanes, effects)
  if (written.kind === 'overtaken') {
    await effects.ledger.dropBatch(batch.batch)
    return { reports: [], moved: [], overtaken: written.because }
  }
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
}

export function filesToJudge(batch: PlannedBatch, { work }: BatchSettings): readonly FileVersion[] {
  return batch.files.filter((file) => work.get(file.id)?.treatment.kind === 'judge')
}

function failsTheRun(contract: Contract | undefined, { source, gateFlag }: BatchSettings): boolean {
  const onFail =
    gateFlag.on_fail ?? source.gate.source.on_fail ?? contract?.gate?.on_fail ?? source.gate.defaults.on_fail
  return onFail === 'fail'
}

export type ContractChoice =
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
  const found = await effects.readContract(file, source)
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
