// Effects
export type { ContractFile, PipelineEffects, ProgressEvent, Stage, WorkFolder } from './effects.ts'

// The main job
export { ingestSource, type IngestOptions } from './ingest-source.ts'
export {
  datasetsOf,
  listSource,
  planSource,
  type PlanOptions,
  type SourcePlan,
  type UnreadableFile,
} from './plan-source.ts'
export { exitCodeOf, statusOf, totalsOf, type SourceReport, type SourceTotals } from './source-report.ts'
export type { FileReport } from './file-report.ts'
export { recoverTarget, type Recovery } from './recover-target.ts'

// Reading and judging files
export { prepareFile, relationOf, type PreparedFile } from './prepare-file.ts'

// Names
export { datasetOf, fillPath } from './dataset-of.ts'

// Learning
export { learnDataset, type LearnedDataset, type LearnOutcome } from './learn-dataset.ts'
export { profileSource, type DatasetProfile, type ProfileSourceOptions } from './profile-source.ts'
export { checkFiles, type CheckOptions, type CheckReport, type CheckedFile, type CheckedGroup } from './check-files.ts'
