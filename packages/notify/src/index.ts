export {
  MEMBERS_SHOWN,
  noticePayload,
  type Notice,
  type NoticeEvent,
  type NoticeFile,
  type NoticeMember,
  type NoticeSeverity,
} from './notice.ts'
export { composeNotice } from './compose-notice.ts'
export { NOTICE_EVENTS, addressNotices, planNotices, type NoticeableRun } from './plan-notices.ts'
export { deliverNotice, type DeliveryChannel } from './deliver-notice.ts'
export type { DeliverableNotice, DeliveryOptions, DeliveryOutcome } from './delivery.ts'
export { retryDelayMs } from './retry-delay.ts'
export { signWebhook } from './webhook/sign-webhook.ts'
export type { WebhookChannel } from './webhook/post-webhook.ts'
