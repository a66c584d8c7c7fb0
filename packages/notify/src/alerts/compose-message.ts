import type { AlertRecord, AlertSeverity, AlertSignal, OutboxNotice } from '@tidegate/core'
import { digest } from '../digest.ts'
import { noticePayload, SECTIONS_SHOWN, type Notice, type NoticeEvent, type NoticeSection } from '../notice.ts'
import { count, describeAlert, describeNews } from './describe-alert.ts'

/** What one message tells. */
export interface MessageContent {
  /** Not told before. */
  readonly fresh: readonly AlertRecord[]
  /** Told before and still firing. */
  readonly open: readonly AlertRecord[]
  /** Over. */
  readonly over: readonly AlertRecord[]
  readonly news: readonly AlertSignal[]
  /** Keys of the groups it speaks for. */
  readonly groups: readonly string[]
}

/** One message to one channel, ready for the outbox. The same step composes the same message. */
export function composeMessage(channel: string, content: MessageContent, nowMs: number): OutboxNotice {
  const notice = composeNotice(channel, content, nowMs)
  return { key: notice.key, channel, event: notice.event, payload: noticePayload(notice), createdAtMs: nowMs }
}

export function composeNotice(channel: string, content: MessageContent, nowMs: number): Notice {
  const { fresh, open, over, news, groups } = content
  const ordered = [...worstFirst(fresh), ...worstFirst(open), ...worstFirst(over)]
  const spelled = ordered.slice(0, SECTIONS_SHOWN).map((alert) => describeAlert(alert))
  const told = news.slice(0, SECTIONS_SHOWN - spelled.length).map((signal) => describeNews(signal))
  const sections = [...spelled, ...told]
  const firing = fresh.length + open.length
  const which = [
    ...ordered.map(({ id, state, count: seen }) => `${id} ${state} ${seen}`),
    ...news.map(({ key }) => key),
  ]
  return {
    key: `tg_${digest(['message', channel, String(nowMs), ...which.toSorted()])}`,
    event: eventOf(content),
    status: firing > 0 ? 'firing' : over.length > 0 ? 'resolved' : 'news',
    severity: worstOf(firing > 0 ? [...fresh, ...open] : []),
    title: titleOf(content, sections),
    sections,
    more: ordered.length + news.length - sections.length,
    counts: { firing, resolved: over.length },
    labels: labelsOf(content, groups),
    at: new Date(nowMs).toISOString(),
  }
}

function eventOf({ fresh, open, over, news }: MessageContent): NoticeEvent {
  const firing = [...fresh, ...open]
  const kinds = new Set<NoticeEvent>([...firing.map(({ kind }) => kind), ...news.map(({ kind }) => kind)])
  if (kinds.size === 0) return 'recovered'
  const [first] = kinds
  return kinds.size === 1 && first !== undefined && (firing.length === 0 || over.length === 0) ? first : 'alerts'
}

function titleOf({ fresh, open, over, news, groups }: MessageContent, sections: readonly NoticeSection[]): string {
  const [only] = sections
  const all = fresh.length + open.length + over.length + news.length
  if (all === 1 && only !== undefined) return only.title
  const parts = [
    ...(fresh.length > 0 ? [count(fresh.length, open.length > 0 ? 'new alert' : 'alert')] : []),
    ...(open.length > 0 ? [`${open.length.toLocaleString('en-US')} still open`] : []),
    ...(over.length > 0 ? [`${over.length.toLocaleString('en-US')} recovered`] : []),
    ...(news.length > 0 ? [`${news.length.toLocaleString('en-US')} news`] : []),
  ]
  const sources = new Set(sections.map(({ source }) => source))
  const [source] = sources
  const place = sources.size === 1 && groups.length === 1 && source !== undefined && source !== '' ? source : 'Tidegate'
  return `${place}: ${parts.join(', ')}`
}

function labelsOf({ fresh, open, over, news }: MessageContent, groups: readonly string[]): Notice['labels'] {
  const all = [...fresh, ...open, ...over, ...news]
  const same = (values: readonly string[], key: string): Record<string, string> => {
    const [value] = values
    return new Set(values).size === 1 && value !== undefined && value !== '' ? { [key]: value } : {}
  }
  return {
    ...same(
      all.map(({ source }) => source),
      'source',
    ),
    ...same(
      all.map(({ run }) => run ?? ''),
      'run',
    ),
    ...(groups.length === 1 && groups[0] !== undefined ? { group: groups[0] } : { groups: String(groups.length) }),
  }
}

const RANK: Readonly<Record<AlertSeverity, number>> = { critical: 0, warning: 1, info: 2 }

function worstOf(alerts: readonly AlertRecord[]): AlertSeverity {
  return alerts.reduce<AlertSeverity>(
    (worst, { severity }) => (RANK[severity] < RANK[worst] ? severity : worst),
    'info',
  )
}

function worstFirst(alerts: readonly AlertRecord[]): readonly AlertRecord[] {
  return alerts.toSorted(
    (a, b) => RANK[a.severity] - RANK[b.severity] || a.firstAtMs - b.firstAtMs || (a.id < b.id ? -1 : 1),
  )
}
