import {
  codeOf,
  messageOf,
  type DiscoveredFile,
  type FileRecord,
  type FileVersionId,
  type PinnedBatch,
  type SourceConfig,
  type SourceFile,
} from '@tidegate/core'
import { datasetOf } from './dataset-of.ts'
import { decideTreatments, leavingVersions, type WorkItem } from './decide-treatment.ts'
import type { PipelineEffects } from './effects.ts'
import { classifyListing, identifyVersion, lostDuplicates, type Identity } from './identify.ts'
import { mapParallel } from './parallel.ts'
import { BATCH_LIMITS, planBatches, type PlannedBatch } from './plan-batches.ts'

/** What a run would do with a source. Printable; nothing has been changed. */
export interface SourcePlan {
  readonly source: string
  readonly filesSeen: number
  readonly unchanged: readonly SourceFile[]
  readonly settling: readonly SourceFile[]
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
  readonly workers: number
}

/** Lists a source, without reading a byte of its files. */
export async function listSource(
  source: SourceConfig,
  exclude: readonly string[],
  effects: Pick<PipelineEffects, 'store' | 'report' | 'signal'>,
): Promise<readonly DiscoveredFile[]> {
  const found: DiscoveredFile[] = []
  effects.report({ kind: 'stage-started', stage: 'discover' })
  for await (const item of effects.store.discover({ root: source.root, pattern: source.pattern, exclude })) {
    effects.signal.throwIfAborted()
    found.push(item)
    effects.report({ kind: 'stage-advanced', stage: 'discover', files: 1 })
  }
  effects.report({
    kind: 'stage-ended',
    stage: 'discover',
    summary: found.length === 1 ? '1 file' : `${found.length} files`,
  })
  return found
}

/** Datasets that the files of a listing belong to. */
export function datasetsOf(source: SourceConfig, listing: readonly DiscoveredFile[]): readonly string[] {
  const datasets = new Set<string>()
  for (const item of listing)
    if (item.kind === 'file') datasets.add(datasetOf(source.dataset, source.name, item.file.path))
  return [...datasets].sort()
}

/** Decides what is new and what is to be done with it. Reads new files once, to hash them. */
export async function planSource(
  source: SourceConfig,
  listing: readonly DiscoveredFile[],
  known: ReadonlyMap<string, readonly FileRecord[]>,
  pinned: readonly PinnedBatch[],
  options: PlanOptions,
  effects: Pick<PipelineEffects, 'store' | 'clock' | 'report' | 'signal' | 'newId'>,
): Promise<SourcePlan> {
  const files = listing.flatMap((item) => (item.kind === 'file' ? [item.file] : []))
  const unreadable: UnreadableFile[] = listing.flatMap((item) =>
    item.kind === 'unreadable' ? [{ path: item.path, code: item.code, message: item.message }] : [],
  )
  const retry = options.retry
  const relevant = retry === undefined ? files : files.filter((file) => retry.has(file.path))
  const again = options.force || retry !== undefined
  const lost = lostDuplicates(known)
  const classified = classifyListing(relevant, known, {
    nowMs: effects.clock.nowMs(),
    settleMs: source.ready.settleMs,
    force: again,
    lost,
  })
  const identified = new Map<string, Identity>()
  const identify = (toHash: readonly SourceFile[], missing: ReadonlySet<FileVersionId>): Promise<unknown> =>
    mapParallel(toHash, options.workers, async (file) => {
      effects.signal.throwIfAborted()
      try {
        const hash = await effects.store.hash(file.uri, effects.signal)
        const versions = known.get(file.path) ?? []
        const identity = identifyVersion(file, hash, versions, {
          source: source.name,
          dataset: datasetOf(source.dataset, source.name, file.path),
          force: again || versions.some((version) => version.hash === hash && missing.has(version.id)),
        })
        identified.set(file.path, identity)
      } catch (error) {
        if (effects.signal.aborted) throw error
        identified.delete(file.path)
        unreadable.push({ path: file.path, code: codeOf(error) ?? 'SOURCE_UNREADABLE', message: messageOf(error) })
      }
      effects.report({ kind: 'stage-advanced', stage: 'identify', files: 1, bytes: file.sizeBytes })
    })
  effects.report({ kind: 'stage-started', stage: 'identify', files: classified.toHash.length })
  await identify(classified.toHash, lost)
  let work = decideWork(identified, known, source)
  // A skipped copy is needed when its original leaves in this very run; its own older rows may leave then in their turn.
  const seen = new Set([...classified.toHash, ...classified.settling].map((file) => file.path))
  const idle = idleFiles(files, seen, identified, known)
  for (;;) {
    const missing = lostDuplicates(known, leavingVersions(work))
    const needed = files.filter((file) => {
      const id = idle.get(file.path)
      return id !== undefined && missing.has(id) && !lost.has(id)
    })
    if (needed.length === 0) break
    for (const file of needed) {
      idle.delete(file.path)
      seen.add(file.path)
    }
    await identify(needed, missing)
    work = decideWork(identified, known, source)
  }
  effects.report({ kind: 'stage-ended', stage: 'identify', summary: `${work.length} new` })
  const { batches, stalePins } = planBatches(
    work.filter((item) => item.treatment.kind !== 'refuse').map((item) => item.version),
    pinned,
    () => effects.newId(),
    BATCH_LIMITS,
    work.flatMap((item) => (item.takesBytesOf === undefined ? [] : [[item.version.path, item.takesBytesOf] as const])),
  )
  return {
    source: source.name,
    filesSeen: listing.length,
    unchanged: classified.unchanged.flatMap(({ file }) => (seen.has(file.path) ? [] : [file])),
    settling: classified.settling,
    touched: [...identified.values()].filter((identity) => identity.kind === 'touched'),
    unreadable,
    work,
    batches,
    stalePins,
  }
}

function decideWork(
  identified: ReadonlyMap<string, Identity>,
  known: ReadonlyMap<string, readonly FileRecord[]>,
  source: SourceConfig,
): readonly WorkItem[] {
  // Of two files with the same bytes, the one that was there first is the original.
  const fresh = [...identified.values()]
    .filter((identity) => identity.kind === 'version')
    .toSorted((a, b) => a.version.modifiedAtMs - b.version.modifiedAtMs || (a.version.path < b.version.path ? -1 : 1))
  return decideTreatments(fresh, liveByHash(known), source).toSorted((a, b) =>
    a.version.path < b.version.path ? -1 : 1,
  )
}

/** Listed files with nothing new about them, each with the version that it is; also those that a retry did not ask for. */
function idleFiles(
  files: readonly SourceFile[],
  seen: ReadonlySet<string>,
  identified: ReadonlyMap<string, Identity>,
  known: ReadonlyMap<string, readonly FileRecord[]>,
): Map<string, FileVersionId> {
  const rest = files.filter((file) => !seen.has(file.path))
  const { unchanged } = classifyListing(rest, known, { nowMs: 0, settleMs: 0, force: false })
  const touched = [...identified.values()].filter((identity) => identity.kind === 'touched')
  return new Map([...unchanged, ...touched].map(({ file, record }) => [file.path, record.id]))
}

function liveByHash(known: ReadonlyMap<string, readonly FileRecord[]>): Map<string, FileRecord> {
  const live = new Map<string, FileRecord>()
  for (const versions of known.values()) {
    for (const record of versions) {
      if (!record.live) continue
      live.set(`${record.dataset}\0${record.hash}`, record)
      // What was read of a damaged file can be, byte for byte, the sound file that comes later.
      if (record.repair !== undefined) live.set(`${record.dataset}\0${record.repair.repairedSha256}`, record)
    }
  }
  return live
}
