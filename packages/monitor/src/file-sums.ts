import type { FileRecord, FileSums } from '@tidegate/core'

/** Sums of sums. Field by field, as tens of thousands of hours are added for one page. */
export function addSums(items: readonly FileSums[]): FileSums {
  const sum = {
    loaded: 0,
    held: 0,
    skipped: 0,
    repaired: 0,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsRejected: 0,
    rowsDropped: 0,
    rowsReplayed: 0,
    rowsDiscarded: 0,
    bytes: 0,
    scored: 0,
    scoreSum: 0,
  }
  let scoreMin: number | null = null
  for (const item of items) {
    sum.loaded += item.loaded
    sum.held += item.held
    sum.skipped += item.skipped
    sum.repaired += item.repaired
    sum.rowsRead += item.rowsRead
    sum.rowsLoaded += item.rowsLoaded
    sum.rowsRejected += item.rowsRejected
    sum.rowsDropped += item.rowsDropped
    sum.rowsReplayed += item.rowsReplayed
    sum.rowsDiscarded += item.rowsDiscarded
    sum.bytes += item.bytes
    sum.scored += item.scored
    sum.scoreSum += item.scoreSum
    if (item.scoreMin !== null && (scoreMin === null || item.scoreMin < scoreMin)) scoreMin = item.scoreMin
  }
  return { ...sum, scoreMin }
}

export function filesOf({ loaded, held, skipped }: FileSums): number {
  return loaded + held + skipped
}

/** Rows that the files brought into the target, at once or later out of quarantine. */
export function rowsBrought({ rowsLoaded, rowsReplayed }: FileSums): number {
  return rowsLoaded + rowsReplayed
}

/** Rows that the files lacked when they were judged: those that are in quarantine now, and those that left it since. */
export function rowsTurnedAway({ rowsRejected, rowsReplayed, rowsDiscarded }: FileSums): number {
  return rowsRejected + rowsReplayed + rowsDiscarded
}

/** Mean score of the files that have one. */
export function meanScore({ scored, scoreSum }: FileSums): number | null {
  return scored > 0 ? scoreSum / scored : null
}

export function sumsOfFile(file: FileRecord): FileSums {
  return {
    loaded: Number(file.outcome === 'loaded'),
    held: Number(file.outcome === 'held'),
    skipped: Number(file.outcome === 'skipped'),
    repaired: Number(file.repair !== undefined && file.outcome !== 'skipped'),
    rowsRead: file.rowsRead,
    rowsLoaded: file.rowsLoaded,
    rowsRejected: file.rowsRejected,
    rowsDropped: file.rowsDropped,
    rowsReplayed: file.rowsReplayed ?? 0,
    rowsDiscarded: file.rowsDiscarded ?? 0,
    bytes: file.bytes,
    scored: Number(file.score !== null),
    scoreSum: file.score ?? 0,
    scoreMin: file.score,
  }
}

/** Folder of a path below its source's root; empty for the root. */
export function parentOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at === -1 ? '' : path.slice(0, at)
}
