import type { FactReader, Ledger, Operations, WatermarkRecord } from '@tidegate/core'
import type { ConservationBreak } from './check-conservation.ts'
import type { ExportedRow } from './export-state.ts'
import type { ImportCounts } from './import-rows.ts'
import type { IsAlive } from './lease.ts'
import type { SchemaRecord } from './list-schemas.ts'
import type { LoadCompletion, LoadFilter, LoadRecord } from './load-history.ts'
import type { PrunedHistory } from './prune-history.ts'
import type { QuarantineFilter, QuarantineRecord } from './quarantine.ts'
import type { RenamedSource } from './rename.ts'
import type { IndexDifference, LedgerTail } from './verify-index.ts'
import type { WatermarkUpdate } from './watermark.ts'

export interface StateOptions {
  /**
   * The SQLite file, on a local disk. Folders above it are made. `:memory:` keeps everything in memory. Or the address of a
   * Postgres database, `postgres://…/database?schema=tidegate`; the schema is made.
   */
  readonly path: string
  /**
   * Opens without creating, migrating or writing anything. Without a file: an empty state. Writing then throws
   * `STATE_READ_ONLY`. While it is open, SQLite keeps an empty `-wal` and a `-shm` file next to an existing database.
   * @defaultValue false
   */
  readonly readOnly?: boolean | undefined
  /** Unix milliseconds, UTC. Used where a method takes no time of its own. */
  readonly nowMs: () => number
  /** How long a write waits for other processes before `STATE_BUSY`. @defaultValue 5000, on Postgres 30,000 */
  readonly busyTimeoutMs?: number | undefined
  /** Whether the process behind an owner id still runs. @defaultValue {@link isOwnerAlive} */
  readonly isAlive?: IsAlive | undefined
}

/**
 * The state database. Every method may throw `STATE_BUSY` (retryable), `STATE_FULL`, `STATE_CORRUPT`, `STATE_IO` or
 * `STATE_READ_ONLY`; nothing of the failed call is written then.
 */
export interface State extends Ledger, FactReader, Operations {
  readonly path: string
  readonly schemaVersion: number
  /** Waits for calls under way. Calling it again does nothing. */
  close(): Promise<void>
  readonly listLeases: Ledger['listLeases']
  /**
   * A short text that differs after the state changed; cheap enough to be asked each second. To be compared with others of
   * this opened state only. One that is opened for reading looks here whether another database lies at its path by now (it
   * was not there before, say), and reads that one from then on.
   */
  changeMarker(): Promise<string>

  // Watermarks and loads, as programs for the older platform use them
  getWatermark(source: string): Promise<WatermarkRecord | undefined>
  /** Sets the value, higher or lower. */
  updateWatermark(source: string, value: string, update?: WatermarkUpdate): Promise<WatermarkRecord>
  /** Forgets the watermark and its counts. False when there was none. */
  resetWatermark(source: string): Promise<boolean>
  /** Returns the load's id. */
  startLoad(source: string): Promise<string>
  /** @throws `STATE_UNKNOWN_LOAD`, `STATE_LOAD_COMPLETE`, `STATE_BAD_INPUT` */
  completeLoad(id: string, completion: LoadCompletion): Promise<void>
  /** Ingest runs and loads, newest first. */
  getLoadHistory(filter?: LoadFilter): Promise<readonly LoadRecord[]>

  // What the ledgers brought
  listQuarantine(filter?: QuarantineFilter): Promise<readonly QuarantineRecord[]>
  listSchemas(filter?: {
    readonly source?: string | undefined
    readonly dataset?: string | undefined
  }): Promise<readonly SchemaRecord[]>
  /** Forgets what a ledger (or all of them) can restore, so that it can be indexed again from entry 1. */
  clearIndex(location?: string): Promise<void>
  /** What only the state knows, row by row. */
  exportState(): AsyncIterable<ExportedRow>
  /** Takes in what `exportState` gave, here or elsewhere; see `importState`. @throws `STATE_IMPORT` */
  importRows(rows: AsyncIterable<ExportedRow> | Iterable<ExportedRow>): Promise<ImportCounts>
  /** Compares the index with what the ledgers say, as a rebuild would read them. */
  verifyIndex(ledgers: readonly LedgerTail[]): AsyncIterable<IndexDifference>
  /** Places where the index's own counts contradict each other. */
  checkConservation(): Promise<readonly ConservationBreak[]>
  /** @throws `STATE_RENAME` */
  renameLocation(from: string, to: string): Promise<void>
  /** @throws `STATE_RENAME` */
  renameSource(
    from: string,
    to: string,
    options?: { readonly leaveFiles?: boolean | undefined },
  ): Promise<RenamedSource>
  /** Forgets ended runs, checks and delivered notices from before this moment; the newest run of each source stays. */
  pruneHistory(beforeMs: number, options?: { readonly dryRun?: boolean | undefined }): Promise<PrunedHistory>
}
