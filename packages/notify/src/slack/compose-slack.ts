/**
 * A notice as Slack blocks. Within what Slack takes: 50 blocks, 3,000 characters a section, 150 a header, and 12,000 in all,
 * a limit that Slack does not document.
 */
import { moreText, type Notice, type NoticeSection } from '../notice.ts'

export interface SlackMessage {
  /** What phones show, and what is read out. */
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

export type SlackBlock =
  | {
      readonly type: 'header'
      readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji: boolean }
    }
  | { readonly type: 'section'; readonly text: SlackText }
  | { readonly type: 'context'; readonly elements: readonly SlackText[] }

/** `verbatim`: nothing in it becomes a link or a mention by itself, such as `@here` or an address. */
export interface SlackText {
  readonly type: 'mrkdwn'
  readonly text: string
  readonly verbatim: true
}

const HEADER_CHARS = 150
const SECTION_CHARS = 3000
const ALL_CHARS = 12_000
/** Header and footer are two more. */
const SECTION_BLOCKS = 40

export function composeSlack(notice: Notice): SlackMessage {
  const header = clip(`${SIGN[signOf(notice)]} ${notice.title}`, HEADER_CHARS)
  const footer = clip(footerOf(notice), SECTION_CHARS)
  const blocks: SlackBlock[] = [{ type: 'header', text: { type: 'plain_text', text: header, emoji: false } }]
  let left = ALL_CHARS - 8 * header.length - footer.length - 200
  let shown = 0
  for (const section of notice.sections.slice(0, SECTION_BLOCKS)) {
    const text = clip(sectionText(section, notice.sections.length > 1), SECTION_CHARS)
    if (text.length > left) break
    left -= text.length
    shown += 1
    blocks.push({ type: 'section', text: words(text === '' ? ' ' : text) })
  }
  const more = notice.more + notice.sections.length - shown
  if (more > 0) blocks.push({ type: 'section', text: words(escapeText(moreText(more))) })
  blocks.push({ type: 'context', elements: [words(footer)] })
  // This one is read as markup, the header is not.
  return { text: clip(entities(header), SECTION_CHARS), blocks }
}

function words(text: string): SlackText {
  return { type: 'mrkdwn', text, verbatim: true }
}

const SIGN = { critical: '🔴', warning: '🟠', info: '🔵', resolved: '🟢' }

function signOf({ status, severity }: Notice): keyof typeof SIGN {
  return status === 'resolved' ? 'resolved' : severity
}

function footerOf({ at, labels }: Notice): string {
  const words = Object.entries(labels).map(([name, value]) => `${name} ${value}`)
  return escapeText(['Tidegate', at, ...words].join(' · '))
}

function sectionText({ title, state, lines, members, more, commands }: NoticeSection, named: boolean): string {
  return [
    ...(named ? [`${state === 'resolved' ? '✓ ' : ''}*${escapeText(title)}*`] : []),
    ...lines.map((line) => escapeText(line)),
    ...members.map(({ name, detail }) => `• ${code(name)} ${escapeText(detail)}`),
    ...(more > 0 ? [`• and ${more.toLocaleString('en-US')} more`] : []),
    ...commands.map((command) => code(command)),
  ].join('\n')
}

/** Slack reads three characters; its markers are taken away, so that a name cannot be a link, a mention or bold. */
function escapeText(text: string): string {
  return entities(text).replace(/[*_~`]/g, (marker) => `\u200b${marker}`)
}

function code(text: string): string {
  return `\`${entities(text.replaceAll('`', "'"))}\``
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Never within an entity or a pair of surrogates. */
function clip(text: string, length: number): string {
  if (text.length <= length) return text
  const cut = text.slice(0, length - 1).replace(/&[a-z]{0,4}$|[\ud800-\udbff]$/, '')
  return `${cut}…`
}
