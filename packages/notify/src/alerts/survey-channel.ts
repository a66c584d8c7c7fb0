/** What a channel is owed: of each alert why it is told or not, and of each group when it is due. Decides, and sends nothing. */
import type { AlertRecord, AlertsConfig, DecisionOutcome, SilenceRecord } from '@tidegate/core'
import type { AlertChannel, AlertWorld } from './alert-world.ts'
import { isRouted, isUnknown } from './collect-news.ts'
import { instant } from './describe-alert.ts'
import { findInhibitor } from './find-inhibitor.ts'
import { isActive, matches } from './matches.ts'
import type { WorkingGroup, WorkingGroups } from './working-groups.ts'

export interface SurveyInput {
  readonly nowMs: number
  readonly settings: AlertsConfig
  readonly notify: AlertWorld['notify']
  readonly alerts: ReadonlyMap<string, AlertRecord>
  readonly causes: ReadonlyMap<string, AlertRecord>
  readonly returned: ReadonlySet<string>
  /** In force now. */
  readonly silences: readonly SilenceRecord[]
  readonly groups: WorkingGroups
  decide(group: WorkingGroup, alert: AlertRecord, outcome: DecisionOutcome, reason: string, notice?: string): void
  /** One more message that this silence holds back. */
  hide(silence: string): void
  wakeAt(atMs: number): void
}

/** One group and what it has to tell. */
export interface GroupSurvey {
  readonly group: WorkingGroup
  /** Not told yet, and to be told. */
  readonly fresh: AlertRecord[]
  /** Told, still firing, and to be repeated when it is time. */
  readonly open: AlertRecord[]
  /** Told, over, and to be told as over; those whose time has come. */
  readonly over: AlertRecord[]
}

export function surveyChannel(channel: AlertChannel, input: SurveyInput): readonly GroupSurvey[] {
  const surveys = new Map<WorkingGroup, GroupSurvey>()
  const surveyOf = (group: WorkingGroup): GroupSurvey => {
    const survey = surveys.get(group) ?? { group, fresh: [], open: [], over: [] }
    surveys.set(group, survey)
    return survey
  }
  for (const group of input.groups.ofChannel(channel.name)) surveyOf(group)
  for (const alert of input.alerts.values()) {
    const isOrphan = isUnknown(alert.source, input.notify)
    if (!isOrphan && !isRouted(alert.source, channel.name, input.notify)) {
      forgetIfKnown(input.groups.ofChannel(channel.name), alert)
      continue
    }
    // Whose source is not there any more is over soon (find-orphans), and who was told of it is told that.
    if (isOrphan && alert.state !== 'resolved') continue
    const group = input.groups.forAlert(channel.name, alert)
    if (alert.state === 'resolved') surveyOver(alert, channel, surveyOf(group), input)
    else surveyOpen(alert, channel, surveyOf(group), input)
  }
  return [...surveys.values()]
}

/** The source does not notify this channel any more. */
function forgetIfKnown(groups: readonly WorkingGroup[], { id }: AlertRecord): void {
  for (const group of groups) if (group.told.has(id) || group.decided.has(id)) forget(group, id)
}

export function forget(group: WorkingGroup, id: string): void {
  const had = group.told.delete(id)
  if (group.decided.delete(id) || had) group.isChanged = true
}

function surveyOver(alert: AlertRecord, channel: AlertChannel, { group, over }: GroupSurvey, input: SurveyInput): void {
  const { nowMs, settings } = input
  if (!group.told.has(alert.id)) {
    forget(group, alert.id)
    return
  }
  // Until then it may come back, and nobody needs to know.
  const dueMs = Math.max(alert.resolvedAtMs ?? nowMs, group.lastSentAtMs ?? 0) + settings.groupIntervalMs
  if (dueMs > nowMs) {
    input.wakeAt(dueMs)
    return
  }
  const silence = silenceOf(alert, input)
  if (channel.sendResolved && silence === undefined) {
    over.push(alert)
    return
  }
  if (channel.sendResolved && silence !== undefined) {
    input.decide(group, alert, 'silenced', `its end was not told: silence ${silence.id} (${silence.reason})`)
    input.hide(silence.id)
  }
  forget(group, alert.id)
}

function surveyOpen(alert: AlertRecord, channel: AlertChannel, survey: GroupSurvey, input: SurveyInput): void {
  const { group, fresh, open } = survey
  const { settings } = input
  const decide = (outcome: DecisionOutcome, reason: string): void => input.decide(group, alert, outcome, reason)
  if (!channel.on.includes(alert.kind)) {
    decide('not-asked-for', `${channel.name} does not ask for ${alert.kind} (channels.${channel.name}.on)`)
    return
  }
  if (alert.state === 'pending') {
    const untilMs = alert.firstAtMs + settings.forMs
    decide('pending', `told if it lasts until ${instant(untilMs)} (alerts.for ${words(settings.forMs)})`)
    input.wakeAt(untilMs)
    return
  }
  const wasTold = group.told.has(alert.id)
  if (alert.state === 'acknowledged') {
    const when = wasTold ? 'not repeated' : 'not told'
    decide('acknowledged', `acknowledged by ${alert.acknowledgedBy ?? 'somebody'}: ${when}`)
    if (wasTold && group.told.get(alert.id) !== 'acknowledged') {
      group.told.set(alert.id, 'acknowledged')
      group.isChanged = true
    }
    return
  }
  const silence = silenceOf(alert, input)
  if (silence !== undefined) {
    const isNew = group.decided.get(alert.id) !== 'silenced'
    decide(
      'silenced',
      `silence ${silence.id} of ${silence.createdBy} until ${instant(silence.endsAtMs)} (${silence.reason})`,
    )
    if (isNew) input.hide(silence.id)
    input.wakeAt(silence.endsAtMs)
    return
  }
  const cause = findInhibitor(alert, input.causes, (kind) => channel.on.includes(kind))
  if (cause !== undefined) {
    decide(
      'inhibited',
      `${cause.kind} ${cause.id} of the same ${alert.kind === 'file_quarantined' ? 'run' : 'source'} explains it`,
    )
    return
  }
  if (!wasTold) {
    fresh.push(alert)
    return
  }
  if (input.returned.has(alert.id))
    decide('told', `it came back within alerts.group_interval ${words(settings.groupIntervalMs)}: told once`)
  else if (group.decided.get(alert.id) !== 'sent')
    decide('told', `told before; again after alerts.repeat_interval ${words(settings.repeatIntervalMs)}`)
  open.push(alert)
}

function silenceOf(alert: AlertRecord, { silences }: SurveyInput): SilenceRecord | undefined {
  return silences.find(({ matcher }) => matches(matcher, alert))
}

export function activeSilences(silences: readonly SilenceRecord[], nowMs: number): readonly SilenceRecord[] {
  return silences.filter((silence) => isActive(silence, nowMs))
}

/** `30s`, `5m`, `4h`. */
export function words(ms: number): string {
  if (ms % 3_600_000 === 0 && ms > 0) return `${ms / 3_600_000}h`
  if (ms % 60_000 === 0 && ms > 0) return `${ms / 60_000}m`
  return `${ms / 1000}s`
}
