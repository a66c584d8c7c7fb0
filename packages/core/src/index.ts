// Errors, JSON, small necessities
export { assertNever } from './assert-never.ts'
export { TidegateError, codeOf, isTidegateError, messageOf, type TidegateErrorOptions } from './errors.ts'
export { stringifyJson, toJson, type JsonValue } from './json.ts'
export type { Clock } from './clock.ts'

// Files
export { fileVersionId, type FileVersion, type FileVersionId, type SourceFile, type Stamp } from './file-version.ts'
export { comparePaths } from './compare-paths.ts'
export type { ByteSource, DiscoveredFile, FolderWatch, SourceLocation, Store } from './store.ts'
export type { CleanableFile, CleanOutcome, SourceCleaner } from './source-cleaner.ts'
export type {
  CheckedPages,
  Diagnosis,
  DiagnosisLevel,
  Finding,
  FindingCode,
  LayoutColumn,
  LayoutRowGroup,
} from './diagnosis.ts'

// Engines
export type {
  Cell,
  ChunkStatistics,
  ColumnSchema,
  ColumnStatistics,
  Dialect,
  FileStatistics,
  QueryOptions,
  QueryResult,
  Session,
} from './session.ts'
export { FILE_COLUMN, MISFIT_COLUMN, ROW_COLUMN, RULES_COLUMN, type Relation, type RelationFile } from './relation.ts'

// Contracts and checks
export type {
  Contract,
  ContractColumn,
  Expectation,
  FileFormat,
  FileRules,
  GateSettings,
  OnFail,
  ReadOptions,
  Severity,
  UnexpectedLimit,
} from './contract.ts'
export type { CheckResult, Dimension, Reason, UnexpectedRow, UniqueScope, Verdict } from './check-result.ts'

// Commit
export type {
  FileOutcome,
  FileRepair,
  FileRows,
  LedgerEntry,
  LedgerFile,
  LedgerPart,
  RejectedPart,
  Replay,
  Watermark,
} from './ledger-entry.ts'
export type {
  BatchRef,
  CommitOutcome,
  Destination,
  EntryDraft,
  LiveRowsRequest,
  PartRequest,
  PublishReport,
  RejectedRequest,
  Settlement,
  SettleRequest,
  Staging,
  WriteMode,
  WritePlan,
} from './destination.ts'

// State and configuration
export type {
  CheckRecord,
  FileFailure,
  FileFilter,
  FileRecord,
  CheckFilter,
  HistoryFilter,
  HistoryReader,
  IndexExtra,
  KnownDataset,
  KnownStamp,
  KnownVersion,
  ListedFolder,
  Listing,
  ListingChange,
  LeaseOutcome,
  LeaseOwner,
  Ledger,
  OutboxNotice,
  RunEnding,
  PinnedBatch,
  RunRecord,
  RunStatus,
  StampChange,
  WatermarkRecord,
} from './history.ts'
export type {
  Capped,
  CheckDay,
  CheckFailures,
  ContractCheckFact,
  ContractColumnFact,
  ContractVersion,
  FactReader,
  FactWindow,
  FailedChecksOf,
  FileHour,
  FileQuery,
  FileSums,
  FolderSums,
  QuarantineSums,
  RepairSums,
  SchemaVersionFact,
  ScoreBins,
} from './history-facts.ts'
export type {
  AlertsConfig,
  ChannelConfig,
  CleanSourceConfig,
  Config,
  PriceTable,
  ReadyConfig,
  ResendConfig,
  SchemaEvolution,
  ServerConfig,
  SourceConfig,
  TargetConfig,
  TargetKind,
} from './config-types.ts'

// What the daemon keeps: schedules, jobs, access, alerts
export type * from './operations/schedule-types.ts'
export type * from './operations/job-types.ts'
export { ACCESS_SCOPES } from './operations/access-types.ts'
export type * from './operations/access-types.ts'
export type * from './operations/alert-types.ts'
export type * from './operations/metric-types.ts'
export { SCHEDULER_LEASE } from './operations/operations.ts'
export type * from './operations/operations.ts'
