/**
 * The past in sums, made where it lies: what the views need costs by hours, folders, checks and causes, not by files. Times
 * are Unix milliseconds, UTC; every list is in a fixed order, so the same state gives the same facts.
 */
import type { CheckRecord, FileFailure, FileRecord, RunRecord, WatermarkRecord } from './history.ts'
import type { Dimension } from './check-result.ts'
import type { Severity } from './contract.ts'
import type { ColumnSchema } from './session.ts'

/** The part of the past that is asked for. */
export interface FactWindow {
  /** Inclusive. */
  readonly sinceMs: number
  /** Exclusive. */
  readonly untilMs: number
  /** Only these sources. @defaultValue all that have a history */
  readonly sources?: readonly string[] | undefined
}

/**
 * Counts of files and of their rows; a file that went to two targets counts twice. Rejected rows are those in quarantine now:
 * what was replayed or discarded since has left them and is counted apart.
 */
export interface FileSums {
  readonly loaded: number
  readonly held: number
  readonly skipped: number
  /** Of the loaded and held: read from a repaired copy. */
  readonly repaired: number
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly rowsDropped: number
  readonly rowsReplayed: number
  readonly rowsDiscarded: number
  readonly bytes: number
  /** Files with a score, the sum of their scores (0–100 each), and the lowest. */
  readonly scored: number
  readonly scoreSum: number
  readonly scoreMin: number | null
}

/** Files decided within one hour. */
export interface FileHour extends FileSums {
  readonly source: string
  readonly dataset: string
  /** Begin of the hour. */
  readonly hourMs: number
}

/** Files of one folder of a source. */
export interface FolderSums extends FileSums {
  readonly source: string
  readonly dataset: string
  /** Below the source's root, `/` between its parts and none at its end; empty for the root itself. */
  readonly folder: string
  readonly firstMs: number
  readonly lastMs: number
}

/** Files by score: bin n holds those with n·5 ≤ score < (n+1)·5, the last one (20) those with exactly 100. */
export interface ScoreBins {
  readonly source: string
  readonly dataset: string
  /** Begin of the day. */
  readonly dayMs: number
  /** 21 counts. */
  readonly bins: readonly number[]
}

/** Results of one check within one day. Days are whole, also those that the window touches in part. */
export interface CheckDay {
  readonly source: string
  readonly dataset: string
  readonly check: string
  readonly type: string
  readonly columns: readonly string[]
  readonly severity: Severity
  readonly dimension: Dimension
  readonly dayMs: number
  readonly passed: number
  readonly failed: number
  readonly errors: number
  readonly unexpectedRows: number
  readonly lastMs: number
}

/** Failed results of one check within one hour, for the heat map of hours and for the time of first and last sight. */
export interface CheckFailures {
  readonly source: string
  readonly dataset: string
  readonly check: string
  readonly hourMs: number
  readonly failed: number
  readonly errors: number
  /** Different files. */
  readonly files: number
}

/** What lies in quarantine or left it, summed by reason and day. */
export interface QuarantineSums {
  readonly source: string
  readonly dataset: string
  readonly kind: 'held' | 'rows'
  readonly status: 'open' | 'replayed' | 'released' | 'discarded' | 'superseded'
  /** Code of the first reason; `` where none was given. */
  readonly reason: string
  /** Begin of the day it was put there. */
  readonly dayMs: number
  /** Records. */
  readonly items: number
  readonly rows: number
  readonly bytes: number
}

/** What repair brought back, by day and by what was wrong. */
export interface RepairSums {
  readonly source: string
  readonly dataset: string
  readonly dayMs: number
  /** Codes joined by a comma, in their order. */
  readonly codes: string
  readonly status: 'repaired' | 'partial'
  readonly files: number
  /** Rows loaded from repaired copies: without repair none of them would be there. */
  readonly rowsLoaded: number
  /** Rows known to be lost; files that cannot tell count 0 here and in `unknownLoss`. */
  readonly rowsLost: number
  readonly unknownLoss: number
  readonly cellsNulled: number
}

/** A schema that a dataset had from `firstSeenMs` on. */
export interface SchemaVersionFact {
  readonly location: string
  readonly source: string
  readonly dataset: string
  readonly id: string
  readonly columns: readonly ColumnSchema[]
  readonly firstSeenMs: number
  readonly seq: number
}

/** What a contract asked for, in short: enough to tell two versions apart and to say in what. */
export interface ContractVersion {
  readonly source: string
  readonly dataset: string
  /** SHA-256 of its canonical text: equal for contracts that differ in the order of keys alone. Lower-case hex. */
  readonly id: string
  /** When a run of the source first used it after another one, or at all. */
  readonly firstUsedMs: number
  readonly run: string
  /** The `version` that it says of itself. */
  readonly version: number
  /** In the contract's order. */
  readonly columns: readonly ContractColumnFact[]
  readonly checks: readonly ContractCheckFact[]
}

export interface ContractColumnFact {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly required: boolean
  readonly sensitive: boolean
}

export interface ContractCheckFact {
  readonly id: string
  readonly type: string
  readonly columns: readonly string[]
  readonly severity: Severity
  /** Begin of the SHA-256 of its arguments and limits: of two versions it says whether they changed. */
  readonly digest: string
}

/** Lists of what is large are cut; `total` says of how many. */
export interface Capped<Item> {
  readonly items: readonly Item[]
  readonly total: number
}

/** Which files to list. */
export interface FileQuery extends Partial<FactWindow> {
  readonly dataset?: string | undefined
  /** Only files in this folder or below it; `` is the root. */
  readonly folder?: string | undefined
  readonly outcome?: FileRecord['outcome'] | undefined
  readonly repairedOnly?: boolean | undefined
  /** Only files with a score below 100. */
  readonly imperfectOnly?: boolean | undefined
  /** Only files with a score from here, inclusive, and below there. */
  readonly scoreFrom?: number | undefined
  readonly scoreTo?: number | undefined
  /** Part of the path. */
  readonly search?: string | undefined
  /** Files that failed this check. */
  readonly failedCheck?: string | undefined
  readonly run?: string | undefined
  /** @defaultValue newest */
  readonly order?: 'newest' | 'lowest-score' | 'most-rows' | 'most-bytes' | undefined
  readonly limit: number
  /** @defaultValue 0 */
  readonly offset?: number | undefined
}

/** Which failed results; `total` counts these. */
export interface FailedChecksOf {
  readonly dataset?: string | undefined
  readonly check?: string | undefined
  /** Of each check this many of the newest are left out. @defaultValue 0 */
  readonly offset?: number | undefined
}

/** What the views read. Nothing here changes anything. */
export interface FactReader {
  /** Runs begun in the window, newest first, and of each source the newest `latest` however old. */
  factRuns(window: FactWindow, latest: number, limit: number): Promise<Capped<RunRecord>>
  /** By source, dataset and hour, in this order. */
  sumFileHours(window: FactWindow): Promise<readonly FileHour[]>
  /** The folders with most files. By source, dataset, folder. */
  sumFolders(window: FactWindow, limit: number): Promise<Capped<FolderSums>>
  sumScores(window: FactWindow): Promise<readonly ScoreBins[]>
  sumCheckDays(window: FactWindow): Promise<readonly CheckDay[]>
  sumCheckFailures(window: FactWindow): Promise<readonly CheckFailures[]>
  /** Of each check that failed the newest `perCheck` results that did, newest first. */
  failedChecks(window: FactWindow, perCheck: number, only?: FailedChecksOf): Promise<Capped<CheckRecord>>
  queryFiles(query: FileQuery): Promise<Capped<FileRecord>>
  /** Of each source the newest loaded file, however old. */
  lastLoaded(sources?: readonly string[]): Promise<readonly FileRecord[]>
  /** Held files about which something is left to do (no later version of the path was judged), newest first. */
  openHeld(sources: readonly string[] | undefined, limit: number): Promise<Capped<FileRecord>>
  factFailures(window: FactWindow, limit: number): Promise<Capped<FileFailure>>
  /** Put there in the window, and all that is open however old. */
  sumQuarantine(window: FactWindow): Promise<readonly QuarantineSums[]>
  sumRepairs(window: FactWindow): Promise<readonly RepairSums[]>
  /** Versions first seen in the window, and the one before each. */
  schemaVersions(window: FactWindow): Promise<readonly SchemaVersionFact[]>
  /** Versions first used in the window, and the one before each. A contract that came back is there again. */
  contractVersions(window: FactWindow): Promise<readonly ContractVersion[]>
  listWatermarks(): Promise<readonly WatermarkRecord[]>
  listLeases(
    nowMs: number,
  ): Promise<
    readonly { readonly source: string; readonly owner: { readonly what: string }; readonly expiresAtMs: number }[]
  >
}
