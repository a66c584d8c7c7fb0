export {
  MEMBERS_SHOWN,
  SECTIONS_SHOWN,
  noticePayload,
  noticeText,
  readNotice,
  type Notice,
  type NoticeEvent,
  type NoticeFile,
  type NoticeMember,
  type NoticeSection,
  type NoticeSeverity,
} from './notice.ts'
export { ALERT_KINDS, ALERT_SEVERITY, NEWS_KINDS, NOTICE_EVENTS } from './events.ts'
export { signalsOf, type EndedRun, type SchemaChange } from './alerts/signals-of.ts'
export { stepAlerts } from './alerts/step-alerts.ts'
export type { AlertChannel, AlertStep, AlertWorld } from './alerts/alert-world.ts'
export { describeAlert } from './alerts/describe-alert.ts'
export { isActive, matches } from './alerts/matches.ts'
export { isRouted } from './alerts/collect-news.ts'
export { deliverNotice } from './deliver-notice.ts'
export type { DeliverableNotice, DeliveryChannel, DeliveryOptions, DeliveryOutcome } from './delivery.ts'
export { retryDelayMs } from './retry-delay.ts'
export { signWebhook } from './webhook/sign-webhook.ts'
export { composeRunEvents, type LineageDataset, type LineageRun } from './openlineage/compose-run-event.ts'
export { composeTestNotice } from './compose-test-notice.ts'
export { renderNotice } from './render-notice.ts'
