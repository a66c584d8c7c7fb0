export {
  PHASE_CHANNEL,
  contractPath,
  loadProjectConfig,
  newId,
  openProject,
  readContractFile,
  selectSources,
  writeContractFile,
  type OpenProjectResult,
  type Project,
  type ProjectOptions,
} from './open-project.ts'
export { lazySession, openDestination, type DestinationOptions } from './open-destination.ts'
export { engineFolders, fixedPart, ownFolders, targetFolder } from './project-folders.ts'
export { listLeftovers, openWorkFolder } from './work-folder.ts'
export { exists } from './exists.ts'
export { openBareEffects, type BareEffects, type BareOptions } from './bare-effects.ts'
export type {
  ChecksForecast,
  IngestPlan,
  PlannedDataset,
  PlannedFile,
  PlannedSource,
  SchemaForecast,
} from './plan/ingest-plan.ts'
export { planIngest, type PlanRequest } from './plan/plan-ingest.ts'
export { assertFresh, plansFolder, readPlan, storePlan } from './plan/stored-plan.ts'
export { rebuildState, type RebuiltTarget } from './rebuild-state.ts'
export { readQuarantinePapers, type QuarantinePaper } from './quarantine-papers.ts'
export { contractFilesOf } from './contract-files.ts'
export { diagnoseMachine, type Probe } from './diagnose-machine.ts'
export { findSharedFolders, sharedFolderWarning, type SharedFolder } from './shared-folders.ts'
export { settleAlerts, type SettledAlerts } from './alerts/settle-alerts.ts'
export type { DeliveryReport, FailedNotice } from './alerts/deliver-turn.ts'
export { runJob, type JobHooks, type JobOrder, type JobOutcome } from './jobs/run-job.ts'
export { hasWork, type FoundFiles } from './jobs/has-work.ts'
export { previewSource, type PreviewOptions, type SourcePreview } from './plan/preview-source.ts'
export { estimateSource, type Cost, type EstimateOptions, type SourceEstimate } from './plan/estimate-source.ts'
export { readEngines, testEngine, type EngineInfo, type EngineTest } from './read-engines.ts'
export { inspectTargets } from './inspect-targets.ts'
export { filesOfRecord, listRecords, settleRecords, type ListedRecord } from './quarantine-loop.ts'
export { maintain, type MaintenanceStep } from './maintain.ts'
export { renameState, type RenamedState } from './rename-state.ts'
export { verifyState, type VerifiedState } from './verify-state.ts'
export {
  exportFolder,
  importState,
  migrationStatus,
  type ExportedFiles,
  type ImportedFile,
  type MigrationStatus,
} from '@tidegate/state'
export { CHAOS_LIMIT_MS, runChaos, type ChaosOptions, type ChaosProof } from './chaos/run-chaos.ts'
