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
import { judgeBytes, type Expected } from './control-file.ts'
import { datasetOf, folderOf } from './dataset-of.ts'
import { decideTreatments, leavingVersions, type Candidate, type Treatment, type WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import { classifyListing, identifyVersion, type ClassifiedListing, type Identity } from './identify.ts'
import type { Knowledge } from './knowledge.ts'
import { mapParallel } from './parallel.ts'
import { limitsOf, planBatches, type PlannedBatch } from './plan-batches.ts'
import { checkReadiness, unitWaits, type Readiness, type WaitingFile } from './readiness.ts'
import { decideResends } from './resend.ts'
import { listAgain, type Survey } from './survey-source.ts'

/** What a run would do with a source. Printable; nothing has been changed. */
export interface SourcePlan {
  readonly source: string
  /** Of the files that were looked at: those that the survey passed by are its count. */
  readonly unchanged: readonly SourceFile[]
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
  const lost = idsOf(await knowledge.lostDuplicates())
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
  const parted = source.ready.unit === 'folder' ? partUnits(identified, unreadable, looked.refused) : []
  const decide = (): Promise<DecidedWork> => decideWork(identified, knowledge, source, looked.expected, options)
  let { work, waiting } = await decide()
  // A skipped copy is needed when its original leaves in this very run; its own older rows may leave then in their turn.
  const seen = new Set([...classified.toHash, ...classified.settling, ...looked.ready].map((file) => file.path))
  const asked = new Set<string>()
  for (;;) {
    const leaving = leavingVersions(work)
    if (leaving.size === 0) break
    const missing = (await knowledge.lostDuplicates(leaving)).filter(
      ({ id, path }) => !lost.has(id) && !asked.has(path) && (only === undefined || only.has(path)),
    )
    const needed = await findIdle(missing, seen, identified)
    if (needed.length === 0) break
    for (const file of needed) seen.add(file.path)
    await identify(needed, idsOf(missing))
    ;({ work, waiting } = await decide())
  }
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
  )
  return {
    source: source.name,
    unchanged: classified.unchanged.flatMap(({ file }) => (seen.has(file.path) ? [] : [file])),
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
  )
  return { ...readiness, tooOld: toHash.length - young.length, unitHeld: siblings.map(({ id }) => id) }
}

/**
 * Files of a folder that are in quarantine: when something of the folder is new, all are judged, those to blame too. What is
 * another edition of a file waits for a person.
 */
function heldSiblings(
  listed: readonly SourceFile[],
  fresh: readonly SourceFile[],
  settling: readonly SourceFile[],
  known: ReadonlyMap<string, readonly FileRecord[]>,
): readonly { readonly file: SourceFile; readonly id: FileVersionId }[] {
  const folders = new Set([...fresh, ...settling].map((file) => folderOf(file.path)))
  const own = new Set([...fresh, ...settling].map((file) => file.path))
  return listed.flatMap((file) => {
    if (own.has(file.path) || !folders.has(folderOf(file.path))) return []
    const newest = known.get(file.path)?.at(-1)
    const waits = newest?.outcome === 'held' && newest.reasons.every((reason) => reason.check !== 'RESEND_HELD')
    return waits ? [{ file, id: newest.id }] : []
  })
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

interface DecidedWork {
  readonly work: readonly WorkItem[]
  readonly waiting: readonly WaitingFile[]
}

async function decideWork(
  identified: ReadonlyMap<string, Identity>,
  knowledge: Knowledge,
  source: SourceConfig,
  expected: ReadonlyMap<string, Expected>,
  options: Pick<PlanOptions, 'existingUntilMs'>,
): Promise<DecidedWork> {
  // Of two files with the same bytes, the one that was there first is the original.
  const fresh = [...identified.values()]
    .filter((identity) => identity.kind === 'version')
    .toSorted((a, b) => a.version.modifiedAtMs - b.version.modifiedAtMs || (a.version.path < b.version.path ? -1 : 1))
  if (fresh.length === 0) return { work: [], waiting: [] }
  const resends =
    source.resend === undefined
      ? undefined
      : await decideResends(
          fresh.map(({ version }) => version),
          knowledge,
          source.resend,
        )
  const waiting: WaitingFile[] = []
  const candidates = fresh.flatMap((identity): readonly Candidate[] => {
    const { version, again } = identity
    const settled = settledBefore(version, expected.get(version.path), options.existingUntilMs)
    const resend = resends?.get(version.path)
    if (resend?.kind === 'wait') {
      if (settled === undefined && !again) {
        waiting.push({ file: version, reason: resend.reason })
        return []
      }
    }
    const candidate: Candidate = {
      ...identity,
      expected: expected.get(version.path),
      unit: source.ready.unit === 'folder' ? folderOf(version.path) : undefined,
      resend: resend?.kind === 'wait' ? undefined : resend,
      settled,
    }
    return [candidate]
  })
  const live = byHash(await knowledge.liveByHash([...new Set(fresh.map(({ version }) => version.contentHash))]))
  const work = decideTreatments(candidates, live, source).toSorted((a, b) => (a.version.path < b.version.path ? -1 : 1))
  return waitForRefused(work, waiting)
}

/** Where a person has to decide over a file, the rest of its unit waits. */
function waitForRefused(work: readonly WorkItem[], waiting: readonly WaitingFile[]): DecidedWork {
  const culprits = new Map(
    work.flatMap(({ unit, treatment, version }) =>
      unit !== undefined && treatment.kind === 'refuse' ? [[unit, version.path] as const] : [],
    ),
  )
  if (culprits.size === 0) return { work, waiting }
  const waits = ({ unit, treatment }: WorkItem): boolean =>
    unit !== undefined && culprits.has(unit) && treatment.kind !== 'refuse'
  const late = work.filter(waits).map(({ version, unit }) => ({
    file: version,
    reason: unitWaits(culprits.get(unit ?? '') ?? ''),
  }))
  return { work: work.filter((item) => !waits(item)), waiting: [...waiting, ...late] }
}

function settledBefore(
  version: FileVersion,
  expected: Expected | undefined,
  existingUntilMs: number | undefined,
): Treatment | undefined {
  if (existingUntilMs !== undefined && version.modifiedAtMs <= existingUntilMs) {
    const message = 'it was there before the first run (include_existing: false)'
    return { kind: 'skip', reason: { check: 'FILE_EXISTING', severity: 'info', message } }
  }
  const wrong = expected === undefined ? undefined : judgeBytes(expected, version)
  return wrong === undefined ? undefined : { kind: 'hold', reason: wrong }
}

function byHash(records: readonly FileRecord[]): Map<string, FileRecord> {
  const live = new Map<string, FileRecord>()
  for (const record of records) {
    live.set(`${record.dataset}\0${record.hash}`, record)
    // What was read of a damaged file can be, byte for byte, the sound file that comes later.
    if (record.repair !== undefined) live.set(`${record.dataset}\0${record.repair.repairedSha256}`, record)
  }
  return live
}
