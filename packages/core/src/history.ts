import type { CheckResult, Reason } from './check-result.ts'
import type { FileVersionId, Stamp } from './file-version.ts'
import type { FileOutcome, FileRepair, LedgerEntry } from './ledger-entry.ts'
import type { JsonValue } from './json.ts'

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
  readonly command: 'ingest' | 'profile' | 'validate-source' | 'load'
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
  /** Its rows are in the target now (false once a newer version replaced it). */
  readonly live: boolean
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly rowsDropped: number
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
}

export interface FileFilter extends HistoryFilter {
  readonly outcome?: FileOutcome | undefined
  readonly dataset?: string | undefined
  /** Exact path below the source's root, or a trailing part of it. */
  readonly path?: string | undefined
}

export interface StampChange {
  readonly id: FileVersionId
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

  /** Every version known of every path of this source, oldest first per path. */
  knownFiles(source: string): Promise<ReadonlyMap<string, readonly FileRecord[]>>
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
  closeRun(run: RunRecord, notices?: readonly OutboxNotice[]): Promise<void>
  /** Marks runs of this source that are still `running` (their process died) as `interrupted`. Returns how many. */
  closeDeadRuns(source: string, exceptRun: string, nowMs: number): Promise<number>
  recordChecks(records: readonly CheckRecord[]): Promise<void>
  recordFailures(failures: readonly Omit<FileFailure, 'attempts'>[]): Promise<void>
}

export interface IndexExtra {
  readonly durationMs?: ReadonlyMap<FileVersionId, number>
  readonly notices?: readonly OutboxNotice[]
}

/** A notice waiting to be delivered, at least once, with its idempotency key. */
export interface OutboxNotice {
  readonly key: string
  readonly channel: string
  readonly event: string
  readonly payload: Readonly<Record<string, JsonValue>>
  readonly createdAtMs: number
}
