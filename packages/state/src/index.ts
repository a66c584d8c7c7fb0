export { openState } from './open-state.ts'
export type { State, StateOptions } from './state.ts'
export { SCHEMA_VERSION } from './migrate.ts'

// Leases
export { currentOwner, isOwnerAlive } from './owner.ts'
export type { IsAlive } from './lease.ts'

// What the methods take and give
export type { ExportedRow, ExportedTable } from './export-state.ts'
export type { LoadCompletion, LoadFilter, LoadRecord, LoadStatus } from './load-history.ts'
export type { PendingNotice } from './outbox.ts'
export type { QuarantineFilter, QuarantineRecord } from './quarantine.ts'
export type { SchemaRecord } from './list-schemas.ts'
export type { WatermarkUpdate } from './watermark.ts'
