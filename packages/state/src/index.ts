export { openState } from './open-state.ts'
export { openStateInThread } from './thread/open-state-in-thread.ts'
export type { State, StateOptions } from './state.ts'
export { SCHEMA_VERSION } from './migrations/index.ts'

// Leases
export { currentOwner, isOwnerAlive } from './owner.ts'
export type { IsAlive } from './lease.ts'

// What the methods take and give
export type { ExportedRow, ExportedTable } from './export-state.ts'
export type { LoadCompletion, LoadFilter, LoadRecord, LoadStatus } from './load-history.ts'
export type { DueNotice as PendingNotice } from '@tidegate/core'
export type { QuarantineFilter, QuarantineRecord } from './quarantine.ts'
export type { SchemaRecord } from './list-schemas.ts'
export type { WatermarkUpdate } from './watermark.ts'
export type { PrunedHistory } from './prune-history.ts'

// Work on whole databases
export { exportFolder, type ExportedFiles } from './export-folder.ts'
export { importState, type ImportedFile } from './import-state.ts'
export type { ImportCounts } from './import-rows.ts'
export { migrationStatus, type MigrationStatus } from './migration-status.ts'
export { isNetworkFileSystem, type FileSystemKind } from './network-file-system.ts'
export type { ConservationBreak } from './check-conservation.ts'
export type { IndexDifference, LedgerTail } from './verify-index.ts'
export type { RenamedSource } from './rename.ts'
