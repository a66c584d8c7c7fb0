// Diagnosis
export { diagnoseFile, type DiagnoseOptions } from './diagnose-file.ts'
export { diagnose, type DeepRequest } from './diagnose/diagnose.ts'
export type { DiagnoseRequest } from './diagnose/options.ts'
export type { Source } from './source/open-source.ts'
export { readFooter, type FooterOutcome } from './read-footer.ts'
export type { ColumnChunk, LeafColumn, ParquetFooter, RowGroup } from './footer.ts'
export { sniffFormat, type Detected } from './sniff-format.ts'
export { FINDING_CODES, finding, type FindingExplanation, type KnownFindingCode } from './finding-codes.ts'

// Repair
export { planRepair, type PlanRepairOptions, type RepairProgress } from './repair/plan-repair.ts'
export { repair } from './repair/repair.ts'
export { summarize } from './repair/report.ts'
export { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from './repair/unpack/unpack-file.ts'
export type { Piece } from './source/pieces.ts'
export { scanPages, type ScanPagesOptions } from './pages/scan-pages.ts'
export type { Gap, GapReason, Page, PageV2, WalkItem } from './pages/page.ts'
export { DEFAULT_PAGE_LIMITS, type PageLimits } from './pages/page-limits.ts'
export type { Confidence } from './assemble/judge-confidence.ts'

// The doctor: diagnosis and repair in a child process
export {
  openDoctor,
  type Doctor,
  type DoctorOptions,
  type DoctorProgress,
  type DoctorRequestOptions,
} from './isolation/doctor.ts'
export type { RepairReport, RepairSummary, RepairVerification, LossManifest } from './repair/report.ts'
export type {
  Fix,
  LossEntry,
  RepairedColumn,
  RepairedRowGroup,
  RepairOptions,
  RepairPlan,
  RepairStep,
  RepairTotals,
  RewritePlan,
  SchemaFrom,
} from './repair/plan.ts'

// Folders
export {
  diagnoseDataset,
  type DatasetItem,
  type DatasetOptions,
  type DatasetSummary,
} from './dataset/diagnose-dataset.ts'
export { listFolder, type FolderEntry } from './dataset/list-folder.ts'

export { findWrongChecksum, watchChecksums, type ChecksumOptions, type ChecksumWatch } from './find-wrong-checksum.ts'

// Reading Parquet and converted files
export {
  convertedRelation,
  describeParquet,
  escapeEngineGlob,
  parquetRelation,
  type ConvertedFile,
  type ParquetFile,
} from './parquet-relation.ts'

// Reading text
export { typedValue, type ValueOptions } from './typed-value.ts'
export { resolveReadOptions, type ResolvedRead, type ResolveOptions, type TextFile } from './resolve-read-options.ts'
export {
  convertText,
  type ConvertOptions,
  type ConvertOutcome,
  type ConvertTarget,
  type RejectedLine,
} from './convert-text.ts'
