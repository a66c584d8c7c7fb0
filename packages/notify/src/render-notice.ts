import { assertNever, toJson, type ChannelConfig, type JsonValue } from '@tidegate/core'
import type { DeliverableNotice } from './delivery.ts'
import { composeEmail } from './email/compose-email.ts'
import { readNotice } from './notice.ts'
import { composeSlack } from './slack/compose-slack.ts'
import { composeCard } from './teams/compose-card.ts'

/** What a channel of this kind would send, without address and signature: for `alerts test --dry-run`. */
export function renderNotice(kind: ChannelConfig['kind'], notice: DeliverableNotice): JsonValue {
  switch (kind) {
    case 'webhook':
      return toJson({ type: notice.event, timestamp: new Date(notice.createdAtMs), data: notice.payload })
    case 'slack':
      return toJson(composeSlack(readNotice(notice.payload)))
    case 'teams':
      return toJson(composeCard(readNotice(notice.payload)))
    case 'email': {
      const text = typeof notice.payload['text'] === 'string' ? notice.payload['text'] : ''
      return toJson(composeEmail(readNotice(notice.payload), text))
    }
    case 'openlineage':
      return toJson(notice.payload)
    default:
      return assertNever(kind)
  }
}
