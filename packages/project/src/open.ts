/**
 * `@tidegate/project/open`: what needs no engine, no checks and no destination, for programs that look and are gone. The
 * package's front door has all of this and the rest; it takes half a second of CPU more to load.
 */
export {
  contractPath,
  loadProjectConfig,
  newId,
  openProject,
  selectSources,
  type OpenProjectResult,
  type Project,
  type ProjectOptions,
} from './open-project.ts'
export { deliverTurn, type DeliveryReport, type FailedNotice, type OutboxState } from './alerts/deliver-turn.ts'
export { isDaemonLeading, settleAlerts, type SettledAlerts } from './alerts/settle-alerts.ts'
export { toldChannels } from './alerts/told-channels.ts'
export { testChannel, type ChannelTest } from './alerts/test-channel.ts'
export { stepProjectAlerts, type AlertsState, type StepReport } from './alerts/step-project-alerts.ts'
export { ALERT_KINDS, ALERT_SEVERITY, describeAlert, matches as matchesAlert, noticeText } from '@tidegate/notify'
export { filesOfRecord, listRecords, type ListedRecord } from './quarantine-loop.ts'
export { readQuarantinePapers, type QuarantinePaper } from './quarantine-papers.ts'
export { listLeftovers } from './work-folder.ts'
export { exportFolder, importState, migrationStatus } from '@tidegate/state'
export { withIngestions, type ConfigResult, type MergedConfig } from '@tidegate/config'
