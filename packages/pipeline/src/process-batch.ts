/**
 * One batch from its pin to its entry. A batch that fails because of one of its files is halved until that file is alone;
 * alone it gets a second chance, then it is held with what is known (design §6).
 */
import { codeOf, messageOf, type Destination, type FileVersion, type Reason } from '@tidegate/core'
import { filesToJudge, openAttempt, type BatchAttempt, type BatchSettings } from './attempt-batch.ts'
import { changedReport, failedReport } from './batch-reports.ts'
import type { Treatment } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import type { FileReport } from './file-report.ts'
import { findCulprits } from './find-culprits.ts'
import { halveBatch, movedTogether } from './hold-together.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { treatDamaged } from './treat-damaged.ts'
import { conflictError } from './write-batch.ts'

/** @param ahead what was begun of its first attempt already */
export async function processBatch(
  batch: PlannedBatch,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  tries: Tries = { alone: false, left: TRIES_OF_A_CRASHER, overtaken: 0 },
  ahead?: Promise<BatchAttempt>,
): Promise<FileReport[]> {
  try {
    const outcome = tries.alone
      ? await settings.engine.run('alone', () => attemptAlone(batch, destination, settings, effects))
      : await attemptBeside(batch, destination, settings, effects, ahead)
    if (outcome.overtaken !== undefined) {
      if (tries.overtaken >= TRIES_AGAINST_OTHERS) throw conflictError(outcome.overtaken)
      const next = { ...batch, attempt: batch.attempt + 1 }
      return await processBatch(next, destination, settings, effects, { ...tries, overtaken: tries.overtaken + 1 })
    }
    if (outcome.moved.length === 0) return outcome.reports
    const moved = movedTogether(batch.files, outcome.moved, settings.work)
    const rest = batch.files.filter((file) => !moved.includes(file))
    const reports = moved.map((file) => changedReport(settings.source, batch, file))
    if (rest.length === 0) return reports
    const again = { ...batch, batch: effects.newId(), attempt: 1, files: rest }
    return [...reports, ...(await processBatch(again, destination, settings, effects, tries))]
  } catch (error) {
    effects.signal.throwIfAborted()
    const blame = blameOf(error)
    if (blame === 'run') throw error
    await effects.ledger.dropBatch(batch.batch)
    const alone = tries.alone || blame === 'engine'
    const halves = halveBatch(batch.files, settings.work, settings.source.target.mode)
    if (halves === undefined) {
      if (blame === 'moment') return batch.files.map((file) => failedReport(settings.source, batch, file, error))
      if (blame === 'engine' && tries.left > 1) {
        const next = { ...batch, attempt: batch.attempt + 1 }
        return processBatch(next, destination, settings, effects, { ...tries, alone, left: tries.left - 1 })
      }
      const isolated = batch.files.length === 1 ? isolate : isolateTogether
      return isolated(batch, error, destination, settings, effects, { ...tries, alone })
    }
    const reports: FileReport[] = []
    for (const files of halves) {
      const half = { ...batch, batch: effects.newId(), attempt: 1, files }
      reports.push(
        ...(await processBatch(half, destination, settings, effects, { ...tries, alone, left: TRIES_OF_A_CRASHER })),
      )
    }
    return reports
  }
}

/** A file alone that kills its reader is held after so many times: the first may have been another's fault or the moment's. */
const TRIES_OF_A_CRASHER = 2

/** How often a batch is judged anew because another writer was faster. Two writers seldom meet more than once or twice. */
const TRIES_AGAINST_OTHERS = 5

/** Judged while another batch is written, written while another one is judged. */
async function attemptBeside(
  batch: PlannedBatch,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  ahead: Promise<BatchAttempt> | undefined,
): Promise<Awaited<ReturnType<BatchAttempt['write']>>> {
  const { engine } = settings
  await using attempt = await (ahead ??
    engine.run('beside-others', () => openAttempt(batch, destination, settings, effects)))
  settings.judged?.()
  return await engine.run('beside-others', () => attempt.write())
}

/** With nobody beside it from its first byte to its commit: another one that kills the engine in between would be blamed on it. */
async function attemptAlone(
  batch: PlannedBatch,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
): Promise<Awaited<ReturnType<BatchAttempt['write']>>> {
  await using attempt = await openAttempt(batch, destination, settings, effects)
  settings.judged?.()
  return await attempt.write()
}

interface Tries {
  /** Nobody else may use the engine meanwhile, so that a crash is this batch's own. */
  readonly alone: boolean
  readonly left: number
  /** How often another writer was faster. */
  readonly overtaken: number
}

/**
 * A batch that must not be parted failed. Parts of it are read without being loaded until those to blame are alone; they are
 * held, and the rest is loaded together. All are held where nobody is to blame alone.
 */
async function isolateTogether(
  batch: PlannedBatch,
  error: unknown,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  tries: Tries,
): Promise<FileReport[]> {
  const toHold = filesToJudge(batch, settings)
  // Files that are held unread cannot be what fails: then nothing can be written at all.
  if (toHold.length === 0) throw error
  try {
    const culprits = await findCulprits(toHold, (files) => rehearse(files, batch, destination, settings, effects))
    const alone = toHold.length === 1 ? toHold.map((file) => ({ file, error })) : culprits
    for (const culprit of alone) await treat(culprit.file, crashReason(culprit.error, batch.attempt), settings, effects)
    if (alone.length === 0) {
      const message = `a file that is loaded together with it cannot be read, or it itself: ${messageOf(error)}`
      const reason: Reason = { check: 'UNIT_HELD', severity: 'critical', message }
      for (const file of toHold) setTreatment(file, { kind: 'hold', reason }, settings)
    }
  } catch (thrown) {
    effects.signal.throwIfAborted()
    if (blameOf(thrown) !== 'moment') throw thrown
    return batch.files.map((file) => failedReport(settings.source, batch, file, thrown))
  }
  return processBatch({ ...batch, batch: effects.newId(), attempt: 1 }, destination, settings, effects, tries)
}

/** Judges and stages some files of a batch and drops all of it; the failure that is theirs, if there is one. */
async function rehearse(
  files: readonly FileVersion[],
  batch: PlannedBatch,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
): Promise<unknown> {
  const some = { ...batch, batch: effects.newId(), attempt: 1, files }
  const quiet = { ...effects, report: () => {} }
  try {
    const own = { ...settings, work: new Map(settings.work) }
    await settings.engine.run('alone', async () => {
      await using attempt = await openAttempt(some, destination, own, quiet, 'unpinned')
      await attempt.rehearse()
    })
    return undefined
  } catch (error) {
    effects.signal.throwIfAborted()
    const blame = blameOf(error)
    if (blame === 'file' || blame === 'engine') return error
    throw error
  }
}

function crashReason(error: unknown, attempts: number): Reason {
  return blameOf(error) === 'engine'
    ? {
        check: 'PQ901',
        severity: 'critical',
        message: `the reader crashed on it ${attempts} times: ${messageOf(error)}`,
      }
    : { check: 'PQ406', severity: 'critical', message: messageOf(error) }
}

/** What becomes of a file that is to blame. */
async function treat(
  file: FileVersion,
  reason: Reason,
  settings: BatchSettings,
  effects: PipelineEffects,
): Promise<void> {
  const treatment = await treatDamaged(file, reason, settings, effects)
  if (treatment !== undefined) setTreatment(file, treatment, settings)
}

function setTreatment({ id }: FileVersion, treatment: Treatment, { work }: BatchSettings): void {
  const item = work.get(id)
  if (item !== undefined) work.set(id, { ...item, treatment })
}

/** The file that failed its batch is alone now. */
async function isolate(
  batch: PlannedBatch,
  error: unknown,
  destination: Destination,
  settings: BatchSettings,
  effects: PipelineEffects,
  tries: Tries,
): Promise<FileReport[]> {
  const [file] = batch.files
  if (file === undefined) return []
  const item = settings.work.get(file.id)
  // A file that is held unread cannot be what fails: then nothing can be written at all.
  if (item === undefined || item.treatment.kind !== 'judge') throw error
  try {
    await treat(file, crashReason(error, batch.attempt), settings, effects)
  } catch (thrown) {
    effects.signal.throwIfAborted()
    if (blameOf(thrown) !== 'moment') throw thrown
    return [failedReport(settings.source, batch, file, thrown)]
  }
  return processBatch({ ...batch, batch: effects.newId(), attempt: 1 }, destination, settings, effects, tries)
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
