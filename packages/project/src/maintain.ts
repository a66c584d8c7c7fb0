/**
 * Housekeeping: what is over and older than its retention goes. Planned as data, then done.
 *
 *   (1) What is open in quarantine stays, with the papers that it shares.      [planQuarantine]
 *   (2) What the log or the index refers to stays.                             [planRepaired, sweepRetired]
 *   (3) Nothing of a source goes while a run works on it.                      [maintain: its lease]
 */
import { rm, rmdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { CleanableFile, CleanOutcome, SourceCleaner, SourceConfig } from '@tidegate/core'
import { sweepRetired } from '@tidegate/load'
import { holdLease, sweepSource } from '@tidegate/pipeline'
import type { Project } from './open-project.ts'
import { filesOfRecord, listRecords, type ListedRecord } from './quarantine-loop.ts'
import { listLeftovers } from './work-folder.ts'

/** What one kind of housekeeping frees. `items` are runs and checks, or files. */
export interface MaintenanceStep {
  readonly what: 'history' | 'quarantine' | 'retired' | 'repaired' | 'source' | 'temporary'
  /** A source, a target's folder, or null where it is the project's. */
  readonly of: string | null
  readonly items: number
  readonly bytes: number
  /** Absolute paths, where single files are known. */
  readonly files: readonly string[]
}

/**
 * @returns what was freed, or what would be; steps that free nothing are left out
 * @throws TidegateError `LEASE_HELD` when a run is under way
 */
export async function maintain(
  project: Project,
  { dryRun, nowMs }: { readonly dryRun: boolean; readonly nowMs: number },
): Promise<readonly MaintenanceStep[]> {
  const { config, state } = project
  const steps: MaintenanceStep[] = []
  for (const source of config.sources) {
    if (dryRun) {
      steps.push(...(await planSource(project, source, nowMs)), ...(await sweepTargets(project, source, nowMs, true)))
      steps.push(await cleanStep(project, source, nowMs, true))
      continue
    }
    await using lease = await holdLease(source.name, project.effects)
    lease.signal.throwIfAborted()
    const planned = await planSource(project, source, nowMs)
    for (const step of planned) await removeFiles(step, source.quarantine.path, config.repaired)
    steps.push(...planned, ...(await sweepTargets(project, source, nowMs, false)))
    steps.push(await cleanStep(project, source, nowMs, false))
  }
  const pruned = await state.pruneHistory(nowMs - config.retention.historyMs, { dryRun })
  const items = Object.values(pruned).reduce((sum: number, many: number) => sum + many, 0)
  steps.push({ what: 'history', of: null, items, bytes: 0, files: [] })
  const leftovers = await listLeftovers(config.limits.tempDirectory)
  if (!dryRun) for (const folder of leftovers) await rm(folder, { recursive: true, force: true })
  steps.push({ what: 'temporary', of: null, items: leftovers.length, bytes: 0, files: leftovers })
  return steps.filter((step) => step.items > 0)
}

async function planSource(project: Project, source: SourceConfig, nowMs: number): Promise<readonly MaintenanceStep[]> {
  return [await planQuarantine(project, source, nowMs), await planRepaired(project, source, nowMs)]
}

async function planQuarantine(project: Project, source: SourceConfig, nowMs: number): Promise<MaintenanceStep> {
  const records = await listRecords(project, { source: source.name })
  const before = nowMs - project.config.retention.quarantineMs
  const open = new Set(records.filter((record) => record.status === 'open').map(stemOf))
  const over = records.filter((record) => record.closedAtMs !== null && record.closedAtMs < before)
  const files = new Set<string>()
  for (const record of over) {
    const own = await filesOfRecord(project, record)
    const shared = open.has(stemOf(record))
    for (const { file } of own) if (!shared || file === record.place) files.add(file)
  }
  return stepOf('quarantine', source.name, [...files])
}

/** What the files of one quarantined file have in common: its papers belong to all of its records. */
function stemOf({ location, path: place, id }: ListedRecord): string {
  return `${location}\0${(place ?? id).replace(/\.(rows\.parquet|lines\.json|lost\.json)$/, '')}`
}

async function planRepaired(project: Project, source: SourceConfig, nowMs: number): Promise<MaintenanceStep> {
  const { config, state, effects } = project
  const records = await state.listFiles({ source: source.name, repairedOnly: true })
  const used = new Set(records.flatMap((record) => record.repair?.path ?? []))
  const old: string[] = []
  for (const place of await effects.repaired.list(source.name)) {
    const file = path.join(config.repaired, place)
    if (used.has(place) || used.has(place.replace(/\.loss\.json$/, ''))) continue
    const info = await stat(file).catch(() => undefined)
    if (info !== undefined && info.mtimeMs < nowMs - config.retention.repairedMs) old.push(file)
  }
  return stepOf('repaired', source.name, old)
}

async function sweepTargets(
  { state, config }: Project,
  source: SourceConfig,
  nowMs: number,
  dryRun: boolean,
): Promise<readonly MaintenanceStep[]> {
  const steps: MaintenanceStep[] = []
  const locations = new Set((await state.knownDatasets(source.name)).map(({ location }) => location))
  for (const location of [...locations].filter((each) => path.isAbsolute(each))) {
    const swept = await sweepRetired(location, { olderThanMs: config.retention.retiredMs, nowMs, dryRun })
    steps.push({ what: 'retired', of: location, items: swept.files, bytes: swept.bytes, files: [] })
  }
  return steps
}

/** What `clean_source` archives or deletes. A dry run counts what is due; a run also looks whether its bytes are still those. */
async function cleanStep(
  project: Project,
  source: SourceConfig,
  nowMs: number,
  dryRun: boolean,
): Promise<MaintenanceStep> {
  const files: string[] = []
  let bytes = 0
  const { effects } = project
  const count = async (file: CleanableFile, clean: () => Promise<CleanOutcome>): Promise<CleanOutcome> => {
    const size = (await stat(file.uri).catch(() => undefined))?.size ?? 0
    const outcome = dryRun ? ({ kind: 'cleaned' } as const) : await clean()
    if (outcome.kind === 'cleaned') {
      files.push(file.uri)
      bytes += size
    }
    return outcome
  }
  const cleaner: SourceCleaner = {
    ...effects.cleaner,
    archive: async (file, to) => count(file, () => effects.cleaner.archive(file, to)),
    delete: async (file) => count(file, () => effects.cleaner.delete(file)),
  }
  await sweepSource(source, project.exclude, { ...effects, cleaner, clock: { nowMs: () => nowMs } })
  return { what: 'source', of: source.name, items: files.length, bytes, files }
}

async function stepOf(what: MaintenanceStep['what'], of: string, files: readonly string[]): Promise<MaintenanceStep> {
  let bytes = 0
  for (const file of files) bytes += (await stat(file).catch(() => undefined))?.size ?? 0
  return { what, of, items: files.length, bytes, files }
}

/** Also the folders that become empty by it, up to the one that they are below. */
async function removeFiles({ files }: MaintenanceStep, ...roots: readonly string[]): Promise<void> {
  for (const file of files) {
    await rm(file, { force: true })
    for (
      let folder = path.dirname(file);
      roots.some((root) => folder.startsWith(`${root}${path.sep}`));
      folder = path.dirname(folder)
    ) {
      const removed = await rmdir(folder).then(
        () => true,
        () => false,
      )
      if (!removed) break
    }
  }
}
