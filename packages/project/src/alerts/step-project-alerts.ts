/** The alert engine over a state: what was seen becomes alerts, and what is to be told goes into the outbox. */
import type { AlertRecord, AlertsConfig, Config, Operations } from '@tidegate/core'
import { stepAlerts, type AlertChannel, type AlertStep } from '@tidegate/notify'
import { findGone, type GoneChannel } from './gone-channel.ts'

export type AlertsState = Pick<
  Operations,
  | 'alertRevision'
  | 'applyAlertStep'
  | 'getAlert'
  | 'listDeliveries'
  | 'listGroups'
  | 'listSilences'
  | 'openAlerts'
  | 'pendingSignals'
  | 'sentSince'
>

export interface StepReport {
  readonly signals: number
  readonly notices: number
  /** When something may become due without a further signal; null: never. */
  readonly nextWakeMs: number | null
  /** After the step. */
  readonly revision: number
}

/** A storm of signals is folded in portions; nobody is told before the last one. */
const SIGNALS_AT_ONCE = 5000
const HOUR_MS = 3_600_000

/**
 * Steps until nothing is left to fold. Somebody else's step, acknowledgement or silence in between makes it begin again with
 * what is now.
 */
export async function stepProjectAlerts(
  state: AlertsState,
  config: Pick<Config, 'channels' | 'sources'>,
  settings: AlertsConfig,
  nowMs: () => number,
): Promise<StepReport> {
  let [folded, made] = [0, 0]
  for (;;) {
    const basedOn = await state.alertRevision()
    const signals = await state.pendingSignals(SIGNALS_AT_ONCE)
    const tell = signals.length < SIGNALS_AT_ONCE
    const step = await plan(state, config, settings, nowMs(), signals, tell)
    const isIdle = changesNothing(step)
    if (!isIdle && !(await state.applyAlertStep({ basedOn, ...step }))) continue
    folded += step.folded.length
    made += step.notices.length
    if (tell)
      return { signals: folded, notices: made, nextWakeMs: step.nextWakeMs, revision: basedOn + (isIdle ? 0 : 1) }
  }
}

async function plan(
  state: AlertsState,
  config: Pick<Config, 'channels' | 'sources'>,
  settings: AlertsConfig,
  nowMs: number,
  signals: Awaited<ReturnType<AlertsState['pendingSignals']>>,
  tell: boolean,
): Promise<AlertStep> {
  const groups = await state.listGroups()
  const open = await state.openAlerts()
  const sent = Map.groupBy(await state.sentSince(nowMs - HOUR_MS), ({ channel }) => channel)
  return stepAlerts({
    nowMs,
    alerts: [...open, ...(await toldAndOver(state, groups, open))],
    groups,
    silences: await state.listSilences(),
    signals,
    channels: alertChannels(config),
    notify: new Map(config.sources.map(({ name, notify }) => [name, notify])),
    settings,
    sent: new Map([...sent].map(([channel, messages]) => [channel, messages.map(({ atMs }) => atMs)])),
    gone: tell ? await goneChannels(state, config, nowMs) : undefined,
    tell,
  })
}

async function goneChannels(
  state: AlertsState,
  { channels }: Pick<Config, 'channels'>,
  nowMs: number,
): Promise<ReadonlyMap<string, GoneChannel>> {
  const found = new Map<string, GoneChannel>()
  for (const channel of channels) {
    const gone = channel.kind === 'openlineage' ? undefined : await findGone(state, channel, nowMs)
    if (gone !== undefined) found.set(channel.name, gone)
  }
  return found
}

/** Alerts that are over and whose end is not told yet. */
async function toldAndOver(
  state: AlertsState,
  groups: Awaited<ReturnType<AlertsState['listGroups']>>,
  open: readonly AlertRecord[],
): Promise<readonly AlertRecord[]> {
  const known = new Set(open.map(({ id }) => id))
  const ids = new Set(groups.flatMap(({ told }) => Object.keys(told)).filter((id) => !known.has(id)))
  const found: AlertRecord[] = []
  for (const id of ids) {
    const alert = await state.getAlert(id)
    if (alert !== undefined) found.push(alert)
  }
  return found
}

/** Lineage is told of runs and not of alerts. */
export function alertChannels({ channels }: Pick<Config, 'channels'>): readonly AlertChannel[] {
  return channels.filter(({ kind }) => kind !== 'openlineage')
}

function changesNothing({ alerts, groups, decisions, notices, folded }: AlertStep): boolean {
  return alerts.length + groups.length + decisions.length + notices.length + folded.length === 0
}
