import {
  codeOf,
  messageOf,
  TidegateError,
  type DiscoveredFile,
  type FileRecord,
  type FileVersion,
  type FileVersionId,
  type PinnedBatch,
  type SourceConfig,
  type SourceFile,
} from '@tidegate/core'
import { datasetOf, folderOf } from './dataset-of.ts'
import { leavingVersions, type WorkItem } from './decide-treatment.ts'
import { decideWork, type DecidedWork } from './decide-work.ts'
import type { PipelineEffects } from './effects.ts'
import { heldBesideNew, heldSiblings } from './held-siblings.ts'
import { classifyListing, identifyVersion, type ClassifiedListing, type Identity } from './identify.ts'
import type { Knowledge } from './knowledge.ts'
import { comingBack, markLate } from './late-copies.ts'
import { mapParallel } from './parallel.ts'
import { limitsOf, planBatches, type PlannedBatch } from './plan-batches.ts'
import { checkReadiness, unitWaits, type Readiness, type WaitingFile } from './readiness.ts'
import { listAgain, type Survey } from './survey-source.ts'

/** What a run would do with a source. Printable; nothing has been changed. */
export interface SourcePlan {
  readonly source: string
  /** Of the files that were looked at: those that the survey passed by are its count. */
  readonly unchanged: readonly SourceFile[]
  /** Paths that the survey passed by as unchanged, and that are needed after all. */
  readonly listedAgain: readonly string[]
  readonly settling: readonly SourceFile[]
  /** Not ready yet: no marker, no control file, or another file of their folder is not. */
  readonly waiting: readonly WaitingFile[]
  /** New, and last changed longer ago than `max_file_age`: not taken. */
  readonly tooOld: number
  /** Same bytes under a new stamp. */
  readonly touched: readonly { readonly file: SourceFile; readonly record: FileRecord }[]
  readonly unreadable: readonly UnreadableFile[]
  readonly work: readonly WorkItem[]
  readonly batches: readonly PlannedBatch[]
  readonly stalePins: readonly string[]
}

export interface UnreadableFile {
  readonly path: string
  readonly code: string
  readonly message: string
}

export interface PlanOptions {
  readonly force: boolean
  /** Only these paths are looked at again, known or not (`files retry`). */
  readonly retry?: ReadonlySet<string> | undefined
  /** Only these paths are taken, and only with these bytes (SHA-256): what a stored plan says. */
  readonly only?: ReadonlyMap<string, string> | undefined
  readonly workers: number
  /** Absolute folders that no source may list. */
  readonly exclude: readonly string[]
  /** What any target of the source knows of a path: ordinals agree between targets. */
  readonly elsewhere?: ((path: string) => readonly Pick<FileVersion, 'ordinal' | 'contentHash'>[]) | undefined
  /**
   * Unix milliseconds, where the source was never ingested to its end and `include_existing` is off: files that were last
   * changed up to then are only noted.
   */
  readonly existingUntilMs?: number | undefined
}

/** Datasets that the files of a listing belong to. */
export function datasetsOf(source: SourceConfig, listing: readonly DiscoveredFile[]): readonly string[] {
  const datasets = new Set<string>()
  const byStem = source.dataset.includes('{stem}')
  const folders = new Set<string>()
  for (const item of listing) {
    if (item.kind !== 'file') continue
    const { path } = item.file
    // Without the name in it, one file of a folder speaks for all: there may be millions.
    const folder = folderOf(path)
    if (!byStem && folders.has(folder)) continue
    folders.add(folder)
    datasets.add(datasetOf(source.dataset, source.name, path))
  }
  return [...datasets].sort()
}

/** Decides what is new and what is to be done with it. Reads new files once, to hash them. */
export async function planSource(
  source: SourceConfig,
  { items: listing }: Pick<Survey, 'items'>,
  knowledge: Knowledge,
  pinned: readonly PinnedBatch[],
  options: PlanOptions,
  effects: Pick<PipelineEffects, 'store' | 'clock' | 'report' | 'signal' | 'newId'>,
): Promise<SourcePlan> {
  const known = knowledge.versions
  const files = listing.flatMap((item) => (item.kind === 'file' ? [item.file] : []))
  const unreadable: UnreadableFile[] = listing.flatMap((item) =>
    item.kind === 'unreadable' ? [{ path: item.path, code: item.code, message: item.message }] : [],
  )
  const retry = options.retry
  const { only } = options
  const isMeant = (file: SourceFile): boolean => only === undefined || only.has(file.path)
  const relevant = files.filter((file) => (retry === undefined || retry.has(file.path)) && isMeant(file))
  const again = options.force || retry !== undefined
  const back = [...(await comingBack(await knowledge.lostDuplicates(), knowledge, source.target))]
  const lost = idsOf(back)
  const classified = classifyListing(relevant, known, {
    nowMs: effects.clock.nowMs(),
    settleMs: source.ready.settleMs,
    force: again,
    lost,
  })
  const looked = await takeReady(source, classified, known, files.filter(isMeant), options, effects)
  unreadable.push(...looked.refused)
  const identified = new Map<string, Identity>()
  const identify = (toHash: readonly SourceFile[], missing: ReadonlySet<FileVersionId>): Promise<unknown> =>
    mapParallel(toHash, options.workers, async (file) => {
      effects.signal.throwIfAborted()
      try {
        const hash = await effects.store.hash(file.uri, effects.signal)
        if (only !== undefined && only.get(file.path) !== hash) throw staleFile()
        const versions = known.get(file.path) ?? []
        const identity = identifyVersion(file, hash, versions, {
          source: source.name,
          dataset: datasetOf(source.dataset, source.name, file.path),
          force: again || versions.some((version) => version.hash === hash && missing.has(version.id)),
          elsewhere: options.elsewhere?.(file.path),
        })
        identified.set(file.path, identity)
      } catch (error) {
        if (effects.signal.aborted) throw error
        identified.delete(file.path)
        unreadable.push({ path: file.path, code: codeOf(error) ?? 'SOURCE_UNREADABLE', message: messageOf(error) })
      }
      effects.report({ kind: 'stage-advanced', stage: 'identify', files: 1, bytes: file.sizeBytes })
    })
  effects.report({ kind: 'stage-started', stage: 'identify', files: looked.ready.length })
  await identify(looked.ready, new Set([...lost, ...looked.unitHeld]))
  if (source.ready.unit === 'folder') {
    const beside = heldBesideNew(identified)
    await identify(
      beside.map(({ file }) => file),
      idsOf(beside.map(({ record }) => record)),
    )
  }
  const parted = source.ready.unit === 'folder' ? partUnits(identified, unreadable, looked.refused) : []
  const decide = (): Promise<DecidedWork> => decideWork(identified, knowledge, source, looked.expected, options)
  let { work, waiting } = await decide()
  // A skipped copy is needed when its original leaves in this very run; its own older rows may leave then in their turn.
  const seen = new Set([...classified.toHash, ...classified.settling, ...looked.ready].map((file) => file.path))
  const asked = new Set<string>()
  const passedBy = new Set<string>()
  for (;;) {
    const leaving = leavingVersions(work)
    if (leaving.size === 0) break
    const gone = await comingBack(await knowledge.lostDuplicates(leaving), knowledge, source.target)
    const missing = gone.filter(
      ({ id, path }) => !lost.has(id) && !asked.has(path) && (only === undefined || only.has(path)),
    )
    const needed = await findIdle(missing, seen, identified)
    if (needed.length === 0) break
    for (const file of needed) seen.add(file.path)
    await identify(needed, idsOf(missing))
    back.push(...missing)
    ;({ work, waiting } = await decide())
  }
  work = await markLate(work, back, knowledge, source.target)
  effects.report({ kind: 'stage-ended', stage: 'identify', summary: `${work.length} new` })
  // What has come since would make a second batch beside a pinned one, and these must be one.
  const anew = source.ready.unit === 'folder' || source.target.mode === 'replace'
  const { batches, stalePins } = planBatches(
    work.filter((item) => item.treatment.kind !== 'refuse').map((item) => item.version),
    anew ? [] : pinned,
    () => effects.newId(),
    limitsOf(source),
    [
      ...work.flatMap((item) =>
        item.takesBytesOf === undefined ? [] : [[item.version.path, item.takesBytesOf] as const],
      ),
      ...pairsOfUnits(work),
    ],
    new Map(work.flatMap(({ version, lateSince }) => (lateSince === undefined ? [] : [[version.path, lateSince]]))),
  )
  return {
    source: source.name,
    unchanged: classified.unchanged.flatMap(({ file }) => (seen.has(file.path) ? [] : [file])),
    listedAgain: [...passedBy].filter((path) => seen.has(path)),
    settling: classified.settling,
    waiting: [...looked.waiting, ...parted, ...waiting],
    tooOld: looked.tooOld,
    touched: [...identified.values()].filter((identity) => identity.kind === 'touched'),
    unreadable,
    work,
    batches,
    stalePins: anew ? pinned.map((pin) => pin.batch) : stalePins,
  }

  /** Listed files that are, as they lie there, one of these versions, and that nobody wanted to look at so far. */
  async function findIdle(
    versions: readonly FileRecord[],
    taken: ReadonlySet<string>,
    named: ReadonlyMap<string, Identity>,
  ): Promise<readonly SourceFile[]> {
    const paths = new Set(
      versions.map(({ path }) => path).filter((path) => !taken.has(path) || isTouched(named.get(path))),
    )
    for (const path of paths) asked.add(path)
    if (paths.size === 0) return []
    await knowledge.load([...paths])
    const held = files.filter((file) => paths.has(file.path))
    const rest = paths.difference(new Set(held.map((file) => file.path)))
    for (const path of rest) passedBy.add(path)
    const listed = rest.size === 0 ? held : [...held, ...(await listAgain(source, rest, options.exclude, effects))]
    const wanted = idsOf(versions)
    const { unchanged } = classifyListing(listed, known, { nowMs: 0, settleMs: 0, force: false })
    const touched = listed.flatMap((file) => touchedAs(named.get(file.path)))
    return [...unchanged, ...touched].flatMap(({ file, record }) => (wanted.has(record.id) ? [file] : []))
  }
}

function isTouched(identity: Identity | undefined): boolean {
  return identity?.kind === 'touched'
}

function touchedAs(identity: Identity | undefined): readonly Extract<Identity, { kind: 'touched' }>[] {
  return identity?.kind === 'touched' ? [identity] : []
}

function idsOf(records: readonly FileRecord[]): ReadonlySet<FileVersionId> {
  return new Set(records.map((record) => record.id))
}

/** It was written to between the look at the plan and now. The rest of the plan is as it was. */
function staleFile(): TidegateError {
  return new TidegateError('PLAN_STALE', 'the file has changed since the plan was made; the next run takes it')
}

interface TakenFiles extends Readiness {
  readonly tooOld: number
  /** Versions that were held only because of another file of their folder. */
  readonly unitHeld: readonly FileVersionId[]
}

async function takeReady(
  source: SourceConfig,
  { toHash, settling }: ClassifiedListing,
  known: ReadonlyMap<string, readonly FileRecord[]>,
  listed: readonly SourceFile[],
  options: PlanOptions,
  effects: Pick<PipelineEffects, 'store' | 'clock'>,
): Promise<TakenFiles> {
  const oldestMs = effects.clock.nowMs() - (source.maxFileAgeMs ?? Number.POSITIVE_INFINITY)
  const isOld = (file: SourceFile): boolean =>
    options.retry === undefined && file.modifiedAtMs < oldestMs && !known.has(file.path)
  const young = toHash.filter((file) => !isOld(file))
  const siblings = source.ready.unit === 'folder' ? heldSiblings(listed, young, settling, known) : []
  const readiness = await checkReadiness(
    source,
    [...young, ...siblings.map(({ file }) => file)],
    settling,
    effects.store,
    effects.clock.nowMs(),
  )
  return { ...readiness, tooOld: toHash.length - young.length, unitHeld: siblings.map(({ id }) => id) }
}

/** A folder is taken as a whole: where a file of it cannot be read now, the others wait. They are taken out of `identified`. */
function partUnits(
  identified: Map<string, Identity>,
  unreadable: readonly UnreadableFile[],
  refused: readonly UnreadableFile[],
): readonly WaitingFile[] {
  const missing = unreadable.filter((file) => !refused.includes(file))
  const culprits = new Map(missing.map(({ path }) => [folderOf(path), path]))
  return [...identified].flatMap(([path, identity]) => {
    const culprit = culprits.get(folderOf(path))
    if (culprit === undefined || identity.kind !== 'version') return []
    identified.delete(path)
    return [{ file: identity.version, reason: unitWaits(culprit) }]
  })
}

/** Each file of a unit with the first one: pairs that one commit must cover. */
function pairsOfUnits(work: readonly WorkItem[]): readonly (readonly [string, string])[] {
  const first = new Map<string, string>()
  return work.flatMap(({ version, unit, treatment }) => {
    if (unit === undefined || treatment.kind === 'refuse') return []
    const other = first.get(unit)
    if (other === undefined) first.set(unit, version.path)
    return other === undefined ? [] : [[version.path, other] as const]
  })
}
