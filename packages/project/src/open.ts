/**
 * `@tidegate/project/open`: what needs no engine, no checks and no destination, for programs that look and are gone. The
 * package's front door has all of this and the rest; it takes half a second of CPU more to load.
 */
export {
  contractPath,
  openProject,
  selectSources,
  type OpenProjectResult,
  type Project,
  type ProjectOptions,
} from './open-project.ts'
export { filesOfRecord, listRecords, type ListedRecord } from './quarantine-loop.ts'
export { readQuarantinePapers, type QuarantinePaper } from './quarantine-papers.ts'
export { listLeftovers } from './work-folder.ts'
export { exportFolder, importState, migrationStatus } from '@tidegate/state'
