import type { FileVersion, PinnedBatch } from '@tidegate/core'

export interface PlannedBatch {
  readonly batch: string
  readonly attempt: number
  readonly dataset: string
  readonly files: readonly FileVersion[]
}

export interface BatchLimits {
  /** @defaultValue 32 */
  readonly maxFiles: number
  /** @defaultValue 1 GiB; a larger file is a batch of its own */
  readonly maxBytes: number
}

export const BATCH_LIMITS: BatchLimits = { maxFiles: 32, maxBytes: 2 ** 30 }

export interface BatchPlan {
  readonly batches: readonly PlannedBatch[]
  /** Pinned before a crash, and their files are no longer what they were: forgotten. */
  readonly stalePins: readonly string[]
}

/**
 * Cuts the new file versions into batches of one dataset each, in path order. A batch that was pinned by a run that died
 * keeps its id and its file set, with the next attempt number, as long as each of its files is still the same bytes.
 */
export function planBatches(
  versions: readonly FileVersion[],
  pinned: readonly PinnedBatch[],
  newBatchId: () => string,
  limits: BatchLimits = BATCH_LIMITS,
): BatchPlan {
  const byPath = new Map(versions.map((version) => [version.path, version]))
  const batches: PlannedBatch[] = []
  const stalePins: string[] = []
  for (const pin of pinned) {
    const files = pin.files.map((file) => byPath.get(file.path))
    const same = files.every((version, index): version is FileVersion => {
      const wanted = pin.files[index]
      return version !== undefined && version.contentHash === wanted?.hash && version.ordinal === wanted.ordinal
    })
    if (!same || files.length === 0) {
      stalePins.push(pin.batch)
      continue
    }
    for (const version of files) if (version !== undefined) byPath.delete(version.path)
    batches.push({ batch: pin.batch, attempt: pin.attempt + 1, dataset: pin.dataset, files: files as FileVersion[] })
  }
  for (const files of cut([...byPath.values()], limits)) {
    batches.push({ batch: newBatchId(), attempt: 1, dataset: files[0]?.dataset ?? '', files })
  }
  return { batches, stalePins }
}

function cut(versions: readonly FileVersion[], limits: BatchLimits): FileVersion[][] {
  const sorted = versions.toSorted((a, b) => compare(a.dataset, b.dataset) || compare(a.path, b.path))
  const batches: FileVersion[][] = []
  let bytes = 0
  for (const version of sorted) {
    const current = batches.at(-1)
    const fits =
      current !== undefined &&
      current[0]?.dataset === version.dataset &&
      current.length < limits.maxFiles &&
      bytes + version.sizeBytes <= limits.maxBytes
    if (fits) {
      current.push(version)
      bytes += version.sizeBytes
    } else {
      batches.push([version])
      bytes = version.sizeBytes
    }
  }
  return batches
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
