import type { CheckResult, Reason } from './check-result.ts'
import type { FileVersionId, Stamp } from './file-version.ts'
import type { ContractVersion } from './history-facts.ts'
import type { FileOutcome, FileRepair, LedgerEntry } from './ledger-entry.ts'
import type { JsonValue } from './json.ts'
import type { AlertSignal } from './operations/alert-types.ts'

export type RunStatus =
  | 'running'
  | 'ok'
  | 'nothing-new'
  | 'gate-failed'
  | 'partial'
  | 'failed'
  /** Found open after its process died: a later run continued. */
  | 'interrupted'

/** One execution of a command for one source. All times Unix milliseconds, UTC. */
export interface RunRecord {
  readonly id: string
  readonly command: 'ingest' | 'profile' | 'validate-source' | 'load' | 'replay' | 'release' | 'discard'
  readonly source: string
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly status: RunStatus
  readonly filesSeen: number
  readonly filesLoaded: number
  readonly filesHeld: number
  readonly filesSkipped: number
  readonly filesFailed: number
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly bytesRead: number
  readonly errorCode: string | null
  readonly errorMessage: string | null
  readonly watermarkValue: string | null
  /** Highest resident bytes of this process and its engine together; null where nobody measured. */
  readonly peakMemoryBytes?: number | null | undefined
  /** Id of the plan that it ran (`--plan-id`), else null. */
  readonly plan?: string | null | undefined
}

/** What is known of one file version. */
export interface FileRecord {
  readonly id: FileVersionId
  readonly source: string
  readonly dataset: string
  readonly path: string
  readonly ordinal: number
  readonly uri: string
  readonly stamp: Stamp
  readonly bytes: number
  readonly modifiedAtMs: number
  readonly hash: string
  readonly outcome: FileOutcome
  /** Its rows are in the target now (false once a newer version replaced it, or all its rows were superseded). */
  readonly live: boolean
  /** read = loaded + rejected + replayed + discarded + dropped (invariant 3). */
  readonly rowsRead: number
  /** Rows that came in when the file was judged. */
  readonly rowsLoaded: number
  /** Rows that are in quarantine now: what was replayed or discarded since has left. */
  readonly rowsRejected: number
  readonly rowsDropped: number
  /** Rows that came in later, out of quarantine. */
  readonly rowsReplayed?: number | undefined
  /** Rows that a person gave up. */
  readonly rowsDiscarded?: number | undefined
  /** Of the rows that came in, those that later batches took away (replace, upsert). */
  readonly rowsSuperseded?: number | undefined
  readonly score: number | null
  readonly verdict: string
  readonly reasons: readonly Reason[]
  readonly duplicateOf: FileVersionId | null
  readonly quarantinePath: string | null
  /** Absent where the file was read as it came. */
  readonly repair?: FileRepair | undefined
  readonly batch: string
  readonly run: string
  /** The ledger and the entry in it that decided. */
  readonly location: string
  readonly seq: number
  readonly decidedAtMs: number
  /** Milliseconds this file took to check and load, where measured. */
  readonly durationMs: number | null
}

/** A file that could not be judged (read error, crash): not in any ledger, tried again on the next run. */
export interface FileFailure {
  readonly source: string
  readonly dataset: string
  readonly path: string
  readonly stamp: Stamp
  readonly run: string
  readonly code: string
  readonly message: string
  readonly failedAtMs: number
  readonly attempts: number
}

export interface CheckRecord {
  readonly run: string
  readonly source: string
  readonly dataset: string
  readonly file: FileVersionId
  readonly checkedAtMs: number
  readonly result: CheckResult
}

export interface WatermarkRecord {
  readonly source: string
  readonly value: string
  readonly type: string
  readonly updatedAtMs: number
  readonly recordsProcessed: number
  readonly metadata: Readonly<Record<string, JsonValue>>
}

/** A batch whose file set was fixed before its files were read, so that a resume reads the same set. */
export interface PinnedBatch {
  readonly batch: string
  readonly run: string
  readonly source: string
  readonly dataset: string
  readonly location: string
  readonly attempt: number
  readonly files: readonly { readonly path: string; readonly hash: string; readonly ordinal: number }[]
  readonly pinnedAtMs: number
}

export interface LeaseOwner {
  /** `host:pid:process start time`: on the same host a dead owner is recognised without waiting for the expiry. */
  readonly id: string
  /** What it is doing, for people: `tidegate ingest flights (pid 4711)`. */
  readonly what: string
}

export type LeaseOutcome =
  | { readonly kind: 'acquired'; readonly fence: number }
  | { readonly kind: 'held'; readonly by: LeaseOwner; readonly sinceMs: number; readonly expiresAtMs: number }

/** What readers of the past may do: monitor, the terminal, the page. */
export interface HistoryReader {
  listRuns(filter?: HistoryFilter): Promise<readonly RunRecord[]>
  listFiles(filter?: FileFilter): Promise<readonly FileRecord[]>
  listFailures(filter?: HistoryFilter): Promise<readonly FileFailure[]>
  listChecks(filter?: CheckFilter): Promise<readonly CheckRecord[]>
  listWatermarks(): Promise<readonly WatermarkRecord[]>
  listLeases(
    nowMs: number,
  ): Promise<readonly { readonly source: string; readonly owner: LeaseOwner; readonly expiresAtMs: number }[]>
}

export interface HistoryFilter {
  readonly source?: string | undefined
  readonly sinceMs?: number | undefined
  /** Newest first when given. */
  readonly limit?: number | undefined
}

export interface CheckFilter extends HistoryFilter {
  /** Only checks that failed or could not be evaluated. @defaultValue false */
  readonly failedOnly?: boolean | undefined
  readonly dataset?: string | undefined
  /** Id of the check. */
  readonly check?: string | undefined
  readonly file?: FileVersionId | undefined
  readonly run?: string | undefined
  /** Only results that come after this one in the list, which is newest first then. */
  readonly after?:
    | { readonly checkedAtMs: number; readonly run: string; readonly file: string; readonly check: string }
    | undefined
}

export interface FileFilter extends HistoryFilter {
  readonly outcome?: FileOutcome | undefined
  readonly dataset?: string | undefined
  /** Exact path below the source's root, or a trailing part of it. */
  readonly path?: string | undefined
  /** Only files whose rows are in the target now. @defaultValue false */
  readonly liveOnly?: boolean | undefined
  /** Only files that were read from a repaired copy. @defaultValue false */
  readonly repairedOnly?: boolean | undefined
}

/**
 * The versions of one path in one ledger, in short: enough to see that nothing is new about a listed file. The file is
 * known when its stamp is the newest's or the newest loaded one's.
 */
export interface KnownStamp {
  readonly path: string
  readonly location: string
  readonly newest: KnownVersion
  /** The newest version with outcome `loaded`; often the same object. */
  readonly newestLoaded: KnownVersion | undefined
}

export interface KnownVersion {
  readonly id: FileVersionId
  readonly ordinal: number
  readonly stamp: Stamp
  readonly outcome: FileOutcome
  readonly live: boolean
}

/** A dataset that a source has entries for in a ledger. */
export interface KnownDataset {
  readonly dataset: string
  readonly location: string
  /** Whether rows of the source are in it now. */
  readonly live: boolean
}

/** What the last listing of a source saw of its folders. Losing it costs a listing. */
export interface Listing {
  /** What it depends on, in short: another scope, and nothing of it counts. */
  readonly scope: string
  /** When everything was listed, Unix milliseconds. */
  readonly fullAtMs: number
  /** False where a folder got a file without its stamp moving: no folder may be passed over. */
  readonly isTrusted: boolean
}

export interface ListedFolder {
  /** Path below the source's root, `''` for the root. */
  readonly folder: string
  /** Undefined where its entries can change without one. */
  readonly stamp: string | undefined
  /** When it was first seen with this stamp, Unix milliseconds. */
  readonly sinceMs: number
  /** Nothing in it needed a look. */
  readonly isDone: boolean
}

export interface ListingChange extends Listing {
  /** Folders that are new or changed; the others stay. */
  readonly folders: readonly ListedFolder[]
  readonly gone: readonly string[]
}

export interface StampChange {
  readonly id: FileVersionId
  /** The ledger that is meant. @defaultValue every one that has this version */
  readonly location?: string | undefined
  readonly stamp: Stamp
  readonly modifiedAtMs: number
}

/** What the ingest pipeline asks of the state database. Everything here can be rebuilt from the ledgers, but for the runs. */
export interface Ledger extends HistoryReader {
  acquireLease(source: string, owner: LeaseOwner, nowMs: number, ttlMs: number): Promise<LeaseOutcome>
  /** False when the lease was lost; the caller stops. */
  renewLease(source: string, owner: LeaseOwner, fence: number, nowMs: number, ttlMs: number): Promise<boolean>
  releaseLease(source: string, owner: LeaseOwner, fence: number): Promise<void>
  /** Highest fence ever given for this source (0 when none); a rebuilt database must not fall behind the logs. */
  raiseFence(source: string, atLeast: number): Promise<void>

  /** Every version known of every path of this source, oldest first per path. Holds them all in memory. */
  knownFiles(source: string): Promise<ReadonlyMap<string, readonly FileRecord[]>>
  /**
   * What is known of every path, in pages, without holding more than a page. In the order of the paths' bytes (as
   * listings are), then of the locations; all that is known of a path is in one page. A write meanwhile is seen or not.
   */
  knownStamps(source: string): AsyncIterable<readonly KnownStamp[]>
  /** As {@link knownFiles}, for these paths alone. Paths that nothing is known of are not in the map. */
  versionsOf(source: string, paths: readonly string[]): Promise<ReadonlyMap<string, readonly FileRecord[]>>
  /** Live versions with one of these hashes, or read from a repaired copy that has it. In every ledger of the source. */
  liveByHash(source: string, hashes: readonly string[]): Promise<readonly FileRecord[]>
  /**
   * Versions that were skipped as duplicates and whose bytes are nowhere now: in their ledger the original is neither live
   * nor held for a reason that its copies share, and no live file of the dataset has the same hash. `leaving` count as gone.
   */
  lostDuplicates(source: string, leaving?: ReadonlySet<FileVersionId>): Promise<readonly FileRecord[]>
  /** Paths of which a version is in quarantine as a whole, and nobody has decided over it yet. In their bytes' order. */
  heldPaths(source: string): Promise<readonly string[]>
  /** Undefined before the first, and after anything of the index was forgotten. */
  lastListing(source: string): Promise<(Listing & { readonly folders: readonly ListedFolder[] }) | undefined>
  saveListing(source: string, change: ListingChange): Promise<void>
  /** Datasets and ledgers that the source has entries in, also without files. */
  knownDatasets(source: string): Promise<readonly KnownDataset[]>
  /** Touches: same bytes under new stamps, all in one transaction. A remount touches every file there is. */
  updateStamps(changes: readonly StampChange[]): Promise<void>

  pinBatch(batch: PinnedBatch): Promise<void>
  /** Pinned batches without an entry, oldest first. */
  openBatches(source: string): Promise<readonly PinnedBatch[]>
  dropBatch(batch: string): Promise<void>

  /** Highest `seq` of this ledger that is indexed; 0 when none. */
  indexedSeq(location: string): Promise<number>
  /**
   * Puts one entry into the index: file versions, watermark, quarantine, the batch's end and the notices, in one
   * transaction. Idempotent by (location, seq).
   */
  indexEntry(location: string, entry: LedgerEntry, extra?: IndexExtra): Promise<void>

  openRun(run: Pick<RunRecord, 'id' | 'command' | 'source' | 'startedAtMs'>): Promise<void>
  /** The run's outcome and what it ends with, in one transaction. */
  closeRun(run: RunRecord, ending?: RunEnding): Promise<void>
  /** Marks runs of this source that are still `running` (their process died) as `interrupted`. Returns how many. */
  closeDeadRuns(source: string, exceptRun: string, nowMs: number): Promise<number>
  recordChecks(records: readonly CheckRecord[]): Promise<void>
  recordFailures(failures: readonly Omit<FileFailure, 'attempts'>[]): Promise<void>
  /** Notes that a run uses this contract. Nothing changes where it is the newest that is known of its source and dataset. */
  recordContract(version: ContractVersion): Promise<void>
}

export interface IndexExtra {
  readonly durationMs?: ReadonlyMap<FileVersionId, number>
  readonly notices?: readonly OutboxNotice[]
}

/** What the end of a run says: signals for the alert engine, and notices that need none (lineage). */
export interface RunEnding {
  readonly signals?: readonly AlertSignal[] | undefined
  readonly notices?: readonly OutboxNotice[] | undefined
}

/** A notice waiting to be delivered, at least once, with its idempotency key. */
export interface OutboxNotice {
  readonly key: string
  readonly channel: string
  readonly event: string
  readonly payload: Readonly<Record<string, JsonValue>>
  readonly createdAtMs: number
}
