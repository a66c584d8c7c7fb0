import type { AlertDecision, AlertRecord, DeliveryRecord, SilenceRecord } from '@tidegate/core'
import { stringifyJson } from '@tidegate/core'
import { describeAlert, type ChannelTest } from '@tidegate/project/open'
import { formatAge, formatAmount, formatCount, formatInstant } from './format.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { renderTable } from './table.ts'

export interface AlertsViewContext {
  readonly style: Style
  readonly width: number
  readonly nowMs: () => number
}

export function alertItem(alert: AlertRecord): AlertRecord & { readonly title: string } {
  return { ...alert, title: describeAlert(alert).title }
}

export function silenceItem(silence: SilenceRecord): SilenceRecord {
  return silence
}

export function decisionItem({ channel, atMs, outcome, reason, notice }: AlertDecision): Omit<AlertDecision, 'alert'> {
  return { channel, atMs, outcome, reason, notice }
}

export function deliveryItem(delivery: DeliveryRecord): DeliveryRecord {
  return delivery
}

/** What is open (or all), what is silenced, and what can be done. */
export function renderAlerts(
  alerts: readonly AlertRecord[],
  silences: readonly SilenceRecord[],
  more: boolean,
  context: AlertsViewContext,
): string {
  const { style, width, nowMs } = context
  const parts: string[] = []
  if (alerts.length === 0) parts.push('Nothing is wrong.')
  else
    parts.push(
      renderTable({
        width,
        paintHeader: (text) => style.dim(text),
        columns: [
          { title: 'alert', min: 19 },
          { title: 'severity', paint: (text, row) => paintSeverity(text, alerts[row], style) },
          { title: 'state' },
          { title: 'since' },
          { title: 'seen', align: 'right' },
          { title: 'what', min: 20 },
        ],
        rows: alerts.map((alert) => [
          alert.id,
          alert.severity,
          alert.state,
          formatAge(nowMs(), alert.firstAtMs),
          formatCount(alert.count),
          describeAlert(alert).title,
        ]),
      }),
    )
  if (more) parts.push(style.dim('There are more: --limit N, at most 1000.'))
  if (silences.length > 0) parts.push(`${style.bold('Silences')}\n${renderSilences(silences, context)}`)
  const first = alerts.find(({ state }) => state === 'firing')
  if (first !== undefined)
    parts.push(
      [
        style.bold('Next'),
        `  tidegate alerts show ${first.id}      # what is wrong`,
        `  tidegate alerts ack ${first.id}       # somebody is on it: no repetitions`,
        `  tidegate alerts explain ${first.id}   # who was told, and why not others`,
      ].join('\n'),
    )
  return parts.join('\n\n')
}

function renderSilences(silences: readonly SilenceRecord[], { style, width, nowMs }: AlertsViewContext): string {
  return renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: 'silence' },
      { title: 'of' },
      { title: 'until' },
      { title: 'by' },
      { title: 'hid', align: 'right' },
      { title: 'why', min: 20 },
    ],
    rows: silences.map(({ id, matcher, endsAtMs, createdBy, hidden, reason }) => [
      id,
      Object.entries(matcher)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
      endsAtMs <= nowMs() ? 'over' : formatInstant(endsAtMs),
      createdBy,
      formatCount(hidden),
      reason,
    ]),
  })
}

export function renderShown(alert: AlertRecord, { style, nowMs }: AlertsViewContext): string {
  const { title, lines, members, more, commands } = describeAlert(alert)
  const who = alert.acknowledgedBy === null ? [] : [`acknowledged by ${safeText(alert.acknowledgedBy)}`]
  const note = alert.note === null ? [] : [`note: ${safeText(alert.note)}`]
  const over = alert.resolvedAtMs === null ? [] : [`over since ${formatInstant(alert.resolvedAtMs)}`]
  const facts = [alert.severity, alert.state, `since ${formatAge(nowMs(), alert.firstAtMs)}`, ...who, ...over, ...note]
  return [
    style.bold(safeText(title)),
    style.dim(`${alert.id} · ${facts.join(' · ')}`),
    ...lines.map((line) => safeText(line)),
    ...members.map(({ name, detail }) => `- ${safeText(name)}: ${safeText(detail)}`),
    ...(more > 0 ? [`- and ${formatCount(more)} more`] : []),
    ...(commands.length === 0 ? [] : ['', style.bold('Next'), ...commands.map((command) => `  ${safeText(command)}`)]),
  ].join('\n')
}

/** Each decision with its reason, and what became of the messages. `channels` are those that its source names now. */
export function renderExplanation(
  alert: AlertRecord,
  decisions: readonly AlertDecision[],
  deliveries: readonly DeliveryRecord[],
  channels: readonly string[],
  context: AlertsViewContext,
): string {
  const { style, width } = context
  const head = `${style.bold(safeText(describeAlert(alert).title))}\n${style.dim(`${alert.id} · ${alert.state}`)}`
  const nobody = channels.length === 0 ? ['', noChannel(alert)] : []
  if (decisions.length === 0) {
    const undecided = ['', 'Nothing was decided yet: a daemon or the next command does it.']
    return [head, ...(channels.length === 0 ? nobody : undecided)].join('\n')
  }
  const table = renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [{ title: 'when' }, { title: 'channel' }, { title: 'decision' }, { title: 'why', min: 30 }],
    rows: decisions.map(({ atMs, channel, outcome, reason }) => [formatInstant(atMs), channel, outcome, reason]),
  })
  const sent = deliveries.length === 0 ? [] : ['', style.bold('Messages'), renderDeliveries(deliveries, false, context)]
  return [head, ...nobody, '', table, ...sent].join('\n')
}

function noChannel({ source }: AlertRecord): string {
  const whose = source === '' ? 'this project' : safeText(source)
  return `No channel: none is named for alerts of ${whose} (notify). Nobody is told; it is in tidegate alerts ls.`
}

export function renderDeliveries(
  deliveries: readonly DeliveryRecord[],
  more: boolean,
  { style, width, nowMs }: AlertsViewContext,
): string {
  if (deliveries.length === 0) return 'Nothing was sent yet.'
  const table = renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: 'when' },
      { title: 'channel' },
      { title: 'event' },
      { title: 'try', align: 'right' },
      {
        title: 'outcome',
        paint: (text, row) => (deliveries[row]?.outcome === 'delivered' ? style.ok(text) : style.warn(text)),
      },
      { title: 'status', align: 'right' },
      { title: 'why', min: 20 },
      { title: 'next' },
    ],
    rows: deliveries.map((one) => [
      formatAge(nowMs(), one.atMs),
      one.channel,
      one.event,
      formatCount(one.attempt),
      one.outcome,
      one.status === null ? '' : String(one.status),
      one.message ?? '',
      one.nextAtMs === null ? '' : formatInstant(one.nextAtMs),
    ]),
  })
  return more ? `${table}\n\n${style.dim('There are more: --limit N, at most 1000.')}` : table
}

export function renderTest({ channel, channelKind, payload, outcome }: ChannelTest): string {
  if (outcome === null) return stringifyJson(payload, 2)
  const name = `${safeText(channel)} (${channelKind})`
  return outcome.kind === 'delivered'
    ? `${name}: delivered (${outcome.status})`
    : `${name}: ${formatAmount(1, 'attempt')} failed: ${outcome.message}`
}

function paintSeverity(text: string, alert: AlertRecord | undefined, style: Style): string {
  switch (alert?.severity) {
    case 'critical':
      return style.bad(text)
    case 'warning':
      return style.warn(text)
    default:
      return text
  }
}
