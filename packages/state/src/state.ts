import type { Ledger, WatermarkRecord } from '@tidegate/core'
import type { ExportedRow } from './export-state.ts'
import type { IsAlive } from './lease.ts'
import type { SchemaRecord } from './list-schemas.ts'
import type { LoadCompletion, LoadFilter, LoadRecord } from './load-history.ts'
import type { PendingNotice } from './outbox.ts'
import type { QuarantineFilter, QuarantineRecord } from './quarantine.ts'
import type { WatermarkUpdate } from './watermark.ts'

export interface StateOptions {
  /** The SQLite file, on a local disk. Folders above it are made. `:memory:` keeps everything in memory. */
  readonly path: string
  /**
   * Opens without creating, migrating or writing anything. Without a file: an empty state. Writing then throws
   * `STATE_READ_ONLY`. While it is open, SQLite keeps an empty `-wal` and a `-shm` file next to an existing database.
   * @defaultValue false
   */
  readonly readOnly?: boolean | undefined
  /** Unix milliseconds, UTC. Used where a method takes no time of its own. */
  readonly nowMs: () => number
  /** How long a write waits for other processes before `STATE_BUSY`. @defaultValue 5000 */
  readonly busyTimeoutMs?: number | undefined
  /** Whether the process behind an owner id still runs. @defaultValue {@link isOwnerAlive} */
  readonly isAlive?: IsAlive | undefined
}

/**
 * The state database. Every method may throw `STATE_BUSY` (retryable), `STATE_FULL`, `STATE_CORRUPT`, `STATE_IO` or
 * `STATE_READ_ONLY`; nothing of the failed call is written then.
 */
export interface State extends Ledger {
  readonly path: string
  readonly schemaVersion: number
  /** Waits for calls under way. Calling it again does nothing. */
  close(): Promise<void>

  // Outbox
  /** Notices to deliver now, oldest first. They are not offered again for a minute: mark them within it. */
  takeNotices(limit: number, nowMs: number): Promise<readonly PendingNotice[]>
  markDelivered(key: string, nowMs: number): Promise<void>
  /** Offered again after 5 s, doubled with each failure up to one hour. */
  markFailed(key: string, nowMs: number, error: string): Promise<void>

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
}
