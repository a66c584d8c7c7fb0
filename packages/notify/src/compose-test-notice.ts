import type { ChannelConfig, OutboxNotice } from '@tidegate/core'
import { digest } from './digest.ts'
import { noticePayload, type Notice } from './notice.ts'
import { composeRunEvents } from './openlineage/compose-run-event.ts'

/** What `alerts test` sends: a message of the channel's kind that says that it is a test. */
export function composeTestNotice(
  channel: Pick<ChannelConfig, 'name'> &
    ({ kind: 'openlineage'; namespace: string } | { kind: Exclude<ChannelConfig['kind'], 'openlineage'> }),
  nowMs: number,
): OutboxNotice {
  if (channel.kind === 'openlineage')
    return composeRunEvents({ ...TEST_RUN, startedAtMs: nowMs, endedAtMs: nowMs }, channel)[1]
  const notice: Notice = {
    key: `tg_${digest(['test', channel.name, String(nowMs)])}`,
    event: 'test',
    status: 'news',
    severity: 'info',
    title: `Test message to channel ${channel.name}`,
    sections: [
      {
        alert: null,
        kind: 'test',
        state: 'news',
        severity: 'info',
        source: '',
        dataset: null,
        title: 'Test message',
        lines: ['Whoever reads this is told what goes wrong.'],
        members: [{ name: 'example.parquet', detail: 'how a file is named' }],
        more: 0,
        commands: ['tidegate alerts ls'],
      },
    ],
    more: 0,
    counts: { firing: 0, resolved: 0 },
    labels: { channel: channel.name },
    at: new Date(nowMs).toISOString(),
  }
  return { key: notice.key, channel: channel.name, event: 'test', payload: noticePayload(notice), createdAtMs: nowMs }
}

const TEST_RUN = {
  run: 'test',
  source: 'tidegate-test',
  command: 'test',
  isFailed: false,
  errorCode: null,
  inputs: [],
  outputs: [],
}
