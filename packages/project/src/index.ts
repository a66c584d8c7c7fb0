export {
  PHASE_CHANNEL,
  contractPath,
  newId,
  openDestination,
  openProject,
  readContractFile,
  selectSources,
  writeContractFile,
  type OpenProjectResult,
  type Project,
  type ProjectOptions,
} from './open-project.ts'
export { engineFolders, fixedPart, ownFolders } from './project-folders.ts'
export { listLeftovers, openWorkFolder } from './work-folder.ts'
export { exists } from './exists.ts'
export { openBareEffects, type BareEffects, type BareOptions } from './bare-effects.ts'
export { rebuildState, type RebuiltTarget } from './rebuild-state.ts'
export { readQuarantinePapers, type QuarantinePaper } from './quarantine-papers.ts'
export { contractFilesOf } from './contract-files.ts'
export { diagnoseMachine, type Probe } from './diagnose-machine.ts'
export { deliverNotices, type DeliveryReport } from './deliver-notices.ts'
export { inspectTargets } from './inspect-targets.ts'
