// Effects
export type { ContractFile, PipelineEffects, ProgressEvent, RepairedFolder, Stage, WorkFolder } from './effects.ts'

// The main job
export { cleanSource, sweepSource, type CleanReport } from './clean-source.ts'
export type { IngestOptions } from './ingest-options.ts'
export { ingestSource } from './ingest-source.ts'
export { datasetsOf, planSource, type PlanOptions, type SourcePlan, type UnreadableFile } from './plan-source.ts'
export { knowledgeOf, type Knowledge } from './knowledge.ts'
export { listSource, surveySource, type Survey, type SurveyOptions } from './survey-source.ts'
export { estimateRun, type Band, type RunEstimate } from './estimate-run.ts'
export { exitCodeOf, statusOf, totalsOf, type SourceReport, type SourceTotals } from './source-report.ts'
export type { TargetReport } from './source-report.ts'
export type { FileReport } from './file-report.ts'
export { holdLease, LEASE_RENEW_MS, LEASE_TTL_MS, type HeldLease } from './lease.ts'
export { behindState, movedTarget, recoverTarget, type Recovery } from './recover-target.ts'

// Plans, pure: which files are new, what is to be done with them, in which batches, into which columns
export {
  classifyListing,
  identifyVersion,
  lostDuplicates,
  type ClassifiedListing,
  type ClassifyOptions,
  type Identity,
} from './identify.ts'
export { decideTreatments, type Treatment, type TreatmentPolicy, type WorkItem } from './decide-treatment.ts'
export {
  BATCH_LIMITS,
  limitsOf,
  planBatches,
  type BatchLimits,
  type BatchPlan,
  type PlannedBatch,
} from './plan-batches.ts'
export { planTargetColumns, projectColumns, type TargetColumns } from './target-columns.ts'
export { checkFileRules } from './file-rules.ts'

// Reading and judging files
export { prepareFile, relationOf, type PreparedFile } from './prepare-file.ts'

// Names
export { datasetOf, fillPath } from './dataset-of.ts'

// Learning
export { learnDataset, type LearnedDataset, type LearnOutcome } from './learn-dataset.ts'
export { profileSource, type DatasetProfile, type ProfileSourceOptions } from './profile-source.ts'
export { checkFiles, type CheckOptions, type CheckReport, type CheckedFile, type CheckedGroup } from './check-files.ts'

export { previewFiles, type PreviewedFile, type PreviewRequest } from './preview-files.ts'

// The other half of quarantine: judge again, let through, give up
export { settleQuarantine, type QuarantineEffects } from './replay/settle-quarantine.ts'
export {
  contentOf,
  totalsOfRecords,
  type QuarantineAction,
  type QuarantineContent,
  type QuarantineItem,
  type QuarantineReport,
  type QuarantineRequest,
  type RecordOutcome,
  type RecordProblem,
} from './replay/quarantine-item.ts'
