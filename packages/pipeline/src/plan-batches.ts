import type { FileVersion, PinnedBatch, SourceConfig } from '@tidegate/core'

export interface PlannedBatch {
  readonly batch: string
  readonly attempt: number
  readonly dataset: string
  readonly files: readonly FileVersion[]
  /** Its rows are as old as this entry: see `WorkItem.lateSince`. */
  readonly lateSince?: number | undefined
}

export interface BatchLimits {
  /** @defaultValue 2,048: an entry, its fsyncs and its index cost the same for one file and for thousands */
  readonly maxFiles: number
  /** @defaultValue 1 GiB; a larger file is a batch of its own */
  readonly maxBytes: number
}

export const BATCH_LIMITS: BatchLimits = { maxFiles: 2048, maxBytes: 2 ** 30 }

/**
 * The limits of a source. With mode `replace` the files of a run are one batch, however many: a second one would take away
 * what the first one brought.
 */
export function limitsOf(source: Pick<SourceConfig, 'maxFilesPerBatch' | 'maxBytesPerBatch' | 'target'>): BatchLimits {
  return source.target.mode === 'replace'
    ? { maxFiles: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
    : { maxFiles: source.maxFilesPerBatch, maxBytes: source.maxBytesPerBatch }
}

export interface BatchPlan {
  readonly batches: readonly PlannedBatch[]
  /** Pinned before a crash, and their files are no longer what they were: forgotten. */
  readonly stalePins: readonly string[]
}

/**
 * Cuts the new file versions into batches of one dataset each, in path order. A batch that was pinned by a run that died
 * keeps its id and its file set, with the next attempt number, as long as each of its files is still the same bytes and
 * nothing that has to go with one of them is left out.
 *
 * @param together pairs of paths that one commit must cover (files that swap or rotate their bytes); they share a batch
 * whatever the limits say
 * @param lateSince age of what comes late, by path. Such files come after all others, what is newest first, and share no
 * batch with files of another age
 */
export function planBatches(
  versions: readonly FileVersion[],
  pinned: readonly PinnedBatch[],
  newBatchId: () => string,
  limits: BatchLimits = BATCH_LIMITS,
  together: readonly (readonly [string, string])[] = [],
  lateSince: ReadonlyMap<string, number> = new Map(),
): BatchPlan {
  const planned = new Set(versions.map(({ path }) => path))
  const pairs = together.filter(([one, other]) => planned.has(one) && planned.has(other))
  const byPath = new Map(versions.map((version) => [version.path, version]))
  const batches: PlannedBatch[] = []
  const stalePins: string[] = []
  for (const pin of pinned) {
    const files = pin.files.map((file) => byPath.get(file.path))
    const same = files.every((version, index): version is FileVersion => {
      const wanted = pin.files[index]
      return version !== undefined && version.contentHash === wanted?.hash && version.ordinal === wanted.ordinal
    })
    const ages = new Set(pin.files.map(({ path }) => lateSince.get(path)))
    if (!same || files.length === 0 || ages.size > 1 || isParted(pin, pairs)) {
      stalePins.push(pin.batch)
      continue
    }
    for (const version of files) if (version !== undefined) byPath.delete(version.path)
    const [since] = ages
    const batch = { batch: pin.batch, attempt: pin.attempt + 1, dataset: pin.dataset, files: files as FileVersion[] }
    batches.push(since === undefined ? batch : { ...batch, lateSince: since })
  }
  for (const [since, some] of Map.groupBy(byPath.values(), ({ path }) => lateSince.get(path))) {
    for (const files of cut(groupsOf(some, pairs), limits)) {
      const batch = { batch: newBatchId(), attempt: 1, dataset: files[0]?.dataset ?? '', files }
      batches.push(since === undefined ? batch : { ...batch, lateSince: since })
    }
  }
  return { batches: lateSince.size === 0 ? batches : batches.toSorted(newestFirst), stalePins }
}

/** What is not late is newest. */
function newestFirst(a: PlannedBatch, b: PlannedBatch): number {
  const [one, other] = [a.lateSince ?? Number.MAX_VALUE, b.lateSince ?? Number.MAX_VALUE]
  return other - one
}

/** Whether it has one of two files that one commit must cover, and not the other: it was pinned before the other one came. */
function isParted({ files }: PinnedBatch, pairs: readonly (readonly [string, string])[]): boolean {
  if (pairs.length === 0) return false
  const own = new Set(files.map(({ path }) => path))
  return pairs.some(([one, other]) => own.has(one) !== own.has(other))
}

/** Groups that must not be parted, in the order of their first paths; most are of one file. */
function groupsOf(versions: readonly FileVersion[], together: readonly (readonly [string, string])[]): FileVersion[][] {
  const sorted = versions.toSorted((a, b) => compare(a.dataset, b.dataset) || compare(a.path, b.path))
  if (together.length === 0) return sorted.map((version) => [version])
  const leaders = new Map(sorted.map((version) => [version.path, version.path]))
  const leaderOf = (path: string): string => {
    let leader = path
    for (let next = leaders.get(leader); next !== undefined && next !== leader; next = leaders.get(leader))
      leader = next
    leaders.set(path, leader)
    return leader
  }
  for (const [one, other] of together)
    if (leaders.has(one) && leaders.has(other)) leaders.set(leaderOf(one), leaderOf(other))
  return [...Map.groupBy(sorted, (version) => `${version.dataset}\0${leaderOf(version.path)}`).values()]
}

function cut(groups: readonly FileVersion[][], limits: BatchLimits): FileVersion[][] {
  const batches: FileVersion[][] = []
  let bytes = 0
  for (const group of groups) {
    const more = group.reduce((sum, version) => sum + version.sizeBytes, 0)
    const current = batches.at(-1)
    const fits =
      current !== undefined &&
      current[0]?.dataset === group[0]?.dataset &&
      current.length + group.length <= limits.maxFiles &&
      bytes + more <= limits.maxBytes
    if (fits) {
      current.push(...group)
      bytes += more
    } else {
      batches.push([...group])
      bytes = more
    }
  }
  return batches
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
