/** A notice as a mail: plain text, and HTML of one table without pictures, links or scripts. */
import { moreText, noticeText, type Notice, type NoticeSection } from '../notice.ts'
import { oneLine } from '../plain-text.ts'

export interface EmailContent {
  readonly subject: string
  readonly text: string
  readonly html: string
}

export function composeEmail(notice: Notice, fallbackText: string): EmailContent {
  const text = notice.sections.length === 0 ? fallbackText : noticeText(notice)
  return {
    subject: oneLine(`[Tidegate] ${notice.title}`),
    text: `${notice.title}\n\n${text}\n\n${footerOf(notice)}\n`,
    html: htmlOf(notice, text),
  }
}

function footerOf({ at, labels }: Notice): string {
  return ['Tidegate', at, ...Object.entries(labels).map(([name, value]) => `${name} ${value}`)].join(' · ')
}

const COLORS = { critical: '#b42318', warning: '#b54708', info: '#175cd3', resolved: '#067647' }
const FONT = 'font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:20px;color:#101828'

function htmlOf(notice: Notice, text: string): string {
  const color = COLORS[notice.status === 'resolved' ? 'resolved' : notice.severity]
  const sections =
    notice.sections.length === 0
      ? [row(`<pre style="white-space:pre-wrap;margin:0">${escapeHtml(text)}</pre>`)]
      : notice.sections.map((section) => row(sectionHtml(section, notice.sections.length > 1)))
  const more = notice.more > 0 ? [row(escapeHtml(moreText(notice.more)))] : []
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"></head><body style="margin:0;padding:16px">',
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:680px;${FONT}">`,
    row(`<strong style="font-size:18px;line-height:24px;color:${color}">${escapeHtml(notice.title)}</strong>`),
    ...sections,
    ...more,
    row(`<span style="font-size:12px;color:#667085">${escapeHtml(footerOf(notice))}</span>`),
    '</table></body></html>',
  ].join('\n')
}

function row(content: string): string {
  return `<tr><td style="padding:8px 0;border-bottom:1px solid #eaecf0">${content}</td></tr>`
}

function sectionHtml({ title, lines, members, more, commands }: NoticeSection, named: boolean): string {
  const items = [
    ...members.map(({ name, detail }) => `<li><code>${escapeHtml(name)}</code> ${escapeHtml(detail)}</li>`),
    ...(more > 0 ? [`<li>and ${more.toLocaleString('en-US')} more</li>`] : []),
  ]
  return [
    ...(named ? [`<strong>${escapeHtml(title)}</strong>`] : []),
    ...lines.map((line) => `<div>${escapeHtml(line)}</div>`),
    ...(items.length > 0 ? [`<ul style="margin:4px 0;padding-left:20px">${items.join('')}</ul>`] : []),
    ...commands.map((command) => `<div><code style="font-size:13px">${escapeHtml(command)}</code></div>`),
  ].join('\n')
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
