// Diagnosis
export { diagnoseFile, type DiagnoseOptions } from './diagnose-file.ts'
export { readFooter, type FooterOutcome } from './read-footer.ts'
export type { ColumnChunk, LeafColumn, ParquetFooter, RowGroup } from './footer.ts'
export { sniffFormat, type Detected } from './sniff-format.ts'
export { FINDING_CODES, finding, type FindingExplanation, type KnownFindingCode } from './finding-codes.ts'

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
export { resolveReadOptions, type ResolvedRead, type ResolveOptions, type TextFile } from './resolve-read-options.ts'
export {
  convertText,
  type ConvertOptions,
  type ConvertOutcome,
  type ConvertTarget,
  type RejectedLine,
} from './convert-text.ts'
