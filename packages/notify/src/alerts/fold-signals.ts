/**
 * Signals → alerts.
 *
 *   (1) Of (kind, source, dataset) at most one alert is open: a further signal counts on it.
 *   (2) What comes back within `group_interval`, while a group still holds it as told, is the same alert and not a new one.
 *   (3) A resolution of what is not open changes nothing.
 */
import type { AlertRecord, AlertSignal, AlertsConfig, AlertKind } from '@tidegate/core'
import { digest } from '../digest.ts'
import { readDetail } from './read-detail.ts'

export interface Folded {
  /** All that were given, as they are now, and the new ones. */
  readonly alerts: ReadonlyMap<string, AlertRecord>
  readonly changed: ReadonlySet<string>
  readonly news: readonly AlertSignal[]
  /** Came back within `group_interval`. */
  readonly returned: ReadonlySet<string>
}

export function foldSignals(
  alerts: readonly AlertRecord[],
  signals: readonly AlertSignal[],
  { forMs, groupIntervalMs }: Pick<AlertsConfig, 'forMs' | 'groupIntervalMs'>,
  nowMs: number,
): Folded {
  const byId = new Map(alerts.map((alert) => [alert.id, alert]))
  // The newest of a place: an open one, else the one that was over last.
  const byPlace = new Map<string, string>()
  for (const alert of alerts.toSorted((a, b) => endOf(a) - endOf(b))) byPlace.set(placeOf(alert), alert.id)
  const changed = new Set<string>()
  const returned = new Set<string>()
  const news: AlertSignal[] = []
  const put = (alert: AlertRecord): void => {
    byId.set(alert.id, alert)
    byPlace.set(placeOf(alert), alert.id)
    changed.add(alert.id)
  }
  const ended: { readonly alert: AlertRecord; readonly signal: AlertSignal }[] = []
  const resolve = (alert: AlertRecord, signal: AlertSignal): void => {
    if (alert.state === 'resolved') return
    const over = readDetail(signal.detail).text('because')
    const detail = over === '' ? alert.detail : { ...alert.detail, over }
    put({ ...alert, state: 'resolved', resolvedAtMs: signal.atMs, detail })
    if (alert.state !== 'pending') ended.push({ alert, signal })
  }
  for (const signal of signals) {
    if (signal.effect === 'news') {
      news.push(signal)
      continue
    }
    const known = byId.get(byPlace.get(placeOf(signal as Placed)) ?? '')
    if (signal.effect === 'raise') {
      const next = raised(known, signal, forMs, groupIntervalMs)
      if (known?.state === 'resolved' && next.id === known.id) returned.add(next.id)
      put(next)
    } else if (signal.dataset !== null) {
      if (known !== undefined) resolve(known, signal)
    } else {
      const except = new Set(readDetail(signal.detail).texts('except'))
      for (const alert of byId.values())
        if (alert.kind === signal.kind && alert.source === signal.source && !except.has(alert.dataset ?? ''))
          resolve(alert, signal)
    }
  }
  for (const alert of byId.values())
    if (alert.state === 'pending' && nowMs >= alert.firstAtMs + forMs)
      put({ ...alert, state: 'firing', firingAtMs: nowMs })
  return { alerts: byId, changed, returned, news: [...news, ...recoveries(ended, byId)] }
}

type Placed = Pick<AlertRecord, 'kind' | 'source' | 'dataset'>

function placeOf({ kind, source, dataset }: Placed): string {
  return JSON.stringify([kind, source, dataset])
}

function endOf({ resolvedAtMs }: AlertRecord): number {
  return resolvedAtMs ?? Number.POSITIVE_INFINITY
}

function raised(
  known: AlertRecord | undefined,
  signal: AlertSignal,
  forMs: number,
  groupIntervalMs: number,
): AlertRecord {
  const { atMs, severity, run, detail } = signal
  const seen = { severity, run, detail }
  if (known !== undefined && known.state !== 'resolved')
    return { ...known, ...seen, lastAtMs: Math.max(known.lastAtMs, atMs), count: known.count + 1 }
  if (known?.firingAtMs != null && known.resolvedAtMs !== null && atMs - known.resolvedAtMs < groupIntervalMs)
    return {
      ...known,
      ...seen,
      state: known.acknowledgedAtMs === null ? 'firing' : 'acknowledged',
      lastAtMs: atMs,
      count: known.count + 1,
      resolvedAtMs: null,
    }
  return {
    id: `al-${digest([signal.key]).slice(0, 16)}`,
    kind: signal.kind as AlertKind,
    source: signal.source,
    dataset: signal.dataset,
    ...seen,
    state: forMs > 0 ? 'pending' : 'firing',
    firstAtMs: atMs,
    lastAtMs: atMs,
    count: 1,
    firingAtMs: forMs > 0 ? null : atMs,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
    note: null,
    resolvedAtMs: null,
  }
}

/** News for who asks for `recovered` only. Files in quarantine are not told beside the gate that held them. */
function recoveries(
  over: readonly { readonly alert: AlertRecord; readonly signal: AlertSignal }[],
  alerts: ReadonlyMap<string, AlertRecord>,
): readonly AlertSignal[] {
  const stayed = over.filter(({ alert }) => alerts.get(alert.id)?.state === 'resolved')
  const gates = new Set(stayed.flatMap(({ alert }) => (alert.kind === 'gate_failed' ? [besides(alert)] : [])))
  return stayed
    .filter(({ alert }) => alert.kind !== 'file_quarantined' || !gates.has(besides(alert)))
    .map(({ alert, signal }) => ({
      key: `sg_${digest(['recovered', alert.id, signal.key])}`,
      kind: 'recovered',
      effect: 'news',
      source: alert.source,
      dataset: alert.dataset,
      severity: 'info',
      run: signal.run,
      atMs: signal.atMs,
      detail: { from: alert.kind, alert: alert.id },
    }))
}

function besides({ source, dataset }: AlertRecord): string {
  return JSON.stringify([source, dataset])
}
