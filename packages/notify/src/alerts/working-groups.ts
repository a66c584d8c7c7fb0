import type { AlertGroup, AlertRecord, AlertsConfig, AlertSignal, AlertState, DecisionOutcome } from '@tidegate/core'

/** A group while a step works on it. */
export interface WorkingGroup {
  readonly channel: string
  readonly key: string
  waitingSinceMs: number | null
  lastSentAtMs: number | null
  readonly told: Map<string, AlertState>
  readonly decided: Map<string, DecisionOutcome>
  news: readonly AlertSignal[]
  isChanged: boolean
}

export interface WorkingGroups {
  of(channel: string, key: string): WorkingGroup
  /** What was told of an alert goes with it when `group_by` was edited. */
  forAlert(channel: string, alert: AlertRecord): WorkingGroup
  ofChannel(channel: string): readonly WorkingGroup[]
  changed(): readonly AlertGroup[]
}

/** Key of the group of news. No group of alerts has it. */
export const NEWS_GROUP = '~news'

/** Groups as a step may change them. Alerts that are not in `alerts` are forgotten. */
export function openGroups(
  groups: readonly AlertGroup[],
  alerts: ReadonlyMap<string, AlertRecord>,
  { groupBy }: Pick<AlertsConfig, 'groupBy'>,
): WorkingGroups {
  const byChannel = new Map<string, Map<string, WorkingGroup>>()
  const of = (channel: string, key: string): WorkingGroup => {
    const own = byChannel.get(channel) ?? new Map<string, WorkingGroup>()
    byChannel.set(channel, own)
    const group = own.get(key) ?? newGroup(channel, key)
    own.set(key, group)
    return group
  }
  const keys = new Map<string, string>()
  const keyOf = (alert: AlertRecord): string => {
    const key = keys.get(alert.id) ?? groupKey(alert, groupBy)
    keys.set(alert.id, key)
    return key
  }
  for (const { channel, key, waitingSinceMs, lastSentAtMs, news } of groups)
    Object.assign(of(channel, key), { waitingSinceMs, lastSentAtMs, news })
  for (const { channel, key, told, decided, lastSentAtMs } of groups) {
    const group = of(channel, key)
    const ids = new Set([...Object.keys(told), ...Object.keys(decided)])
    for (const id of ids) {
      const alert = alerts.get(id)
      const own = alert === undefined ? undefined : of(channel, keyOf(alert))
      if (own !== group) group.isChanged = true
      if (own === undefined) continue
      const [state, outcome] = [told[id], decided[id]]
      if (state !== undefined) own.told.set(id, state)
      if (outcome !== undefined) own.decided.set(id, outcome)
      if (own === group) continue
      own.isChanged = true
      if (state !== undefined && (own.lastSentAtMs ?? 0) < (lastSentAtMs ?? 0)) own.lastSentAtMs = lastSentAtMs
    }
  }
  return {
    of,
    forAlert: (channel, alert) => of(channel, keyOf(alert)),
    ofChannel: (channel) => [...(byChannel.get(channel)?.values() ?? [])],
    changed: () => [...byChannel.values()].flatMap((own) => [...own.values()].filter(hasChanged).map(toGroup)),
  }
}

function newGroup(channel: string, key: string): WorkingGroup {
  const maps = { told: new Map<string, AlertState>(), decided: new Map<string, DecisionOutcome>() }
  return { channel, key, waitingSinceMs: null, lastSentAtMs: null, ...maps, news: [], isChanged: false }
}

function hasChanged({ isChanged }: WorkingGroup): boolean {
  return isChanged
}

function toGroup({ channel, key, waitingSinceMs, lastSentAtMs, told, decided, news }: WorkingGroup): AlertGroup {
  return {
    channel,
    key,
    waitingSinceMs,
    lastSentAtMs,
    told: Object.fromEntries(told),
    decided: Object.fromEntries(decided),
    news,
  }
}

/** `source=orders`, `kind=stale, source=orders`; `all` where everything is told together. */
function groupKey(alert: AlertRecord, groupBy: AlertsConfig['groupBy']): string {
  if (groupBy.length === 0) return 'all'
  return groupBy
    .map((label) => {
      const value = alert[label] ?? ''
      return `${label}=${/^[\w./-]*$/.test(value) ? value : JSON.stringify(value)}`
    })
    .join(', ')
}
