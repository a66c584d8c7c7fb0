/**
 * One step of the alert engine. Pure: what it decides is applied in one transaction (`applyAlertStep`), or not at all.
 *
 *   (1) Each alert that fires is in a message to each channel that asks for it, unless it is silenced, inhibited, acknowledged
 *       or over before.                                              [surveyChannel; tellChannel: what is not sent stays fresh]
 *   (2) Two messages of one group are at least `group_interval` apart.                                         [dueAt]
 *   (3) A channel gets at most `maxPerHour` messages in any hour; what is more comes together in one.          [tellChannel]
 *   (4) The end of an alert is told to who was told of it, and to nobody else.                       [survey-channel, surveyOver]
 *   (5) What the configuration does not know any more is over.                                          [find-orphans]
 *   (6) Each of these decisions is explained, once, when it changes.                                         [decide]
 */
import type { AlertDecision, AlertRecord, DecisionOutcome, OutboxNotice } from '@tidegate/core'
import type { AlertChannel, AlertStep, AlertWorld, GoneReceiver } from './alert-world.ts'
import { collectNews } from './collect-news.ts'
import { composeMessage, type MessageContent } from './compose-message.ts'
import { instant } from './describe-alert.ts'
import { causesOf } from './find-inhibitor.ts'
import { foldSignals, type Folded } from './fold-signals.ts'
import { findOrphans } from './find-orphans.ts'
import { activeSilences, forget, surveyChannel, words, type GroupSurvey, type SurveyInput } from './survey-channel.ts'
import { NEWS_GROUP, openGroups, type WorkingGroup, type WorkingGroups } from './working-groups.ts'

export function stepAlerts(world: AlertWorld): AlertStep {
  const { nowMs, settings, notify } = world
  const orphans = findOrphans(world)
  const folded = foldSignals(world.alerts, [...world.signals, ...orphans.signals], settings, nowMs)
  const groups = openGroups(world.groups, folded.alerts, settings)
  forgetOver(groups, world, folded.alerts)
  // One of each alert and channel: the last of a step stands.
  const decisions = new Map<string, AlertDecision>()
  const notices: OutboxNotice[] = []
  const hidden = new Map<string, number>()
  let nextWakeMs = Number.POSITIVE_INFINITY
  const wakeAt = (atMs: number): void => {
    nextWakeMs = Math.min(nextWakeMs, Math.max(atMs, nowMs + 1))
  }
  const input: SurveyInput = {
    nowMs,
    settings,
    notify,
    groups,
    alerts: folded.alerts,
    causes: causesOf(folded.alerts.values()),
    returned: folded.returned,
    silences: activeSilences(world.silences, nowMs),
    wakeAt,
    hide: (silence) => hidden.set(silence, (hidden.get(silence) ?? 0) + 1),
    decide(group, alert, outcome, reason, notice) {
      if (group.decided.get(alert.id) === outcome && outcome !== 'sent') return
      group.decided.set(alert.id, outcome)
      group.isChanged = true
      const decision = { alert: alert.id, channel: group.channel, atMs: nowMs, outcome, reason, notice: notice ?? null }
      decisions.set(`${group.channel}\0${alert.id}`, decision)
    },
  }
  if (orphans.wakeAtMs !== null) wakeAt(orphans.wakeAtMs)
  for (const channel of world.channels) {
    const news = groups.of(channel.name, NEWS_GROUP)
    const collected = collectNews(news.news, folded.news, channel, notify)
    if (collected !== news.news) Object.assign(news, { news: collected, isChanged: true })
    if (world.tell !== false)
      notices.push(...tellChannel(channel, world.sent.get(channel.name) ?? [], world.gone?.get(channel.name), input))
  }
  return {
    alerts: [...folded.changed].flatMap((id) => folded.alerts.get(id) ?? []),
    groups: groups.changed(),
    decisions: [...decisions.values()],
    notices,
    folded: world.signals.map(({ key }) => key),
    silenced: Object.fromEntries(hidden),
    nextWakeMs: world.tell === false ? nowMs : Number.isFinite(nextWakeMs) ? nextWakeMs : null,
  }
}

/** Nobody is told of the end by a channel that is not there any more. What is open stays known, for the channel may come back. */
function forgetOver(groups: WorkingGroups, { groups: stored, channels }: AlertWorld, alerts: Folded['alerts']): void {
  const known = new Set(channels.map(({ name }) => name))
  for (const name of new Set(stored.map(({ channel }) => channel)))
    if (!known.has(name)) for (const group of groups.ofChannel(name)) forgetResolved(group, alerts)
}

function forgetResolved(group: WorkingGroup, alerts: Folded['alerts']): void {
  for (const id of [...group.told.keys(), ...group.decided.keys()])
    if (alerts.get(id)?.state === 'resolved') forget(group, id)
}

interface DueGroup extends GroupSurvey {
  readonly repeats: boolean
}

function tellChannel(
  channel: AlertChannel,
  sent: readonly number[],
  gone: GoneReceiver | undefined,
  input: SurveyInput,
): readonly OutboxNotice[] {
  const { nowMs } = input
  const due = surveyChannel(channel, input).flatMap((survey) => dueNow(survey, input) ?? [])
  if (due.length === 0) return []
  if (gone !== undefined) {
    holdBack(due, 'gone', gone.reason, gone.untilMs, input)
    return []
  }
  const limit = channel.maxPerHour ?? Number.POSITIVE_INFINITY
  const recent = sent.filter((atMs) => atMs > nowMs - HOUR_MS).toSorted((a, b) => a - b)
  const room = limit - recent.length
  if (room <= 0) {
    const atMs = (recent[recent.length - limit] ?? nowMs) + HOUR_MS
    const reason = `${channel.name} had its ${channel.maxPerHour ?? 0} messages of this hour (max_per_hour): comes with the next one at ${instant(atMs)}`
    holdBack(due, 'throttled', reason, atMs, input)
    return []
  }
  // The last message of the hour takes all that is left with it.
  const single = due.length <= room ? due.length : room - 1
  const ordered = due.toSorted((a, b) => rankOf(a) - rankOf(b))
  const messages = ordered.slice(0, single).map((group) => [group])
  const rest = ordered.slice(single)
  if (rest.length > 0) messages.push(rest)
  return messages.map((message) => send(channel, message, input))
}

const HOUR_MS = 3_600_000

/** What the group has to tell now, or undefined; then the next wake is noted. */
function dueNow(survey: GroupSurvey, { nowMs, settings, decide, wakeAt }: SurveyInput): DueGroup | undefined {
  const { group, fresh, open, over } = survey
  const waits = fresh.length > 0 || group.news.length > 0
  if (waits !== (group.waitingSinceMs !== null)) {
    group.waitingSinceMs = waits ? nowMs : null
    group.isChanged = true
  }
  const repeatMs =
    open.length > 0 && group.lastSentAtMs !== null ? group.lastSentAtMs + settings.repeatIntervalMs : Infinity
  const dueMs = Math.min(dueAt(group, settings), repeatMs)
  if (over.length === 0 && dueMs > nowMs) {
    const why = `waits for others of its group ${group.key}: told at ${instant(dueMs)} (alerts.group_wait ${words(settings.groupWaitMs)}, alerts.group_interval ${words(settings.groupIntervalMs)})`
    for (const alert of fresh) decide(group, alert, 'grouping', why)
    if (Number.isFinite(dueMs)) wakeAt(dueMs)
    return undefined
  }
  return { ...survey, repeats: repeatMs <= nowMs }
}

function dueAt({ waitingSinceMs, lastSentAtMs }: WorkingGroup, settings: SurveyInput['settings']): number {
  if (waitingSinceMs === null) return Number.POSITIVE_INFINITY
  const spacedMs = lastSentAtMs === null ? 0 : lastSentAtMs + settings.groupIntervalMs
  return Math.max(waitingSinceMs + settings.groupWaitMs, spacedMs)
}

function holdBack(
  due: readonly DueGroup[],
  outcome: DecisionOutcome,
  reason: string,
  untilMs: number,
  { decide, wakeAt }: SurveyInput,
): void {
  for (const { group, fresh } of due) for (const alert of fresh) decide(group, alert, outcome, reason)
  wakeAt(untilMs)
}

function send(channel: AlertChannel, message: readonly DueGroup[], input: SurveyInput): OutboxNotice {
  const { nowMs, settings, decide, wakeAt } = input
  const content: MessageContent = {
    fresh: message.flatMap(({ fresh }) => fresh),
    open: message.flatMap(({ open }) => open),
    over: message.flatMap(({ over }) => over),
    news: message.flatMap(({ group }) => group.news),
    groups: message.map(({ group }) => group.key),
  }
  const notice = composeMessage(channel.name, content, nowMs)
  const size = content.fresh.length + content.open.length + content.over.length
  for (const { group, fresh, open, over, repeats } of message) {
    const others = size === 1 ? '' : `, with ${(size - 1).toLocaleString('en-US')} more`
    const together =
      message.length === 1 ? '' : `, together with other groups (max_per_hour ${channel.maxPerHour ?? 0})`
    const said = (alert: AlertRecord, reason: string): void => {
      const outcome: DecisionOutcome = 'sent'
      decide(group, alert, outcome, `${reason}${others}${together}`, notice.key)
    }
    for (const alert of fresh) {
      group.told.set(alert.id, alert.state)
      said(alert, `told in group ${group.key}`)
    }
    if (repeats)
      for (const alert of open) said(alert, `repeated after alerts.repeat_interval ${words(settings.repeatIntervalMs)}`)
    for (const alert of over) {
      said(alert, 'its end was told')
      group.told.delete(alert.id)
      group.decided.delete(alert.id)
    }
    Object.assign(group, { news: [], waitingSinceMs: null, lastSentAtMs: nowMs, isChanged: true })
    if (fresh.length + open.length > 0) wakeAt(nowMs + settings.repeatIntervalMs)
  }
  return notice
}

const RANK = { critical: 0, warning: 1, info: 2 }

/** The worst first, then what waits longest. */
function rankOf({ group, fresh, open }: DueGroup): number {
  const severity = Math.min(3, ...[...fresh, ...open].map((alert) => RANK[alert.severity]))
  return severity * 1e15 + (group.waitingSinceMs ?? 1e14)
}
