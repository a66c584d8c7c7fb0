/** The batches of one target: those of one dataset one after another, since they share one log; datasets side by side. */
import type { FileVersionId, Watermark } from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import { bareReport, type FileReport } from './file-report.ts'
import type { IngestOptions } from './ingest-options.ts'
import type { Knowledge } from './knowledge.ts'
import type { OpenTarget } from './open-targets.ts'
import { mapParallel } from './parallel.ts'
import type { PlannedBatch } from './plan-batches.ts'
import type { SourcePlan } from './plan-source.ts'
import type { BatchSettings } from './attempt-batch.ts'
import { judgeAhead } from './judge-ahead.ts'
import { processBatch } from './process-batch.ts'
import { openRepairDesk } from './repair-desk.ts'
import { sharedLock } from './shared-lock.ts'
import { totalsOf } from './source-report.ts'

export interface BatchRun extends Pick<
  BatchSettings,
  'inspect' | 'glance' | 'run' | 'fence' | 'watermark' | 'watermarkAtStart'
> {
  readonly target: OpenTarget
  readonly plan: SourcePlan
  /** What this target knows of the source's files. */
  readonly knowledge: Knowledge
  readonly options: IngestOptions
}

/** @param files what was done so far is in it also when this throws */
export async function runBatches(
  { target, plan, knowledge, options, watermark, ...run }: BatchRun,
  files: FileReport[],
  effects: PipelineEffects,
): Promise<void> {
  if (plan.batches.length === 0) return
  const { source, destinations } = target
  const work = new Map<FileVersionId, WorkItem>(plan.work.map((item) => [item.version.id, item]))
  const byDataset = Map.groupBy(plan.batches, (batch) => batch.dataset)
  const fresh = plan.batches.flatMap((batch) => batch.files)
  const bytes = fresh.reduce((sum, file) => sum + file.sizeBytes, 0)
  effects.report({ kind: 'stage-started', stage: 'check', files: fresh.length, bytes })
  effects.report({ kind: 'stage-started', stage: 'load', files: fresh.length, bytes })
  const stop = new AbortController()
  const repairs = openRepairDesk({ source, run: run.run, knowledge, fresh }, effects)
  const settings: BatchSettings = {
    ...run,
    source,
    gateFlag: options.gate,
    work,
    engine: sharedLock(),
    repairs,
    stop: () => stop.abort(),
    watermark: (reached: Watermark) => watermark(reached),
  }
  try {
    await mapParallel([...byDataset], options.workers, ([dataset, batches]) => ingestDataset(dataset, batches))
    // Only here: after a failure nobody knows which of them an entry names.
    await repairs?.clear(new Set(files.flatMap((file) => file.repair?.path ?? [])))
  } finally {
    const totals = totalsOf(files)
    effects.report({ kind: 'stage-ended', stage: 'check', summary: `${amount(totals.rowsRead, 'row')} checked` })
    const loaded = `${amount(totals.loaded, 'file')}, ${amount(totals.rowsLoaded, 'row')} loaded`
    effects.report({ kind: 'stage-ended', stage: 'load', summary: loaded })
  }

  async function ingestDataset(dataset: string, batches: readonly PlannedBatch[]): Promise<void> {
    const destination = destinations.get(dataset)
    if (destination === undefined) throw new Error(`no destination for dataset ${dataset}`)
    await using ahead = judgeAhead(batches, destination, settings, effects)
    for (const [index, batch] of batches.entries()) {
      effects.signal.throwIfAborted()
      if (stop.signal.aborted) {
        files.push(...batch.files.map((file) => stoppedReport(source.name, batch, file)))
        continue
      }
      const begun = ahead.take(index)
      const own = { ...settings, judged: () => ahead.begin(index + 1) }
      const late = await splitLate(batch)
      files.push(...late.needless.map((file) => needlessReport(source.name, batch, file)))
      if (late.needed === undefined) continue
      files.push(...(await processBatch(late.needed, destination, own, effects, undefined, begun)))
    }
  }

  /** A copy is needed only if its original has left: what should take the original's place may have been held. */
  async function splitLate(
    batch: PlannedBatch,
  ): Promise<{ readonly needed: PlannedBatch | undefined; readonly needless: PlannedBatch['files'] }> {
    if (batch.lateSince === undefined) return { needed: batch, needless: [] }
    const lost = new Set((await knowledge.lostDuplicates()).map(({ path, hash }) => `${hash}\0${path}`))
    const [needed, needless] = [true, false].map((wanted) =>
      batch.files.filter(({ path, contentHash }) => lost.has(`${contentHash}\0${path}`) === wanted),
    )
    if (needless === undefined || needless.length === 0) return { needed: batch, needless: [] }
    await effects.ledger.dropBatch(batch.batch)
    return {
      needed: needed?.length ? { ...batch, batch: effects.newId(), attempt: 1, files: needed } : undefined,
      needless,
    }
  }
}

function amount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : `${noun}s`}`
}

function needlessReport(source: string, batch: PlannedBatch, file: PlannedBatch['files'][number]): FileReport {
  return bareReport(source, batch.dataset, file.path, file.sizeBytes, 'duplicate', {
    check: 'DUPLICATE_CONTENT',
    severity: 'info',
    message: 'the file that it is a copy of has kept its rows after all',
  })
}

function stoppedReport(source: string, batch: PlannedBatch, file: PlannedBatch['files'][number]): FileReport {
  return bareReport(source, batch.dataset, file.path, file.sizeBytes, 'waiting', {
    check: 'RUN_STOPPED',
    severity: 'info',
    message: 'not looked at: a gate with on_fail: fail stopped the run',
  })
}
