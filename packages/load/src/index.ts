// Destinations
export { openParquetFolder, type ParquetFolderOptions } from './open-parquet-folder.ts'
export {
  openManifestFolder,
  type Manifest,
  type ManifestFile,
  type ManifestFolderOptions,
} from './open-manifest-folder.ts'
export type { DestinationOptions } from './destination-options.ts'
export { openDeltaTable, type DeltaDestination, type DeltaTableOptions } from './delta/open-delta-table.ts'
export { openDuckDBTable, type DuckDBTableOptions } from './sql/duckdb/open-duckdb-table.ts'
export { openPostgresTable, type PostgresTableOptions } from './sql/postgres/open-postgres-table.ts'
export { listDuckDBDatasets, listPostgresDatasets } from './sql/list-datasets.ts'
export { checkPostgresTarget } from './sql/postgres/check-postgres-target.ts'
export { parseTableName } from './sql/table-name.ts'
export type { FolderDestination, FolderOptions, FolderReport } from './open-folder.ts'
export type { Mark, MarkPhase } from './mark.ts'

// Reading a ledger without touching it
export {
  describeLedger,
  type DescribedEntry,
  type DescribedFile,
  type DescribedRejected,
  type LedgerDescription,
} from './describe-ledger.ts'
export { readLedger } from './read-ledger.ts'

// Retention
export { sweepRetired, type SweptRetired } from './sweep-retired.ts'

// The rules, pure
export {
  emptyLogState,
  foldEntries,
  foldEntry,
  type FileFate,
  type GonePart,
  type HashHolders,
  type LogFacts,
  type LogState,
  type Lookup,
  type NameLookup,
} from './log-state.ts'
export type { CheckpointPolicy } from './checkpoint/open-checkpoints.ts'
export { judgeDraft, type Judgement } from './judge-draft.ts'
export { checkConservation } from './check-conservation.ts'
export { rangesOf } from './part-ranges.ts'
export {
  planReconcile,
  type FolderListing,
  type ReconcilePlan,
  type ReconcileProblem,
  type ReconcileStep,
  type ReconcileWanted,
} from './plan-reconcile.ts'

// Names
export { safeName } from './safe-name.ts'
