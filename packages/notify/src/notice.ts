import type { AlertKind, JsonValue, NewsKind } from '@tidegate/core'

export type NoticeSeverity = 'critical' | 'warning' | 'info'

/** What a message is about: one kind, `alerts` where several kinds share it, `recovered` where all of it is over. */
export type NoticeEvent = AlertKind | NewsKind | 'alerts' | 'test'

/**
 * One message for people, before any channel gave it a form. It is made of names, counts and codes only: no cell of the
 * data, and no free text of an engine, which may quote one.
 */
export interface Notice {
  /** Idempotency key, safe in HTTP headers: the same for the same message, however often it is composed. */
  readonly key: string
  readonly event: NoticeEvent
  readonly status: 'firing' | 'resolved' | 'news'
  /** The worst of what it tells. */
  readonly severity: NoticeSeverity
  /** One line. */
  readonly title: string
  /** At most {@link SECTIONS_SHOWN}, worst first. */
  readonly sections: readonly NoticeSection[]
  /** Sections that are not shown. */
  readonly more: number
  /** Alerts in all: what fires and what is over; zeros where it is news. */
  readonly counts: { readonly firing: number; readonly resolved: number }
  readonly labels: Readonly<Record<string, string>>
  /** UTC ISO 8601. */
  readonly at: string
}

/** One alert or one piece of news. */
export interface NoticeSection {
  /** Id of the alert; null for news. */
  readonly alert: string | null
  readonly kind: AlertKind | NewsKind | 'test'
  readonly state: 'firing' | 'resolved' | 'news'
  readonly severity: NoticeSeverity
  readonly source: string
  readonly dataset: string | null
  readonly title: string
  readonly lines: readonly string[]
  /** At most {@link MEMBERS_SHOWN}, worst first. */
  readonly members: readonly NoticeMember[]
  /** Members that are not shown. */
  readonly more: number
  /** Shell commands to run next. */
  readonly commands: readonly string[]
}

export interface NoticeMember {
  readonly name: string
  readonly detail: string
}

/** Members named in one section; of the others it says how many. */
export const MEMBERS_SHOWN = 10
/** Alerts spelled out in one notice; of the others it says how many. */
export const SECTIONS_SHOWN = 20

/** A file as a notice names it. */
export interface NoticeFile {
  readonly path: string
  readonly dataset: string
  readonly score: number | null
  /** Checks and findings by id; of their messages nothing is sent. */
  readonly reasons: readonly {
    readonly check: string
    readonly severity: string
    readonly failedRows?: number | undefined
  }[]
}

/** The notice as it is stored and sent, with its plain text. */
export function noticePayload(notice: Notice): Readonly<Record<string, JsonValue>> {
  const { sections, counts, labels, ...rest } = notice
  return {
    schemaVersion: 1,
    ...rest,
    text: noticeText(notice),
    counts: { ...counts },
    labels: { ...labels },
    sections: sections.map(({ members, lines, commands, ...section }) => ({
      ...section,
      lines: [...lines],
      members: members.map((member) => ({ ...member })),
      commands: [...commands],
    })),
  }
}

/** The notice in a stored payload. What an older version put there has title and text only. */
export function readNotice(payload: Readonly<Record<string, JsonValue>>): Notice {
  if (Array.isArray(payload['sections'])) return payload as unknown as Notice
  const text = (key: string): string => (typeof payload[key] === 'string' ? payload[key] : '')
  const severity = text('severity')
  return {
    key: text('key'),
    event: (text('event') || 'alerts') as NoticeEvent,
    status: 'firing',
    severity: severity === 'critical' || severity === 'info' ? severity : 'warning',
    title: text('title'),
    sections: [],
    more: 0,
    counts: { firing: 0, resolved: 0 },
    labels: {},
    at: text('at'),
  }
}

/** The sections as plain text. */
export function noticeText(notice: Pick<Notice, 'sections' | 'more'>): string {
  const parts = notice.sections.map((section) => sectionText(section, notice.sections.length > 1))
  if (notice.more > 0) parts.push(moreText(notice.more))
  return parts.join('\n\n')
}

/** What says that not everything is shown. */
export function moreText(more: number): string {
  return `and ${more.toLocaleString('en-US')} more: tidegate alerts ls`
}

function sectionText({ title, lines, members, more, commands }: NoticeSection, named: boolean): string {
  return [
    ...(named ? [title] : []),
    ...lines,
    ...members.map(({ name, detail }) => `- ${name}: ${detail}`),
    ...(more > 0 ? [`- and ${more.toLocaleString('en-US')} more`] : []),
    ...(commands.length > 0 ? [`Next: ${commands.join(' · ')}`] : []),
  ].join('\n')
}
