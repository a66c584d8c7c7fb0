/**
 * One run over one source:
 * lease → recover targets → list → per target: plan → (pin → judge → stage → seal → commit → publish → index)* → move, clean → close.
 *
 * A kill between any two arrows loses nothing: before the commit the attempt's staging is dropped by the next recovery,
 * after it the log entry is published and indexed by the next recovery. Targets are served one after another over one
 * listing; what one of them has and another lacks is the other's alone to load.
 */
import type { FileRecord, FileVersion, KnownDataset, PinnedBatch, SourceConfig, Store, Watermark } from '@tidegate/core'
import { cleanSource } from './clean-source.ts'
import { clearRepairsOfDeadRuns } from './clear-repairs.ts'
import type { PipelineEffects } from './effects.ts'
import type { FileReport } from './file-report.ts'
import { openInspection, type Inspection } from './inspect-pages.ts'
import { knowledgeOf } from './knowledge.ts'
import { openBook, type FolderBook } from './folder-book.ts'
import type { IngestOptions } from './ingest-options.ts'
import { holdLease, type HeldLease } from './lease.ts'
import { moveHeld } from './move-held.ts'
import { movedTargets, openTargets, type OpenTarget, type OpenTargets } from './open-targets.ts'
import { datasetsOf, planSource } from './plan-source.ts'
import { runBatches } from './run-batches.ts'
import {
  beginProgress,
  errorOf,
  failuresOf,
  recordOf,
  reportOf,
  reportsBeforeReading,
  type RunProgress,
} from './run-report.ts'
import { totalsOf, type SourceReport } from './source-report.ts'
import { surveySource, type Survey } from './survey-source.ts'
import { warmingHash } from './warm-engine.ts'

/** Ingests one source. Never throws for what belongs to the source: the report's `error` says it. */
export async function ingestSource(
  source: SourceConfig,
  options: IngestOptions,
  effects: PipelineEffects,
): Promise<SourceReport> {
  const progress = beginProgress(options.run ?? effects.newId(), effects.clock.nowMs())
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
    await closeRun(reportOf(source, progress, effects.clock.nowMs(), error), progress, options, effects)
  } catch (thrown) {
    error ??= errorOf(thrown, effects.signal)
  }
  return reportOf(source, progress, effects.clock.nowMs(), error)
}

async function closeRun(
  report: SourceReport,
  progress: RunProgress,
  options: IngestOptions,
  effects: PipelineEffects,
): Promise<void> {
  if (!progress.opened) return
  const measured = { peakMemoryBytes: effects.peakMemoryBytes?.() ?? null, plan: options.plan ?? null }
  await effects.ledger.closeRun({ ...recordOf(report), ...measured }, await effects.endingOf(report))
  effects.mark('closed', { source: report.source })
}

async function runUnderLease(
  source: SourceConfig,
  options: IngestOptions,
  effects: PipelineEffects,
  lease: HeldLease,
  progress: RunProgress,
): Promise<void> {
  const { ledger } = effects
  await ledger.openRun({ id: progress.run, command: 'ingest', source: source.name, startedAtMs: progress.startedAtMs })
  progress.opened = true
  const interruptedRuns = await ledger.closeDeadRuns(source.name, progress.run, effects.clock.nowMs())
  const onMissing = options.force || options.retry !== undefined ? 'report' : 'fail'
  const open = openTargets(source, onMissing, effects)
  try {
    const around = await lookAround(source, open, options, effects, lease, progress)
    const { survey } = around
    progress.recovered = { indexed: open.indexed, published: open.published, interruptedRuns }
    tellGone(source, options.retry, survey, effects)
    progress.filesSeen = survey.filesSeen
    progress.foldersPassed = around.book?.passed() ?? 0
    if (open.failed.size === 0) await clearRepairsOfDeadRuns(source.name, effects)
    effects.mark('recovered', { source: source.name })
    const moved = movedTargets(source.name, around.known, open)
    if (moved !== undefined) throw moved
    await serveTargets(source, open, around, options, effects, progress)
    // Nobody asked a target that is not open whether it knows the files.
    if (open.failed.size === 0) await saveBook(around.book, effects)
    // Where a target was left out, nothing is in all of them.
    if (open.failed.size === 0 && progress.targets.every(({ error }) => error === undefined)) {
      progress.filesMoved += (await moveHeld(source, open.targets(), effects)).moved
      progress.filesCleaned = (await cleanSource(source, open.targets(), options.exclude, effects)).cleaned
    }
  } finally {
    await open.close()
  }
}

/** Files that are to be tried again, and are not in the source any more. */
function tellGone(
  { quarantine }: SourceConfig,
  retry: IngestOptions['retry'] = new Set(),
  { items }: Survey,
  effects: Pick<PipelineEffects, 'report'>,
): void {
  const there = new Set(items.map((item) => (item.kind === 'file' ? item.file.path : item.path)))
  const instead =
    quarantine.original === 'move' ? '; `tidegate quarantine replay` judges what was moved into quarantine' : ''
  for (const path of retry.difference(there))
    effects.report({ kind: 'note', level: 'warn', message: `${JSON.stringify(path)} is not in the source${instead}` })
}

async function saveBook(book: FolderBook | undefined, effects: PipelineEffects): Promise<void> {
  await book?.save(effects.ledger)
  if (book?.isTrusted() !== false) return
  const message = `a new file is in a folder that does not show it: its file system does not stamp folders, so backfill_interval has no effect and every run lists everything`
  effects.report({ kind: 'note', level: 'warn', message })
}

interface Surroundings {
  readonly survey: Survey
  readonly book: FolderBook | undefined
  readonly known: readonly KnownDataset[]
  readonly pinned: readonly PinnedBatch[]
  readonly fence: number
}

/**
 * Recovers the targets and lists the source. First the targets that the state knows: also datasets whose files have left the
 * source, since what a killed run committed of them must become visible all the same. What these bring to the index is known
 * when the source is listed; what the datasets of new files bring (the state was lost) makes it listed once more.
 */
async function lookAround(
  source: SourceConfig,
  open: OpenTargets,
  options: IngestOptions,
  effects: PipelineEffects,
  lease: HeldLease,
  progress: RunProgress,
): Promise<Surroundings> {
  const { ledger } = effects
  const datasets = new Set((await ledger.knownDatasets(source.name)).map(({ dataset }) => dataset))
  for (const batch of await ledger.openBatches(source.name)) datasets.add(batch.dataset)
  await open.add(datasets)
  // What an earlier run left of a folder that is a unit must not be judged without the rest.
  if (source.ready.unit === 'folder' && open.failed.size === 0)
    progress.filesMoved += (await moveHeld(source, open.targets(), effects)).moved
  const survey = async (): Promise<Pick<Surroundings, 'survey' | 'book'>> => {
    const targets = source.targets.length > 1 ? open.targets() : undefined
    const isPlain = !options.force && options.retry === undefined && options.only === undefined
    const book = isPlain ? await openBook(source, options.exclude, ledger, () => effects.clock.nowMs()) : undefined
    const found = await surveySource(source, { ...options, targets, book }, effects)
    effects.mark('listed', { source: source.name })
    return { survey: found, book }
  }
  let found = await survey()
  for (let indexed = open.indexed; ; indexed = open.indexed) {
    await open.add(datasetsOf(source, found.survey.items))
    if (open.indexed === indexed) break
    found = await survey()
  }
  if (open.indexed > 0) await lease.refence()
  const [known, pinned] = [await ledger.knownDatasets(source.name), await ledger.openBatches(source.name)]
  return { ...found, known, pinned, fence: lease.fence }
}

async function serveTargets(
  source: SourceConfig,
  open: OpenTargets,
  around: Surroundings,
  options: IngestOptions,
  effects: PipelineEffects,
  progress: RunProgress,
): Promise<void> {
  const several = source.targets.length > 1
  const inspection = openInspection(source.verify, effects, source.format)
  const shared: SharedByTargets = {
    inspection,
    hash: several ? hashOnce(inspection.hash) : inspection.hash,
    versions: new Map(),
    unchanged: undefined,
    listedAgain: new Set(),
    existingUntilMs: await existingUntil(source, around.known, options, effects),
    watermark: await watermarkOf(source, effects),
  }
  const failed = new Map(open.failed)
  for (const target of open.targets()) {
    const files: FileReport[] = []
    try {
      await serveTarget(target, several, around, shared, options, effects, progress, files)
    } catch (error) {
      if (!several || effects.signal.aborted) throw error
      failed.set(target.source.target.name, error)
    } finally {
      progress.files.push(...files)
    }
    if (several && !failed.has(target.source.target.name))
      progress.targets.push({ target: target.source.target.name, totals: totalsOf(files) })
  }
  const passedBy = around.survey.unchanged - shared.listedAgain.size
  progress.filesUnchanged = passedBy + (shared.unchanged?.size ?? progress.filesUnchanged)
  for (const [target, thrown] of failed) {
    const error = errorOf(thrown, effects.signal)
    const own = progress.files.filter((file) => file.target === target)
    progress.targets.push({ target, totals: totalsOf(own), error })
    effects.report({ kind: 'note', level: 'warn', message: `target ${target}: ${error.message}` })
  }
  if (failed.size === source.targets.length && failed.size > 0) throw [...failed.values()][0]
  // Batches come in path order, so the last one need not have brought the highest value.
  const highest = (await effects.ledger.listWatermarks()).find((record) => record.source === source.name)
  if (progress.watermark !== null && highest !== undefined)
    progress.watermark = { ...progress.watermark, value: highest.value }
}

/** What one target leaves to the next. */
interface SharedByTargets {
  readonly inspection: Inspection
  readonly hash: Store['hash']
  /** Versions that this run has named, by path: the same bytes get the same ordinal in each target. */
  readonly versions: Map<string, FileVersion[]>
  /** Paths with nothing new in all targets so far. Undefined before the first, and where there is only one. */
  unchanged: Set<string> | undefined
  /** Paths that the survey passed by, and that a target needs after all. */
  readonly listedAgain: Set<string>
  readonly existingUntilMs: number | undefined
  readonly watermark: Watermark | undefined
}

async function serveTarget(
  target: OpenTarget,
  several: boolean,
  { survey, known, pinned, fence }: Surroundings,
  shared: SharedByTargets,
  options: IngestOptions,
  effects: PipelineEffects,
  progress: RunProgress,
  files: FileReport[],
): Promise<void> {
  const { source } = target
  const { ledger } = effects
  const knowledge = knowledgeOf(source.name, survey, several ? target.locations : undefined, ledger)
  const detail = { source: source.name, ...(several ? { target: source.target.name } : {}) }
  const plan = await planSource(
    source,
    survey,
    knowledge,
    // A pin of a target that is not open is another's, or waits for it.
    several ? pinned.filter((pin) => target.locations.has(pin.location)) : pinned,
    {
      ...options,
      existingUntilMs: shared.existingUntilMs,
      elsewhere: several ? (path) => versionsElsewhere(path, survey.versions, shared.versions) : undefined,
    },
    { ...effects, store: { ...effects.store, hash: warmingHash(shared.hash, effects) } },
  )
  effects.mark('planned', detail)
  for (const path of plan.listedAgain) shared.listedAgain.add(path)
  noteUnchanged(plan.unchanged, plan.touched, several, shared, progress)
  progress.filesTooOld = Math.max(progress.filesTooOld, plan.tooOld)
  for (const { version } of plan.work)
    shared.versions.set(version.path, [...(shared.versions.get(version.path) ?? []), version])
  await ledger.updateStamps(
    plan.touched.map(({ file, record }) => ({ id: record.id, stamp: file.stamp, modifiedAtMs: file.modifiedAtMs })),
  )
  for (const pin of plan.stalePins) await ledger.dropBatch(pin)
  const told = new Set(progress.files.filter((file) => file.target === undefined).map((file) => file.path))
  // What nobody has looked into yet is the same for each target.
  const before = reportsBeforeReading(source, plan).filter((file) => !told.has(file.path))
  const batches: FileReport[] = []
  try {
    await runBatches(
      {
        target,
        plan,
        knowledge,
        options,
        inspect: shared.inspection.pages,
        glance: shared.inspection.glance,
        run: progress.run,
        fence,
        // A target that is new has seen nothing yet.
        watermarkAtStart: isNew(target, several, known) ? undefined : shared.watermark,
        watermark: (watermark) => {
          progress.watermark = watermark
        },
      },
      batches,
      effects,
    )
  } finally {
    const named = several ? batches.map((file) => ({ ...file, target: source.target.name })) : batches
    files.push(...before, ...named)
    await ledger.recordFailures(failuresOf(source, progress.run, files, effects.clock.nowMs()))
  }
}

function isNew({ locations }: OpenTarget, several: boolean, known: readonly KnownDataset[]): boolean {
  return !known.some(({ location }) => !several || locations.has(location))
}

function noteUnchanged(
  unchanged: readonly { readonly path: string }[],
  touched: readonly { readonly file: { readonly path: string } }[],
  several: boolean,
  shared: SharedByTargets,
  progress: RunProgress,
): void {
  if (!several) {
    progress.filesUnchanged = unchanged.length + touched.length
    return
  }
  const paths = new Set([...unchanged.map(({ path }) => path), ...touched.map(({ file }) => file.path)])
  shared.unchanged = shared.unchanged?.intersection(paths) ?? paths
}

/** Each file's bytes are read once, however many targets ask; writing looks at stamps again. */
function hashOnce(hash: Store['hash']): Store['hash'] {
  const asked = new Map<string, Promise<string>>()
  return (uri, signal, watch) => {
    const known = asked.get(uri)
    if (known !== undefined) return known
    const answer = hash(uri, signal, watch)
    asked.set(uri, answer)
    answer.catch(() => asked.delete(uri))
    return answer
  }
}

type Numbered = Pick<FileVersion, 'ordinal' | 'contentHash'>

function versionsElsewhere(
  path: string,
  known: ReadonlyMap<string, readonly FileRecord[]>,
  named: ReadonlyMap<string, readonly FileVersion[]>,
): readonly Numbered[] {
  const recorded = (known.get(path) ?? []).map(({ ordinal, hash }) => ({ ordinal, contentHash: hash }))
  return [...recorded, ...(named.get(path) ?? [])]
}

const FINISHED: ReadonlySet<string> = new Set(['ok', 'nothing-new', 'gate-failed', 'partial'])

/**
 * With `include_existing: false`: until a first run came to its end, files that were there when it began are only noted.
 * A first run that died begins no later when it is repeated.
 */
async function existingUntil(
  source: SourceConfig,
  known: readonly KnownDataset[],
  options: IngestOptions,
  { ledger }: Pick<PipelineEffects, 'ledger'>,
): Promise<number | undefined> {
  if (source.includeExisting || options.force || options.retry !== undefined) return undefined
  const runs = (await ledger.listRuns({ source: source.name })).filter((run) => run.command === 'ingest')
  if (runs.some((run) => FINISHED.has(run.status))) return undefined
  // A state that was rebuilt from the targets knows no runs.
  if (runs.length <= 1 && known.length > 0) return undefined
  return Math.min(...runs.map((run) => run.startedAtMs))
}

async function watermarkOf(
  source: SourceConfig,
  { ledger }: Pick<PipelineEffects, 'ledger'>,
): Promise<Watermark | undefined> {
  if (source.watermark?.filter !== true) return undefined
  const { column } = source.watermark
  const record = (await ledger.listWatermarks()).find((found) => found.source === source.name)
  return record === undefined ? undefined : { column, type: record.type, value: record.value }
}
