/** What one target knows of a source's files, asked for as far as a run needs it. */
import type { FileRecord, FileVersionId, Ledger } from '@tidegate/core'
import type { Survey } from './survey-source.ts'

export interface Knowledge {
  /** Of the files that need a look, oldest first per path. */
  readonly versions: ReadonlyMap<string, readonly FileRecord[]>
  /** Of any path: puts what is known into `versions`. */
  load(paths: readonly string[]): Promise<void>
  /** See `Ledger.lostDuplicates`. */
  lostDuplicates(leaving?: ReadonlySet<FileVersionId>): Promise<readonly FileRecord[]>
  liveByHash(hashes: readonly string[]): Promise<readonly FileRecord[]>
  /** Everything known of the paths that a test picks, among all there are. */
  find(isWanted: (path: string) => boolean): Promise<ReadonlyMap<string, readonly FileRecord[]>>
  /** Live versions of a dataset, the newest first. */
  newestLive(dataset: string, limit: number): Promise<readonly FileRecord[]>
}

export type KnownLedger = Pick<
  Ledger,
  'versionsOf' | 'lostDuplicates' | 'liveByHash' | 'knownStamps' | 'listFiles' | 'knownDatasets'
>

/** @param locations the ledgers of the target; undefined where the source has only one, and all that is known counts */
export function knowledgeOf(
  source: string,
  survey: Pick<Survey, 'versions'>,
  locations: ReadonlySet<string> | undefined,
  ledger: KnownLedger,
): Knowledge {
  const own = (records: readonly FileRecord[]): readonly FileRecord[] =>
    locations === undefined ? records : records.filter((record) => locations.has(record.location))
  const versions = new Map<string, readonly FileRecord[]>()
  const note = (path: string, records: readonly FileRecord[]): void => {
    const here = own(records)
    if (here.length > 0) versions.set(path, here)
  }
  for (const [path, records] of survey.versions) note(path, records)
  return {
    versions,
    async load(paths) {
      for (const [path, records] of await ledger.versionsOf(source, paths)) {
        survey.versions.set(path, records)
        note(path, records)
      }
    },
    lostDuplicates: async (leaving) => own(await ledger.lostDuplicates(source, leaving)),
    liveByHash: async (hashes) => own(await ledger.liveByHash(source, hashes)),
    async find(isWanted) {
      const wanted = new Set<string>()
      for await (const page of ledger.knownStamps(source))
        for (const { path } of page) if (isWanted(path)) wanted.add(path)
      const found = await ledger.versionsOf(source, [...wanted])
      return new Map(Array.from(found, ([path, records]) => [path, own(records)] as const))
    },
    newestLive: async (dataset, limit) => own(await ledger.listFiles({ source, dataset, liveOnly: true, limit })),
  }
}
