// Destinations
export { openParquetFolder, type ParquetFolderOptions } from './open-parquet-folder.ts'
export {
  openManifestFolder,
  type Manifest,
  type ManifestFile,
  type ManifestFolderOptions,
} from './open-manifest-folder.ts'
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

// The rules, pure
export { emptyLogState, foldEntries, foldEntry, type FileFate, type LogState } from './log-state.ts'
export { judgeDraft, type Judgement } from './judge-draft.ts'
export { checkConservation } from './check-conservation.ts'
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
