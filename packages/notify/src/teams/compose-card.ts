/**
 * A notice as a message for a Teams workflow ("When a Teams webhook request is received"): an Adaptive Card 1.4 in an
 * attachment. Teams takes 28 KB; the card stays below.
 */
import { stringifyJson } from '@tidegate/core'
import { moreText, type Notice, type NoticeSection } from '../notice.ts'

export interface TeamsMessage {
  readonly type: 'message'
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive'
      readonly contentUrl: null
      readonly content: AdaptiveCard
    },
  ]
}

export interface AdaptiveCard {
  readonly $schema: string
  readonly type: 'AdaptiveCard'
  readonly version: '1.4'
  readonly fallbackText: string
  readonly msteams: { readonly width: 'Full' }
  readonly body: readonly CardElement[]
}

export type CardElement =
  | {
      readonly type: 'TextBlock'
      readonly text: string
      readonly wrap: true
      readonly size?: 'Medium' | 'Small'
      readonly weight?: 'Bolder'
      readonly color?: 'Attention' | 'Warning' | 'Good' | 'Accent'
      readonly isSubtle?: true
      readonly fontType?: 'Monospace'
      readonly separator?: true
    }
  | { readonly type: 'FactSet'; readonly facts: readonly { readonly title: string; readonly value: string }[] }

const LARGEST_BYTES = 24_000

export function composeCard(notice: Notice): TeamsMessage {
  // Sections leave from the end until it fits.
  for (let shown = notice.sections.length; ; shown -= 1) {
    const message = cardOf(notice, shown)
    if (shown === 0 || Buffer.byteLength(stringifyJson(message)) <= LARGEST_BYTES) return message
  }
}

function cardOf(notice: Notice, shown: number): TeamsMessage {
  const more = notice.more + notice.sections.length - shown
  const title = escapeText(notice.title)
  const footer = ['Tidegate', notice.at, ...Object.entries(notice.labels).map(([name, value]) => `${name} ${value}`)]
  const body: readonly CardElement[] = [
    { type: 'TextBlock', text: title, wrap: true, size: 'Medium', weight: 'Bolder', color: colorOf(notice) },
    ...notice.sections.slice(0, shown).flatMap((section) => elementsOf(section, notice.sections.length > 1)),
    ...(more > 0 ? [{ type: 'TextBlock' as const, text: escapeText(moreText(more)), wrap: true as const }] : []),
    { type: 'TextBlock', text: escapeText(footer.join(' · ')), wrap: true, size: 'Small', isSubtle: true },
  ]
  const content: AdaptiveCard = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: title,
    msteams: { width: 'Full' },
    body,
  }
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  }
}

function elementsOf(section: NoticeSection, named: boolean): readonly CardElement[] {
  const { title, lines, members, more, commands } = section
  const facts = members.map(({ name, detail }) => ({ title: escapeText(name), value: escapeText(detail) }))
  return [
    ...(named
      ? [
          {
            type: 'TextBlock' as const,
            text: escapeText(title),
            wrap: true as const,
            weight: 'Bolder' as const,
            separator: true as const,
          },
        ]
      : []),
    ...lines.map((line) => ({ type: 'TextBlock' as const, text: escapeText(line), wrap: true as const })),
    ...(facts.length > 0 ? [{ type: 'FactSet' as const, facts }] : []),
    ...(more > 0
      ? [{ type: 'TextBlock' as const, text: `and ${more.toLocaleString('en-US')} more`, wrap: true as const }]
      : []),
    ...commands.map((command) => ({
      type: 'TextBlock' as const,
      text: escapeText(command),
      wrap: true as const,
      fontType: 'Monospace' as const,
      size: 'Small' as const,
    })),
  ]
}

function colorOf({ status, severity }: Notice): 'Attention' | 'Warning' | 'Good' | 'Accent' {
  if (status === 'resolved') return 'Good'
  return severity === 'critical' ? 'Attention' : severity === 'warning' ? 'Warning' : 'Accent'
}

/** A text block reads some Markdown: what could be a link, bold or a list is escaped. */
function escapeText(text: string): string {
  return text
    .replace(/[\\`*_[\]()#~]/g, String.raw`\$&`)
    .replace(/^(\s*)([-+>])/, String.raw`$1\$2`)
    .replace(/^(\s*\d+)\./, String.raw`$1\.`)
}
