import { TidegateError, type Destination, type KnownDataset, type Ledger } from '@tidegate/core'

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
 * Where there are several targets, rows elsewhere are those of a target that was taken out of the configuration, unless one
 * of the others has no rows of the dataset at all: then that one may be the place to which it was moved.
 *
 * @param locationOf the configured targets of a dataset; none or undefined where the run has nothing to do with it
 */
export function movedTarget(
  source: string,
  known: readonly KnownDataset[],
  locationOf: (dataset: string) => string | readonly string[] | undefined,
): TidegateError | undefined {
  const strays = new Map<string, KnownDataset>()
  const used = new Set<string>()
  const homes = new Map<string, readonly string[]>()
  for (const one of known) {
    if (!one.live) continue
    let own = homes.get(one.dataset)
    if (own === undefined) homes.set(one.dataset, (own = [locationOf(one.dataset) ?? []].flat()))
    if (own.includes(one.location)) used.add(one.location)
    else if (own.length > 0) strays.set(one.dataset, one)
  }
  for (const stray of strays.values()) {
    const own = homes.get(stray.dataset) ?? []
    const location = own.length === 1 ? own[0] : own.find((home) => !used.has(home))
    if (location !== undefined) {
      return new TidegateError(
        'CONFIG_TARGET_MOVED',
        `dataset ${JSON.stringify(stray.dataset)} of source ${JSON.stringify(source)} has rows in ${stray.location}, and the configuration says ${location}`,
        {
          dataNow: 'Nothing was read or written.',
          hint: 'Give the path back; or move the folder to the new path and run `tidegate state rebuild`. Without the move, a rebuild makes the next ingest load every file into the new target.',
        },
      )
    }
  }
  return undefined
}
