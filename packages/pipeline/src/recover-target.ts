import { TidegateError, type Destination, type FileRecord, type Ledger } from '@tidegate/core'

export interface Recovery {
  /** Log entries that the state did not know. */
  readonly indexed: number
  /** Parts that were committed and not visible yet. */
  readonly published: number
  readonly unknown: readonly string[]
}

/**
 * Before any work: what readers see is brought in line with the log, and the state's index with both. Makes a run after a
 * kill, and a run with a lost state database, start from the truth beside the data.
 *
 * @throws TidegateError `LEDGER_BEHIND_STATE` when the log lacks entries that the state has indexed: a lost target must not
 *   look like one with nothing to do
 */
export async function recoverTarget(destination: Destination, source: string, ledger: Ledger): Promise<Recovery> {
  const report = await destination.recover()
  const since = await ledger.indexedSeq(destination.location)
  if (report.lastSeq < since) throw behindState(destination.location, report.lastSeq, since)
  let indexed = 0
  let fence = 0
  for await (const entry of destination.tail(since)) {
    await ledger.indexEntry(destination.location, entry)
    if (entry.source === source) fence = Math.max(fence, entry.fence)
    indexed += 1
  }
  if (fence > 0) await ledger.raiseFence(source, fence)
  return { indexed, published: report.published, unknown: report.unknown }
}

/** The log of a target ends before the entry that the state knows: the target was lost, emptied, or is not mounted. */
export function behindState(location: string, lastSeq: number, indexedSeq: number): TidegateError {
  return new TidegateError(
    'LEDGER_BEHIND_STATE',
    `the log of ${location} ends at entry ${lastSeq}, and the state has indexed ${indexedSeq}: the target was lost or is not mounted`,
    {
      dataNow: 'Nothing was read or written.',
      hint: 'Mount or restore the target. If it is meant to be empty, `tidegate state rebuild` forgets what was there, and the next ingest loads every file again.',
    },
  )
}

/**
 * Live rows of a dataset that lie in another target than the configured one would be forgotten there, and files that
 * replace them could never be committed.
 *
 * @param locationOf the configured target of a dataset, undefined where the run has nothing to do with it
 */
export function movedTarget(
  source: string,
  known: ReadonlyMap<string, readonly FileRecord[]>,
  locationOf: (dataset: string) => string | undefined,
): TidegateError | undefined {
  for (const versions of known.values()) {
    for (const version of versions) {
      const location = locationOf(version.dataset)
      if (!version.live || location === undefined || location === version.location) continue
      return new TidegateError(
        'CONFIG_TARGET_MOVED',
        `dataset ${JSON.stringify(version.dataset)} of source ${JSON.stringify(source)} has rows in ${version.location}, and the configuration says ${location}`,
        {
          dataNow: 'Nothing was read or written.',
          hint: 'Give the path back; or move the folder to the new path and run `tidegate state rebuild`. Without the move, a rebuild makes the next ingest load every file into the new target.',
        },
      )
    }
  }
  return undefined
}
